"""The house style, held: short files and functions, documented and typed, one broad except, no vague names."""

import ast
import re
from pathlib import Path

import pytest

from tests.source import ROOT, functions, modules, tree

VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "core", "base", "misc", "tools"}
LOOPS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.AsyncFor, ast.AsyncWith, ast.Match)
PRODUCT = list(modules().values())
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def _depth(node: ast.AST, depth: int = 0) -> int:
    deepest = depth
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        chained = isinstance(node, ast.If) and child in node.orelse and isinstance(child, ast.If)
        deepest = max(deepest, _depth(child, depth + (isinstance(child, LOOPS) and not chained)))
    return deepest


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    names = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def _public(path: Path) -> list[ast.AST]:
    found: list[ast.AST] = [tree(path)]
    for node in ast.walk(tree(path)):
        for child in ast.iter_child_nodes(node) if isinstance(node, ast.Module | ast.ClassDef) else ():
            kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            if isinstance(child, kinds) and not child.name.startswith("_") and not _hidden(node):
                found.append(child)
    return found


def _hidden(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and node.name.startswith("_")


@pytest.mark.parametrize("path", PRODUCT, ids=_named)
def test_files_are_short(path: Path):
    assert _lines(path) <= 300


@pytest.mark.parametrize("path", TESTS, ids=_named)
def test_test_files_are_short(path: Path):
    assert _lines(path) <= 400


@pytest.mark.parametrize("path", PRODUCT, ids=_named)
def test_functions_are_short_flat_and_take_few_parameters(path: Path):
    for function in functions(path):
        place = f"{function.name}, line {function.lineno}"
        assert (function.end_lineno or 0) - function.lineno < 40, f"{place} is long"
        assert _depth(function) <= 3, f"{place} nests deeply"
        assert _parameters(function) <= 6, f"{place} takes many parameters"


@pytest.mark.parametrize("path", PRODUCT, ids=_named)
def test_everything_public_is_documented(path: Path):
    for node in _public(path):
        assert ast.get_docstring(node), f"{getattr(node, 'name', 'the module')} has no docstring"


@pytest.mark.parametrize("path", PRODUCT, ids=_named)
def test_everything_is_annotated(path: Path):
    for function in functions(path):
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        bare = [arg.arg for arg in arguments if arg.annotation is None and arg.arg not in ("self", "cls")]
        assert not bare, f"{function.name}, line {function.lineno}: {bare}"


@pytest.mark.parametrize("path", PRODUCT, ids=_named)
def test_names_say_what_they_are(path: Path):
    assert not VAGUE & set(re.split(r"[_/.]", _named(path).removesuffix(".py")))


@pytest.mark.parametrize("path", PRODUCT, ids=_named)
def test_nothing_is_left_unfinished(path: Path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text)
    assert not [node for node in ast.walk(tree(path)) if isinstance(node, ast.Global)]


@pytest.mark.parametrize("path", PRODUCT, ids=_named)
def test_only_the_command_line_prints(path: Path):
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    printed = [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
    assert not printed or _named(path) == "workbench/cli.py"


def test_one_broad_except_in_the_worker():
    broad = []
    for path in PRODUCT:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ExceptHandler):
                caught = (
                    {"Exception", "BaseException"} & {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
                    if node.type
                    else {"all"}
                )
                broad += [f"{_named(path)}:{node.lineno}"] if caught else []
    assert len(broad) == 1 and broad[0].startswith("workbench/worker.py:"), broad


@pytest.mark.parametrize("path", PRODUCT, ids=_named)
def test_every_module_has_its_test(path: Path):
    kinds = (ast.FunctionDef, ast.ClassDef)
    if not any(isinstance(node, kinds) and not node.name.startswith("__") for node in tree(path).body):
        return
    parts = path.relative_to(ROOT).with_suffix("").parts
    own = ROOT.joinpath("tests", *parts[:-1], f"test_{parts[-1]}.py")
    of_package = ROOT.joinpath("tests", *parts[:-2], f"test_{parts[-2]}.py") if len(parts) > 2 else own
    folder = ROOT.joinpath("tests", *parts[:-1])
    assert own.exists() or of_package.exists() or list(folder.glob(f"test_{parts[-1]}_*.py")), f"{own} is missing"

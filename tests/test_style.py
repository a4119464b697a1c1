"""The house style, held: short files and functions, documented and typed, one broad except, no vague names."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.source import ROOT, functions, modules, tree

VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "core", "base", "misc", "tools"}
UNSEARCHABLE = {
    "keepsake", "keepsakes", "keeping", "surroundings", "desk", "doors", "sight", "visits", "gallery", "offers", "told",
    "reasons", "phrases", "drawer", "ledger", "diary", "furnished", "kept_answers", "kept_facts", "made_once",
    "token_draw", "prompt_room", "arms_alike", "arm_fields", "shorter", "grounds", "quiet", "assignments", "stretch",
}  # fmt: skip
"""Words that name a thing of the field by a picture of ours, so that a stranger does not find it: modules, classes,
functions and methods that others call may not have them in their names."""
NO_VERBS = {
    "The", "A", "An", "Whether", "What", "How", "Every", "Where", "One", "Each", "All", "Rows", "Which", "Several",
    "Who", "Why", "When",
}  # fmt: skip
LOOPS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.AsyncFor, ast.AsyncWith, ast.Match)
KINDS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
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
            if isinstance(child, KINDS) and not child.name.startswith("_") and not _hidden(node):
                found.append(child)
    return found


def _hidden(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and node.name.startswith("_")


def _offenders(paths: list[Path], faults: Callable[[Path], Iterable[str]]) -> list[str]:
    """Every fault of every file, each with its place."""
    return [f"{_named(path)}: {fault}" for path in paths for fault in faults(path)]


def _called(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Public functions and methods; properties are named like what they give."""
    for function in functions(path):
        named = any(
            "property" in ast.unparse(each) or "setter" in ast.unparse(each) for each in function.decorator_list
        )
        if not function.name.startswith("_") and not named:
            yield function


def test_docstrings_of_functions_open_with_a_verb():
    def faults(path: Path) -> Iterator[str]:
        for function in _called(path):
            first, *_ = (ast.get_docstring(function) or "-").split()
            if first in NO_VERBS or first[0] in '`"':
                yield f"{function.name}, line {function.lineno}, opens with {first}"

    assert not _offenders(PRODUCT, faults)


def test_files_are_short():
    assert not _offenders(PRODUCT, lambda path: [f"{_lines(path)} lines"] if _lines(path) > 300 else [])
    assert not _offenders(TESTS, lambda path: [f"{_lines(path)} lines"] if _lines(path) > 400 else [])


def test_functions_are_short_flat_and_take_few_parameters():
    def faults(path: Path) -> Iterator[str]:
        for function in functions(path):
            place = f"{function.name}, line {function.lineno}"
            if (function.end_lineno or 0) - function.lineno >= 40:
                yield f"{place} is long"
            if _depth(function) > 3:
                yield f"{place} nests deeply"
            if _parameters(function) > 6:
                yield f"{place} takes many parameters"

    assert not _offenders(PRODUCT, faults)


def test_everything_public_is_documented():
    def faults(path: Path) -> list[str]:
        return [getattr(node, "name", "the module") for node in _public(path) if not ast.get_docstring(node)]

    assert not _offenders(PRODUCT, faults)


def test_everything_is_annotated():
    def faults(path: Path) -> Iterator[str]:
        for function in functions(path):
            arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            bare = [arg.arg for arg in arguments if arg.annotation is None and arg.arg not in ("self", "cls")]
            if bare:
                yield f"{function.name}, line {function.lineno}: {bare}"

    assert not _offenders(PRODUCT, faults)


def test_names_say_what_they_are():
    def faults(path: Path) -> set[str]:
        return VAGUE & set(re.split(r"[_/.]", _named(path).removesuffix(".py")))

    assert not _offenders(PRODUCT, faults)


def test_names_are_those_of_the_field():
    def called(path: Path) -> set[str]:
        nodes = [child for public in _public(path) for child in (public, *ast.iter_child_nodes(public))]
        names = {getattr(node, "name", "") for node in nodes if isinstance(node, KINDS)}
        return {path.stem, *(name for name in names if not name.startswith("_"))}

    def faults(path: Path) -> set[str]:
        return {name for name in called(path) if UNSEARCHABLE & {name.lower(), *_words(name)}}

    assert not _offenders(PRODUCT, faults)


def _words(name: str) -> set[str]:
    """The words of a name in snake or camel case."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}


def test_nothing_is_left_unfinished():
    def faults(path: Path) -> Iterator[str]:
        yield from re.findall(r"\b(TODO|FIXME|XXX|HACK)\b", path.read_text(encoding="utf-8"))
        yield from ("global" for node in ast.walk(tree(path)) if isinstance(node, ast.Global))

    assert not _offenders(PRODUCT, faults)


def test_only_the_command_line_prints():
    def faults(path: Path) -> list[str]:
        calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
        return [f"line {c.lineno}" for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"]

    assert not _offenders([path for path in PRODUCT if _named(path) != "workbench/cli/cli.py"], faults)


def test_one_broad_except_in_the_worker():
    def faults(path: Path) -> Iterator[str]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ExceptHandler):
                names = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else {"Exception"}
                if names & {"Exception", "BaseException"}:
                    yield str(node.lineno)

    broad = _offenders(PRODUCT, faults)
    assert len(broad) == 1 and broad[0].startswith("workbench/worker/worker.py:"), broad


def test_every_module_has_its_test():
    kinds = (ast.FunctionDef, ast.ClassDef)

    def faults(path: Path) -> Iterator[str]:
        if any(isinstance(node, kinds) and not node.name.startswith("__") for node in tree(path).body):
            parts = path.relative_to(ROOT).with_suffix("").parts
            own = ROOT.joinpath("tests", *parts[:-1], f"test_{parts[-1]}.py")
            of_package = ROOT.joinpath("tests", *parts[:-2], f"test_{parts[-2]}.py") if len(parts) > 2 else own
            folder = ROOT.joinpath("tests", *parts[:-1])
            if not (own.exists() or of_package.exists() or list(folder.glob(f"test_{parts[-1]}_*.py"))):
                yield f"{own} is missing"

    assert not _offenders(PRODUCT, faults)

"""Sentences of the page are said through the catalogue of messages, in every file that the page shows words of."""

import ast
import re
from pathlib import Path

import pytest

from tests.source import ROOT, modules

SAID_BY = {"say", "say_html", "say_many", "noted"}
PACKAGES = ("workbench.ui.", "workbench.figures.", "workbench.statistics.")
MODULES = ("workbench.formatting", "workbench.number_format", "workbench.bench.verdict_groups")
SENTENCE = re.compile(r"(?=.*\w\W*\s\W*\w)(^|.*[\s“>(])[A-Z]\w*(\W|$)", re.DOTALL)
"""Two or more words, one of them with a capital."""
NO_PROSE = re.compile(r"=>|sans-serif|[{};]\s*$|^[\w.-]+/|^[A-Z_ ]+$|^[MLHVZ\d., -]+$")
"""Scripts, style, paths, names of environment variables."""
INTERNAL = {"ValueError", "TypeError", "KeyError", "AssertionError", "LookupError", "LocalFont"}
"""What speaks to programmers alone, and names of fonts."""

STILL = frozenset[str]()
"""Files that hold sentences of their own yet; this list may only shrink."""


class Unsaid(ast.NodeVisitor):
    """Collects (line, text) of sentences outside the catalogue: no docstrings, annotations, errors of programmers."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        """Annotations say nothing."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        node.returns = None
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in INTERNAL:
            return
        given = [*node.args, *(pair.value for pair in node.keywords)]
        for value in [node.func, *given]:
            if not (name in SAID_BY and value in node.args and isinstance(value, ast.Constant)):
                self.visit(value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """The fixed parts are one sentence, with a word for each gap."""
        self._check(node, "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._check(node, node.value)

    def _check(self, node: ast.expr, text: str) -> None:
        if SENTENCE.match(text) and not NO_PROSE.search(text):
            self.found.append((node.lineno, text))


def unsaid(source: str) -> list[tuple[int, str]]:
    """Return line and text of every sentence that is not said through the catalogue."""
    visitor = Unsaid()
    visitor.visit(ast.parse(source))
    return visitor.found


def shown() -> dict[str, Path]:
    """Return the files whose words the page shows."""
    named = {name: path for name, path in modules().items() if name in MODULES or name.startswith(PACKAGES)}
    return {path.relative_to(ROOT).as_posix(): path for path in named.values()}


def test_every_sentence_of_the_page_is_said_through_the_catalogue():
    found = {name: unsaid(path.read_text(encoding="utf-8")) for name, path in shown().items()}
    told = [f"{name}:{line}: {text[:80]!r}" for name, each in sorted(found.items()) for line, text in each]
    assert not [line for line in told if line.partition(":")[0] not in STILL], "\n".join(told)


def test_the_list_of_files_to_convert_only_shrinks():
    converted = [name for name in STILL if name not in shown() or not unsaid(shown()[name].read_text("utf-8"))]
    assert not converted, f"take {converted} off the list"


@pytest.mark.parametrize(
    "source",
    [
        'tag("p", "No rows yet")', 'f"{n} rows of Every arm"', 'say(f"Held in {name}")', 'say("{a}", a="The gap says")',
        'WORDS = {"good": "Holds here"}', 'raise RunNotFound("This run was deleted.")',
    ],
)  # fmt: skip
def test_a_sentence_outside_the_catalogue_is_found(source: str):
    assert unsaid(source)


@pytest.mark.parametrize(
    "source",
    [
        'say("No rows yet")', 'noted("Holds here")', 'say_many("One row", "{n} rows of It", n)', 'tag("bw-a")',
        '"""The first line says what."""', 'raise ValueError("Not an element")', 'x: "A type" = 1', 'lambda: "a word"',
    ],
)  # fmt: skip
def test_what_is_said_or_not_shown_is_left(source: str):
    assert not unsaid(source)

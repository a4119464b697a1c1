"""The docstrings under the fields of a class: a setting's help, a column's meaning.

Pydantic reads them as each class is made, which was a third of the time that the methods' cards took to import. Here a
file is read when one of its classes is first asked about, and only once.
"""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from types import ModuleType

from pydantic import BaseModel

Docs = Mapping[str, str]


def field_docs(kind: type[BaseModel]) -> Docs:
    """Docstrings by field, those of base classes included; a field without one is left out."""
    docs: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        if issubclass(each, BaseModel) and each is not BaseModel and each.__module__ in sys.modules:
            docs |= _docs_of(sys.modules[each.__module__]).get(each.__qualname__, {})
    return docs


@cache
def _docs_of(module: ModuleType) -> Mapping[str, Docs]:
    """Docstrings by class and field; empty for what was not written in a file."""
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, TypeError, SyntaxError):
        return {}
    return {name: _below(body) for name, body in _classes(tree.body, "")}


def _classes(body: list[ast.stmt], inside: str) -> Iterator[tuple[str, list[ast.stmt]]]:
    for each in body:
        if isinstance(each, ast.ClassDef):
            yield inside + each.name, each.body
            yield from _classes(each.body, f"{inside}{each.name}.")
        elif isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _classes(each.body, f"{inside}{each.name}.<locals>.")


def _below(body: list[ast.stmt]) -> Docs:
    docs: dict[str, str] = {}
    for pair in pairwise(body):
        match pair:
            case (
                ast.AnnAssign(target=ast.Name(id=field), annotation=of),
                ast.Expr(value=ast.Constant(value=str() as said)),
            ) if not ast.unparse(of).startswith("ClassVar"):
                docs[field] = inspect.cleandoc(said)
    return docs

"""What an engine says about the rows it takes: a flat pydantic model whose fields may be marked.

    class Question(Record):
        question: Annotated[str, AlsoNamed("query", "q"), LooksLike(r"\\?\\s*$", "ends in a question mark")]
        answers: Annotated[tuple[str, ...], AlsoNamed("answer", "gold")]
        passage: Annotated[str, AlsoNamed("context")] = ""

A field without default is required in every row: an empty cell is an error there and the default elsewhere. Text loses
white space at its ends; fields of several values are tuples.
"""

import types
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

SEVERAL = (tuple, list, set, frozenset)


class AlsoNamed:
    """Marks a record field with the names that other people give it."""

    def __init__(self, *names: str) -> None:
        self.names = names


class JoinedWith:
    """Marks a text field whose text some data sets part over columns.

    Args:
        patterns: how the field's column, `{}`, is joined with another: "{body} {}", "{}\n\n{input}". Names are lower
            case, without spaces and signs.
    """

    def __init__(self, *patterns: str) -> None:
        self.patterns = patterns


@dataclass(frozen=True)
class LooksLike:
    """Marks a record field whose values have a look of their own.

    Attributes:
        pattern: regular expression that is searched in values.
        description: the look as a verb phrase: "ends in a question mark".
    """

    pattern: str
    description: str


class Record(BaseModel):
    """One row of a data set as an engine takes it; the base of every record type."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        coerce_numbers_to_str=True,
        str_strip_whitespace=True,
        allow_inf_nan=False,
    )

    # Fields that say what is asked: rows that are equal in them repeat each other; empty for all fields.
    same: ClassVar[tuple[str, ...]] = ()

    id: Annotated[str, AlsoNamed("uid", "key", "qid", "idx", "index")] = ""
    """Stable name of the row, unique in the data set: what the data calls it, else its line or row number."""


def value_type(field: FieldInfo) -> Any:
    """Return the type of a field's value, None left out of unions."""
    return _without_none(field.annotation)


def item_type(field: FieldInfo) -> Any:
    """Return the type of one of a field's several values; of its value where it has one."""
    kind = value_type(field)
    if get_origin(kind) in SEVERAL:
        return _without_none(get_args(kind)[0])
    return kind


def is_several(field: FieldInfo) -> bool:
    """Return whether a field holds several values."""
    return get_origin(value_type(field)) in SEVERAL


def described_type(field: FieldInfo) -> str:
    """Return what a value of the field must be, in words."""
    kind = item_type(field)
    if get_origin(kind) is Literal:
        one = f"one of {', '.join(map(str, get_args(kind)))}"
    else:
        one = {str: "text", int: "a whole number", float: "a number", bool: "yes or no"}.get(
            kind, "a value of its type"
        )
    return (
        f'a list, each item {one} (in a table: a JSON array, or parts between "|" or ";")' if is_several(field) else one
    )


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return kinds[0] if len(kinds) == 1 else annotation
    return annotation

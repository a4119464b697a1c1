from typing import Annotated, Literal

import pytest
from pydantic import ValidationError

from engines.parts.records.record_types import AlsoNamed, Record, described_type, is_several, item_type, value_type


class Kinds(Record):
    """One field of each kind."""

    text: str
    number: float | None = None
    count: Annotated[int, AlsoNamed("n")] = 0
    flag: bool = False
    choice: Literal["a", "b"] = "a"
    texts: tuple[str, ...] = ()
    numbers: tuple[float, ...] | None = None


FIELDS = Kinds.model_fields


def test_types_are_told_from_annotations():
    assert [name for name, field in FIELDS.items() if is_several(field)] == ["texts", "numbers"]
    assert value_type(FIELDS["number"]) is float
    assert item_type(FIELDS["numbers"]) is float and item_type(FIELDS["count"]) is int


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("text", "text"),
        ("number", "a number"),
        ("count", "a whole number"),
        ("flag", "yes or no"),
        ("choice", "one of a, b"),
        ("texts", 'a list, each item text (in a table: a JSON array, or parts between "|" or ";")'),
    ],
)
def test_types_are_described_in_words(name, words):
    assert described_type(FIELDS[name]) == words


def test_a_record_is_strict_where_a_reading_would_be_a_guess():
    assert Kinds(text=" 3.5 ", count="7", flag="yes", texts=[1, "x "]) == Kinds(
        text="3.5", count=7, flag=True, texts=("1", "x")
    )
    for wrong in ({"text": True}, {"text": "x", "other": 1}, {"text": "x", "number": "nan"}, {"text": "\ud800"}):
        with pytest.raises(ValidationError):
            Kinds(**wrong)

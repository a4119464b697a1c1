import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from engines.parts.records.cell_values import MISSING, CellReader, flattened, is_blank, is_readable, shown
from tests.engines.parts.records.test_record_types import FIELDS, Kinds


def test_nested_objects_are_flattened_beside_themselves():
    cells = {"a": {"b": {"c": 1}, "d": [1]}, "e": 2}
    assert flattened(cells) == {"a": cells["a"], "a.b": {"c": 1}, "a.b.c": 1, "a.d": [1], "e": 2}


def test_flattening_ends_at_a_depth():
    cells = value = {}
    for _ in range(100):
        value["x"] = value = {}
    assert sorted(flattened(cells)) == ["x", "x.x", "x.x.x", "x.x.x.x"]


@pytest.mark.parametrize("cell", [None, "", " \t\n", float("nan"), [], {}])
def test_blank_cells(cell):
    assert is_blank(cell)
    assert CellReader(FIELDS["text"])(cell) is MISSING


@pytest.mark.parametrize("cell", [0, False, "0", 0.0, [""], "nan"])
def test_cells_that_hold_something(cell):
    assert not is_blank(cell)


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("one", ["one"]),
        ("a|b | c", ["a", "b", "c"]),
        ("a; b", ["a", "b"]),
        ("a;b|c", ["a;b", "c"]),
        ('["a", "b"]', ["a", "b"]),
        ('["a", ', ['["a",']),
        ("[not json]", ["[not json]"]),
        ("[" * 10_000 + "]" * 10_000, ["[" * 10_000 + "]" * 10_000]),
        (["a", None, ""], ["a"]),
        ({"text": ["a"], "answer_start": [1]}, ["a"]),
        ({"other": 1}, {"other": 1}),
        (5, [5]),
        ("||", []),
    ],
)
def test_a_cell_of_several_values(cell, items):
    assert CellReader(FIELDS["texts"])(cell) == items


def test_a_list_of_one_is_its_item_where_one_is_wanted():
    assert CellReader(FIELDS["text"])(["a"]) == "a"
    assert CellReader(FIELDS["text"])(["a", "b"]) == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "cell", "readable"),
    [
        ("count", "3", True),
        ("count", "3.0", True),
        ("count", "three", False),
        ("flag", "no", True),
        ("choice", "c", False),
        ("text", 5, True),
        ("text", ["a", "b"], False),
        ("number", "1,5", False),
        ("numbers", "1|2", True),
    ],
)
def test_what_can_be_read_as_a_field(name, cell, readable):
    adapter = TypeAdapter(FIELDS[name].annotation, config=Kinds.model_config)
    assert is_readable(cell, CellReader(FIELDS[name]), adapter) is readable


@given(st.lists(st.text("abc ", min_size=1).filter(str.strip), min_size=2, max_size=5))
def test_parts_joined_by_a_bar_come_apart_again(parts):
    assert CellReader(FIELDS["texts"])("|".join(parts)) == [part.strip() for part in parts]


def test_long_values_are_cut():
    assert shown("x" * 100) == "'" + "x" * 56 + "..."
    assert shown(5) == "5"

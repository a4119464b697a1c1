import json

import pytest

from engines.parts.files import json_rows as module
from engines.parts.files.json_rows import json_line_rows, json_rows
from engines.parts.records.row_errors import RowError
from workbench.contract.errors import DataError

ROWS = [(1, {"a": 1, "b": "x"}), (2, {"a": 2, "b": "y"})]


@pytest.mark.parametrize(
    "value",
    [
        [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
        {"a": [1, 2], "b": ["x", "y"]},
        {"version": "1.1", "data": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]},
    ],
)
def test_tables_of_every_shape_read_alike(value):
    assert list(json_rows(json.dumps(value))) == ROWS


def test_json_lines_under_the_wrong_ending_are_read():
    assert list(json_rows('{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n')) == ROWS


def test_a_broken_line_is_named_and_passed_over():
    found = list(json_line_rows('{"a": 1, "b": "x"}\n{"a": 2, "b": \n\n[1]\n{"a": 2, "b": "y"}'))
    assert [each for each in found if not isinstance(each, RowError)] == [ROWS[0], (5, {"a": 2, "b": "y"})]
    assert [(each.line, each.row) for each in found if isinstance(each, RowError)] == [(2, '{"a": 2, "b":'), (4, "[1]")]


def test_an_element_that_is_no_object_is_named():
    found = list(json_rows('[{"a": 1}, 5]'))
    assert isinstance(found[1], RowError) and (found[1].line, found[1].row) == (2, 5)


@pytest.mark.parametrize(
    "text",
    [
        "5",
        '"x"',
        "{}",
        '{"a": 1}',
        '{"a": [1], "b": [1, 2]}',
        "nonsense",
        "[1",
        "[" * 100_000,
        '{"a": ' + "9" * 5_000 + "}",
    ],
)
def test_what_is_no_table_is_refused(text):
    with pytest.raises(DataError) as caught:
        list(json_rows(text))
    assert caught.value.hint and len(str(caught.value)) < 300


def test_an_empty_array_has_no_rows():
    assert list(json_rows("[]")) == []


def test_texts_that_would_take_too_much_memory_are_refused(monkeypatch):
    monkeypatch.setattr(module, "LARGEST_JSON", 50)
    with pytest.raises(DataError, match="at most 50 are read in one piece"):
        list(json_rows('[{"a": "' + "x" * 60 + '"}]'))
    found = list(json_line_rows('{"a": "' + "x" * 60 + '"}\n{"a": 1}'))
    assert isinstance(found[0], RowError) and found[1] == (2, {"a": 1})

"""CSV that spreadsheets read and do not run."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.export.csv_text import csv_of, safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_run_is_quoted(text: str):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize(
    ("value", "cell"),
    [(-1.5, -1.5), (0, 0), (None, ""), ("a-b", "a-b"), ([1, 2.5], "[1, 2.5]"), ({"a": "é"}, '{"a": "é"}')],
)
def test_values_keep_their_look(value: Any, cell: Any):
    assert safe_cell(value) == cell


@given(st.lists(st.tuples(st.text(alphabet="ab,\"'\n; é", max_size=8), st.integers()), max_size=5))
def test_what_was_written_is_read_back(rows: list[tuple[str, int]]):
    read = list(csv.reader(io.StringIO(csv_of(rows), newline="")))
    assert read == [[text, str(number)] for text, number in rows]

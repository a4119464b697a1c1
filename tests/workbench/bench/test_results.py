"""Rows and results as plain JSON."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.bench.results import rows_of, to_json


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ([1, 2], [1, 2]),
        ([1.5, float("nan")], [1.5, None]),
        ([float("inf"), -float("inf")], [None, None]),
        (["a", None], ["a", None]),
        ([True, False], [True, False]),
        (pd.array([1, None], dtype="Int64"), [1, None]),
        ([(1.0, float("nan")), (2.0, 3.0)], [[1.0, None], [2.0, 3.0]]),
        ([np.array([1, 2]), np.array([3])], [[1, 2], [3]]),
        ([{"a": float("nan")}, {}], [{"a": None}, {}]),
        (pd.to_datetime(["2024-01-02", None]), ["2024-01-02 00:00:00", None]),
    ],
)
def test_values_become_plain(column: Any, values: list[Any]):
    rows = rows_of(pd.DataFrame({"x": column}))
    assert [row["x"] for row in rows] == values
    assert [row["x"] for row in json.loads(to_json(rows))] == values


def test_an_empty_frame_has_no_rows():
    assert rows_of(pd.DataFrame(columns=["a", "b"])) == []


def test_floats_keep_every_digit():
    value = 0.1 + 0.2
    assert json.loads(to_json(rows_of(pd.DataFrame({"x": [value]}))))[0]["x"] == value


def test_json_has_no_numbers_that_are_none():
    assert json.loads(to_json({"low": float("nan"), "high": float("inf")})) == {"low": None, "high": None}

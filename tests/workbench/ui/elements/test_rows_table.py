import json

import numpy as np
import pandas as pd

from workbench.ui.elements.rows_table import MOST_ROWS, rows_json


def read(frame, **given):
    return json.loads(rows_json(frame, **given))


def test_rows_keep_their_types_and_missing_values_are_null():
    frame = pd.DataFrame(
        {
            "arm": ["a", None],
            "value": [1.5, np.nan],
            "seed": np.array([1, 2]),
            "pair": [(1, 2.5), ["x"]],
            "ok": [True, False],
        }
    )
    body = read(frame)
    assert body["columns"] == ["arm", "value", "seed", "pair", "ok"]
    assert body["numeric"] == [False, True, True, False, True]
    assert body["rows"] == [["a", 1.5, 1, [1, 2.5], True], [None, None, 2, ["x"], False]]
    assert body["total"] == 2 and body["key"] is None


def test_infinite_values_survive_as_text_since_json_has_none():
    assert read(pd.DataFrame({"v": [np.inf, -np.inf]}))["rows"] == [["inf"], ["-inf"]]


def test_only_the_first_rows_travel_and_the_total_is_told():
    body = read(pd.DataFrame({"n": range(MOST_ROWS + 5)}), total=99_999)
    assert len(body["rows"]) == MOST_ROWS and body["total"] == 99_999


def test_long_cells_are_cut():
    assert len(read(pd.DataFrame({"t": ["x" * 9_000]}))["rows"][0][0]) == 2_000


def test_the_selectable_column_is_named_by_place():
    frame = pd.DataFrame({"a": [1], "b": [2]})
    assert read(frame, key="b")["key"] == 1 and read(frame, key="z")["key"] is None

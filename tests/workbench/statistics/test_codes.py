"""Codes keep their order, and sums go where they belong."""

import numpy as np
import pandas as pd

from workbench.statistics.codes import (
    coded,
    common_keys,
    distinct,
    named_codes,
    ordered,
    positions,
    renumbered,
    summed,
)


def test_names_are_numbered_by_first_appearance():
    frame = pd.DataFrame({"item": ["b", None, "a", "b"], "seed": [3, 3, 7, 1]})
    names, codes = coded(frame, "item")
    assert list(names) == ["b", "a"] and codes.tolist() == [0, -1, 1, 0]
    assert named_codes(frame, "seed")[0] == ["3", "7", "1"]
    assert coded(frame.iloc[:0], "item")[1].tolist() == []


def test_rows_are_found_by_arm_and_metric():
    found = positions(np.array([0, 1, 0, 1]), np.array([1, 0, 1, 1]), ["a", "b"], ["x", "y"])
    assert {key: at.tolist() for key, at in found.items()} == {("a", "y"): [0, 2], ("b", "x"): [1], ("b", "y"): [3]}


def test_codes_without_gaps_keep_their_order():
    assert renumbered(np.array([7, 2, 7, 40])).tolist() == [1, 0, 1, 2]


def test_distinct_and_common_keys_are_in_order():
    assert distinct(np.array([4, -1, 4, 0])).tolist() == [-1, 0, 4]
    assert ordered(np.array([10**12, 3, 3])).tolist() == [3, 10**12]
    assert common_keys([np.array([5, 1, 9]), np.array([9, 5, 5])]).tolist() == [5, 9]


def test_values_are_summed_by_place():
    values = np.array([[1.0, 1.0], [2.0, 1.0], [4.0, 1.0]])
    assert summed(np.array([2, 0, 2]), values, 3).tolist() == [[2.0, 1.0], [0.0, 0.0], [5.0, 2.0]]

"""Outcomes as arrays: pairing, missing values, sums."""

import numpy as np
import pandas as pd
import pytest

from workbench.contract.claims import Cell, Metric
from workbench.contract.errors import DataError
from workbench.statistics.observations import Observations

METRICS = (
    Metric("score", "", "higher", ""),
    Metric("corpus", "", "higher", "", aggregate=lambda sums: sums[..., 0] / sums[..., 1]),
)


def outcomes(*rows: tuple) -> pd.DataFrame:
    """(arm, seed, item, value), then metric, cluster and slice where they differ from the usual."""
    usual = ("score", None, "")
    full = [(*row, *usual[len(row) - 4 :]) for row in rows]
    frame = pd.DataFrame(full, columns=["arm", "seed", "item", "value", "metric", "cluster", "slice"])
    return frame.astype({"value": object})


def sums(frame: pd.DataFrame, *cells: Cell):
    return Observations(frame, METRICS).sums(cells)


A, B = Cell("score", "a"), Cell("score", "b")


def test_sums_by_seed_and_item():
    found = sums(outcomes(("a", 0, "x", 1.0), ("a", 0, "y", 2.0), ("a", 1, "x", 4.0), ("a", 1, "y", 8.0)), A)
    assert found.seeds == (0, 1)
    assert found.totals[0].tolist() == [[3, 2], [12, 2]]
    assert found.parts is not None
    assert found.parts[0].tolist() == [[[1, 1], [2, 1]], [[4, 1], [8, 1]]]
    assert (found.items, found.clusters, found.dropped, found.binary) == (2, 2, 0, False)


def test_a_cluster_gathers_its_items():
    rows = [("a", 0, item, float(n), "score", cluster) for n, (item, cluster) in enumerate(["xc", "yc", "zd"])]
    found = sums(outcomes(*rows), A)
    assert (found.items, found.units, found.clusters) == (3, 3, 2)
    assert found.cluster is not None and found.cluster.tolist() == [0, 0, 1]
    assert found.counts is not None and found.counts.tolist() == [[[1, 1, 1]]]


def test_an_item_under_two_slices_is_two_units_of_one_cluster():
    rows = [("a", 0, "x", 1.0, "score", None, "json"), ("a", 0, "x", 0.0, "score", None, "yaml"), ("a", 0, "y", 1.0)]
    found = sums(outcomes(*rows), A)
    assert (found.items, found.units, found.clusters) == (2, 3, 2)
    assert found.cluster is not None and found.cluster.tolist() == [0, 0, 1]


def test_one_term_alone_keeps_the_units_that_it_has():
    frame = outcomes(("a", 0, "x", 1.0), ("a", 0, "y", 2.0), ("b", 0, "z", 5.0), ("b", 0, "w", 6.0))
    both = sums(frame, A, B)
    alone = both.term(1)
    assert (both.units, both.arms) == (4, ("a", "b"))
    assert (alone.units, alone.clusters, alone.arms) == (2, 2, ("b",))
    assert alone.parts is not None and alone.parts[0][0, :, 0].tolist() == [5.0, 6.0]


def test_an_item_without_cluster_is_its_own():
    found = sums(outcomes(("a", 0, "x", 0.0, "score", "c"), ("a", 0, "y", 1.0), ("a", 0, "c", 1.0)), A)
    assert found.clusters == 3


def test_a_cluster_reported_as_a_whole_is_one_item():
    found = sums(outcomes(("a", 0, None, 1.0, "score", "fr"), ("a", 0, None, 0.0, "score", "de")), A)
    assert (found.items, found.clusters) == (2, 2)


def test_arms_are_paired_on_what_both_have():
    frame = outcomes(("a", 0, "x", 1.0), ("a", 0, "y", 2.0), ("b", 0, "y", 5.0), ("b", 0, "z", 7.0))
    found = sums(frame, A, B)
    assert found.dropped == 2
    assert [total.tolist() for total in found.totals] == [[[2, 1]], [[5, 1]]]


def test_an_item_missing_under_one_seed_is_dropped_under_that_seed_only():
    rows = [(arm, seed, item, 1.0) for arm in "ab" for seed in (0, 1) for item in "xy"]
    found = sums(outcomes(*(row for row in rows if row[:3] != ("b", 1, "y"))), A, B)
    assert found.dropped == 1
    assert [total[:, 1].tolist() for total in found.totals] == [[2, 1], [2, 1]]


def test_arms_without_a_common_item_are_independent_samples():
    found = sums(outcomes(("a", 0, "x", 1.0), ("b", 0, "y", 5.0)), A, B)
    assert (found.dropped, found.items) == (0, 2)


def test_different_slices_are_not_paired():
    frame = outcomes(("a", 0, "x", 1.0, "score", None, "p"), ("a", 0, "y", 2.0, "score", None, "q"))
    found = sums(frame, Cell("score", "a", "p"), Cell("score", "a", "q"))
    assert found.dropped == 0


def test_an_item_in_two_slices_is_one_cluster():
    frame = outcomes(("a", 0, "x", 1.0, "score", None, "p"), ("a", 0, "x", 2.0, "score", None, "q"))
    assert sums(frame, A).clusters == 1
    assert sums(frame, A).totals[0].tolist() == [[3, 2]]


def test_seeds_that_one_arm_lacks_are_left_out():
    frame = outcomes(("a", 0, "x", 1.0), ("a", 1, "x", 1.0), ("b", 1, "x", 1.0), ("b", 2, "x", 1.0))
    found = sums(frame, A, Cell("score", "b"))
    assert found.seeds == (1,)


def test_without_items_there_are_totals_only():
    found = sums(outcomes(("a", 0, None, 1.0), ("a", 1, None, 3.0)), A)
    assert found.parts is None and found.counts is None
    assert found.totals[0].tolist() == [[1, 1], [3, 1]]
    assert (found.items, found.clusters) == (0, 0)


def test_sufficient_statistics_are_summed_by_component():
    frame = outcomes(("a", 0, "x", (1.0, 2.0), "corpus"), ("a", 0, "y", (3.0, 4.0), "corpus"))
    assert sums(frame, Cell("corpus", "a")).totals[0].tolist() == [[4, 6]]


def test_lists_as_read_from_json_are_statistics_too():
    assert sums(outcomes(("a", 0, "x", [1, 2], "corpus")), Cell("corpus", "a")).totals[0].tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("frame", "cells", "sentence"),
    [
        (outcomes(("a", 0, "x", 1.0)), (A, B), "Arm b has no outcomes of score"),
        (outcomes(("a", 0, "x", 1.0)), (Cell("score", "a", "q"),), "under slice 'q'"),
        (outcomes(("a", 0, "x", np.nan), ("a", 0, "y", 1.0)), (A,), "1 of 2 values of score under arm a"),
        (outcomes(("a", 0, "x", np.inf)), (A,), "not finite numbers"),
        (outcomes(("a", 0, "x", (1.0, 2.0))), (A,), "has no aggregate"),
        (
            outcomes(("a", 0, "x", (1.0,), "corpus"), ("a", 0, "y", (1.0, 2.0), "corpus")),
            (Cell("corpus", "a"),),
            "length",
        ),
        (outcomes(("a", 0, "x", "high")), (A,), "no numbers"),
        (outcomes(("a", 0, "x", None)), (A,), "not finite numbers"),
        (outcomes(("a", 0, "x", 1.0), ("b", 1, "x", 1.0)), (A, B), "No seed"),
        (outcomes(("a", 0, None, 1.0), ("b", 1, None, 1.0)), (A, B), "No seed"),
    ],
)
def test_what_cannot_be_used_is_said(frame: pd.DataFrame, cells: tuple[Cell, ...], sentence: str):
    with pytest.raises(DataError, match=sentence):
        sums(frame, *cells)


def test_an_empty_table_has_no_arms():
    empty = Observations(outcomes(("a", 0, "x", 1.0)).iloc[:0], METRICS)
    assert empty.arms == [] and empty.slices_of("score", "a") == []


def test_a_frame_without_columns_is_an_empty_table():
    assert Observations(pd.DataFrame(), METRICS).arms == []


def test_slices_are_those_of_the_arm_and_metric():
    frame = outcomes(("a", 0, "x", 1.0, "score", None, "p"), ("b", 0, "x", 1.0, "score", None, "q"))
    assert Observations(frame, METRICS).slices_of("score", "a") == ["p"]

"""Influences: hand-computed, summing to zero, and when seeds count as changing nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.workbench.statistics.small_sums import mean, mean_terms, table
from workbench.contract.errors import DataError
from workbench.statistics.influences import (
    SEEN_TWICE,
    Term,
    cluster_influences,
    seen_once,
    term_values,
    unit_influences,
)

values = arrays(float, st.tuples(st.integers(1, 3), st.integers(4, 9)), elements=st.floats(-10, 10))


def test_of_a_mean_by_hand():
    sums = table(np.array([[1.0, 2.0, 6.0]]), cluster=[0, 0, 1])
    assert unit_influences(mean_terms([1.0]), sums).tolist() == [[-2 / 3, -1 / 3, 1.0]]
    assert cluster_influences(mean_terms([2.0]), sums).tolist() == [[[-2.0, 2.0]]]


@given(values)
def test_leaving_out_is_the_same_for_a_mean(each: np.ndarray):
    sums = table(each)
    linear = unit_influences(mean_terms([1.0]), sums)
    left_out = unit_influences([Term(1.0, mean, linear=False)], sums)
    assert left_out == pytest.approx(linear, abs=1e-9)
    assert linear.sum(axis=1) == pytest.approx(0.0, abs=1e-9)


def test_a_logarithm_moves_by_its_derivative():
    each = np.random.default_rng(0).gamma(9.0, size=(1, 300))
    log = Term(1.0, lambda sums: np.log(mean(sums)), linear=False)
    found = unit_influences([log], table(each))
    assert found[0] == pytest.approx((each[0] - each.mean()) / each.mean() / 300, rel=0.02, abs=1e-5)


def test_like_seeds_are_seen_once():
    each = np.random.default_rng(0).normal(size=(1, SEEN_TWICE))
    once = seen_once(table(each.repeat(3, axis=0)))
    assert once is not None and once.seeds == (0,)
    assert once.totals[0][0].tolist() == pytest.approx([each.sum(), SEEN_TWICE])
    assert seen_once(table(each)) is None
    other = each.repeat(3, axis=0)
    other[1, 4] += 1e-9
    assert seen_once(table(other)) is None


def test_too_few_items_seen_twice_show_nothing():
    each = np.full((2, 60), np.nan)
    each[0, :40] = 1.0
    each[1, 21:] = 1.0
    assert seen_once(table(each)) is None  # 19 items under both seeds
    each[1, 20:] = 1.0
    assert seen_once(table(each)) is not None


def test_what_is_no_number_and_what_one_cluster_holds_is_refused():
    with np.errstate(divide="ignore"), pytest.raises(DataError, match="not a finite number"):
        term_values([Term(1.0, lambda sums: np.log(mean(sums)), linear=False)], table(np.zeros((1, 3))))
    half = np.array([[1.0, 2.0, np.nan, np.nan]])
    with pytest.raises(DataError, match="holds all outcomes"):
        cluster_influences(mean_terms([1.0]), table(half, cluster=[0, 0, 1, 1]))

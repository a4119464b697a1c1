"""Exact p values against scipy's, and where they do not apply."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from tests.workbench.statistics.small_sums import difference, estimate, table
from workbench.statistics.exact_tests import interval_with_floor, p_floor
from workbench.statistics.observations import Sums


def floor(weights: list[float], sums: Sums, bar: float) -> tuple[float, str]:
    return p_floor(weights, sums, estimate(sums, weights), bar)


def shares(*arms: list[float], seeds: int = 1) -> Sums:
    return replace(table(*(np.array([arm] * seeds) for arm in arms)), binary=True)


def paired(wins: int, losses: int, ties: int, seeds: int = 1) -> Sums:
    a = [1.0] * wins + [0.0] * losses + [1.0] * ties
    b = [0.0] * wins + [1.0] * losses + [1.0] * ties
    return shares(a, b, seeds=seeds)


@pytest.mark.parametrize(("wins", "losses"), [(5, 0), (6, 0), (9, 2), (3, 3)])
def test_paired_answers_need_mcnemars_exact_test(wins: int, losses: int):
    p, why = floor([1.0, -1.0], paired(wins, losses, 50), 0.0)
    assert p == pytest.approx(binomtest(wins, wins + losses).pvalue)
    assert "McNemar" in why


def test_seeds_that_repeat_the_answers_do_not_multiply_them():
    once, thrice = (floor([1.0, -1.0], paired(5, 0, 50, seeds), 0.0)[0] for seeds in (1, 3))
    assert once == thrice == pytest.approx(0.0625)


def test_arms_that_answer_alike_have_no_difference():
    assert floor([1.0, -1.0], paired(0, 0, 20), 0.0)[0] == 1.0


@pytest.mark.parametrize("bar", [0.05, 0.5, 0.9])
def test_a_share_needs_the_exact_binomial_test(bar: float):
    assert floor([1.0], shares([1.0] * 3 + [0.0] * 17), bar)[0] == pytest.approx(binomtest(3, 20, bar).pvalue)


def test_a_share_below_its_bar_is_the_same_test():
    sums = shares([1.0] * 3 + [0.0] * 17)
    assert floor([-1.0], sums, -0.5)[0] == pytest.approx(floor([1.0], sums, 0.5)[0])


def test_five_items_that_agree_decide_nothing():
    constant = table(np.full((1, 5), 2.0))
    assert floor([1.0], constant, 0.0)[0] == 0.0625
    assert floor([1.0], table(np.full((1, 6), 2.0)), 0.0)[0] == 0.03125


def test_seeds_that_agree_are_no_sign_test():
    items = np.arange(25.0)
    assert floor([1.0], table(np.array([items] * 2)), 0.0) == (0.0, "")


def test_values_that_vary_clusters_and_other_bars_have_no_floor():
    rng = np.random.default_rng(0)
    assert floor([1.0, -1.0], table(*rng.normal(size=(2, 3, 10))), 0.0) == (0.0, "")
    assert floor([1.0, -1.0], paired(5, 0, 50), -0.1) == (0.0, "")
    in_pairs = replace(paired(5, 0, 51), cluster=np.arange(56) // 2)
    assert floor([1.0, -1.0], in_pairs, 0.0) == (0.0, "")
    logs = paired(5, 0, 50)
    assert p_floor([], logs, estimate(logs, [1.0, -1.0]), 0.0) == (0.0, "")


def test_a_margin_implies_losses_that_were_not_seen():
    """Twenty items without a difference do not exclude a loss of 5 %: that happens to one run in three."""
    assert estimate(paired(0, 0, 20), [1.0, -1.0]).p_value(-0.05) > 0.3
    assert estimate(paired(0, 0, 400), [1.0, -1.0]).p_value(-0.05) < 0.01
    assert difference(np.zeros((1, 20)), np.zeros((1, 20))).interval() == (0.0, 0.0)


def test_an_interval_reaches_to_the_bar_that_an_exact_test_leaves_in():
    sums, weights = paired(5, 0, 295), [1.0, -1.0]
    found = estimate(sums, weights)
    assert interval_with_floor(weights, sums, found, [0.0], 0.05)[0] <= 0.0
    assert interval_with_floor(weights, sums, found, [0.0], 0.07) == pytest.approx(found.interval(0.93))

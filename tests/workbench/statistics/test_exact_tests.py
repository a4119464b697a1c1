"""Floors under p for events too rare to show their variance, against scipy's exact tests."""

import numpy as np
import pytest
from scipy.stats import binomtest

from tests.workbench.test_intervals import mean, table
from workbench.statistics.intervals import estimated
from workbench.statistics.observations import Sums
from workbench.statistics.exact_tests import p_floor


def floor(weights: list[float], sums: Sums, bar: float, *, trained: bool = False) -> tuple[float, str]:
    found = estimated(weights, [mean] * len(weights), sums, seeds_matter=trained)
    return p_floor(weights, sums, found, bar)


def shares(*arms: list[float], seeds: int = 1) -> Sums:
    from dataclasses import replace

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
    p, _ = floor([1.0], shares([1.0] * 3 + [0.0] * 17), bar)
    assert p == pytest.approx(max(binomtest(3, 20, bar).pvalue, 0.0))


def test_a_share_below_its_bar_is_the_same_test():
    sums = shares([1.0] * 3 + [0.0] * 17)
    assert floor([-1.0], sums, -0.5)[0] == pytest.approx(floor([1.0], sums, 0.5)[0])


def test_a_margin_implies_losses_that_were_not_seen():
    """Twenty items without a difference do not exclude a loss of 5 %: that happens to one run in three."""
    p, why = floor([1.0, -1.0], paired(0, 0, 20), -0.05)
    assert p > 0.3 and "few items differ" in why
    assert floor([1.0, -1.0], paired(0, 0, 400), -0.05)[0] < 0.01


def test_five_items_or_seeds_that_agree_decide_nothing():
    constant = table(np.full((1, 5), 2.0))
    assert floor([1.0], constant, 0.0) == (0.0625, "every item gives the same value, and a sign test needs six items")
    assert floor([1.0], table(np.full((1, 6), 2.0)), 0.0)[0] == 0.03125
    items = np.arange(20.0)
    assert floor([1.0], table(np.array([items] * 5)), 0.0, trained=True)[0] == 0.0625


def test_values_that_vary_have_no_floor():
    rng = np.random.default_rng(0)
    assert floor([1.0, -1.0], table(*rng.normal(size=(2, 3, 10))), 0.0) == (0.0, "")


def test_several_seeds_scale_the_variance_to_the_bars():
    rng = np.random.default_rng(0)
    from dataclasses import replace

    rare = replace(table((rng.random((3, 50)) < 0.01).astype(float)), binary=True)
    p, why = floor([1.0], rare, 0.03)
    assert p > 0.02 and "few events" in why
    never = replace(table(np.zeros((3, 20))), binary=True)
    assert floor([1.0], never, 0.05, trained=True)[0] > 0.25

"""Scales: Wilson and Fisher by hand, bounds kept, Hall's hull."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from tests.workbench.statistics.small_sums import mean, table
from workbench.statistics.influences import Term
from workbench.statistics.interval_scales import PLAIN, Scale, scale_of

Z = float(norm.isf(0.025))


@pytest.mark.parametrize("hits", [0, 3, 25, 50])
def test_a_share_has_wilsons_interval(hits: int):
    share = hits / 50
    variance = share * (1 - share) / 50 or 51 / 52**2 / 50
    found = Scale("share", 0.0, 1.0, 50, binary=True).ends(share, variance, Z, 0.0)
    wilson = binomtest(hits, 50).proportion_ci(method="wilson")
    assert found == (pytest.approx(wilson.low, abs=1e-9), pytest.approx(wilson.high, abs=1e-9))


def test_a_share_counted_below_zero_is_its_mirror():
    plain = Scale("share", 0.0, 1.0, 30, binary=True).ends(0.2, 0.01, 2.0, 0.0)
    turned = Scale("share", -1.0, 0.0, 30, binary=True).ends(-0.2, 0.01, 2.0, 0.0)
    assert turned == (pytest.approx(-plain[1]), pytest.approx(-plain[0]))


def test_a_difference_is_laid_on_fishers_z():
    low, high = Scale("difference", -1.0, 1.0, 98).ends(0.5, 0.01, 2.0, 0.0)
    x = 0.5 * 98 / 100
    z, half = np.arctanh(x), 0.2 / (1 - x * x)
    assert (low, high) == (pytest.approx(np.tanh(z - half)), pytest.approx(np.tanh(z + half)))


@given(st.floats(-1, 1), st.just(0.0) | st.floats(1e-6, 4), st.floats(0.1, 60), st.integers(1, 500))
def test_bounded_contrasts_stay_in_bounds_and_are_no_points(value: float, variance: float, q: float, items: int):
    for kind in ("difference", "share"):
        low, high = Scale(kind, -1.0, 1.0, items).ends(value, variance, q, 0.0)
        assert -1.0 <= low <= value <= high <= 1.0
        assert low < high


def test_symmetric_values_have_the_plain_interval_and_skewed_ones_reach_further():
    assert PLAIN.ends(1.0, 4.0, 2.0, 0.0) == (-3.0, 5.0)
    low, high = PLAIN.ends(1.0, 4.0, 2.0, 4.0)
    assert low == -3.0 and high > 5.0
    mirrored = PLAIN.ends(1.0, 4.0, 2.0, -4.0)
    assert mirrored[1] == 5.0 and 1.0 - mirrored[0] == pytest.approx(high - 1.0)


def test_one_sided_bounds_cut_the_interval():
    assert Scale("plain", low=0.0).ends(0.5, 1.0, 2.0, 0.0) == (0.0, 2.5)
    assert PLAIN.ends(3.0, 0.0, 2.0, 0.0) == (3.0, 3.0)


def test_the_scale_follows_the_limits_of_the_terms():
    sums = table(np.ones((1, 9)), np.ones((1, 9)))
    bounded, open_ = Term(1.0, mean, limits=(0.0, 1.0)), Term(1.0, mean)
    minus = Term(-1.0, mean, limits=(0.0, 1.0))
    gains = [bounded, minus, minus, bounded]
    assert scale_of([bounded], sums) == Scale("share", 0.0, 1.0, 9)
    assert scale_of([minus], sums) == Scale("share", -1.0, 0.0, 9)
    assert scale_of([bounded, minus], sums) == Scale("difference", -1.0, 1.0, 9)
    assert scale_of(gains, table(*[np.ones((1, 9))] * 4)) == Scale("difference", -2.0, 2.0, 9)
    assert scale_of([open_], sums).kind == "plain"
    assert scale_of([Term(1.0, mean, limits=(0.0, float("inf")))], sums) == Scale("plain", 0.0, float("inf"), 9)

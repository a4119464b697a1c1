import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from engines.sure.feature_gap import kolmogorov_smirnov


def test_it_equals_scipys_distance_on_values_in_bins():
    draw = np.random.default_rng(0)
    first, second = draw.integers(0, 8, 50), draw.integers(1, 8, 40)
    sums = np.concatenate([np.bincount(first, minlength=8), np.bincount(second, minlength=8)])
    assert kolmogorov_smirnov(sums) == pytest.approx(ks_2samp(first, second).statistic)


@given(st.lists(st.integers(1, 9), min_size=8, max_size=8))
def test_it_lies_between_nought_and_one_and_is_nought_for_equal_groups(counts):
    assert 0 <= kolmogorov_smirnov(np.array(counts)) <= 1
    assert kolmogorov_smirnov(np.array([*counts, *counts])) == 0


def test_leading_axes_are_free():
    sums = np.ones((3, 5, 12))
    sums[1, 2, :6] = [6, 0, 0, 0, 0, 0]
    found = kolmogorov_smirnov(sums)
    assert found.shape == (3, 5)
    assert found[1, 2] == pytest.approx(5 / 6)

"""Variance over clusters: by hand, and what is assumed where clusters are few."""

from dataclasses import replace

import numpy as np
import pytest

from tests.workbench.statistics.small_sums import mean_terms, table
from workbench.statistics.cluster_variance import ClusterVariance, binomial_variance, cluster_variances
from workbench.statistics.influences import cluster_influences
from workbench.statistics.observations import Sums


def variances(sums: Sums, weights: list[float] | None = None) -> list[ClusterVariance]:
    terms = mean_terms(weights or [1.0])
    return cluster_variances(terms, sums, cluster_influences(terms, sums).sum(axis=0))


def test_items_of_their_own_have_the_variance_of_a_mean():
    values = np.array([1.0, 2.0, 4.0, 9.0, 3.0])
    (found,) = variances(table(values[None]))
    assert (found.variance, found.df) == (pytest.approx(values.var(ddof=1) / 5), pytest.approx(4.0))


def test_many_clusters_speak_for_themselves():
    values = np.random.default_rng(0).normal(size=24)
    (found,) = variances(table(values[None], cluster=np.arange(24) // 4))
    means = values.reshape(6, 4).mean(axis=1)
    assert (found.variance, found.df) == (pytest.approx(means.var(ddof=1) / 6), pytest.approx(5.0))
    assert not found.few


def test_two_clusters_are_averaged_with_what_is_assumed():
    values = np.array([0.0, 2.0, 1.0, 5.0])
    (found,) = variances(table(values[None], cluster=[0, 0, 1, 1]))
    between = 2 * ((-2 / 4) ** 2 + (2 / 4) ** 2)  # clusters of 1 and 3 about the mean 2
    within = 2 * (2 * (1 / 4) ** 2 + 2 * (2 / 4) ** 2)
    assumed = within * (1 + 2 * 0.1 / 0.9)
    assert found.variance == pytest.approx((2 * assumed + 1 * between) / 3)
    assert (found.df, found.few) == (pytest.approx(3.0), True)


def test_zeros_and_ones_have_at_least_the_binomial_variance():
    never = replace(table(np.zeros((1, 50))), binary=True)
    share = 1 / 52
    assert binomial_variance(mean_terms([1.0]), never) == pytest.approx(share * (1 - share) / 50)
    (found,) = variances(never)
    assert found.variance == pytest.approx(share * (1 - share) / 50)


def test_a_paired_difference_counts_the_items_that_differ():
    a, b = np.zeros((1, 10)), np.zeros((1, 10))
    a[0, 0] = b[0, 1] = b[0, 2] = 1.0
    sums = replace(table(a, b), binary=True)
    assert binomial_variance(mean_terms([1.0, -1.0]), sums) == pytest.approx((3 + 2 - 1 / 10) / 144)


def test_an_unpaired_difference_adds_the_variances_of_its_shares():
    a = np.r_[1.0, np.zeros(9), np.full(10, np.nan)][None]
    b = np.r_[np.full(10, np.nan), np.zeros(10)][None]
    sums = replace(table(a, b), binary=True)
    expected = 2 / 12 * 10 / 12 / 10 + 1 / 12 * 11 / 12 / 10
    assert binomial_variance(mean_terms([1.0, -1.0]), sums) == pytest.approx(expected)


def test_one_large_cluster_leaves_hardly_any_degrees_of_freedom():
    cluster = [0] * 100 + [1, 2, 3, 4, 5]
    (found,) = variances(table(np.arange(105.0)[None], cluster=cluster))
    assert found.few and found.df == pytest.approx(2.1, abs=0.1)  # 0.1 of its own, two assumed


def test_what_a_seed_does_to_single_clusters_is_told_apart():
    (found,) = variances(table(np.array([[1.0, 3.0], [5.0, 9.0]])))
    assert found.crossed == pytest.approx(4 * 0.5**2 / 4)
    assert found.variance == pytest.approx(4.5 / 2)


def test_arms_of_each_slice_are_paired_in_a_difference_of_differences():
    drawn = (np.random.default_rng(0).random((4, 20)) < 0.5).astype(float)
    drawn[:2, 12:], drawn[2:, :12] = np.nan, np.nan
    gain, over = table(*drawn[:2, None, :12]), table(*drawn[2:, None, 12:])
    apart = [binomial_variance(mean_terms([1.0, -1.0]), replace(each, binary=True)) for each in (gain, over)]
    whole = replace(table(*drawn[:, None]), binary=True)
    assert binomial_variance(mean_terms([1.0, -1.0, -1.0, 1.0]), whole) == pytest.approx(sum(apart))

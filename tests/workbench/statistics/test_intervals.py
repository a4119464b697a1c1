"""Intervals: hand-computed cases, agreement with scipy, and what must never change an interval."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from tests.workbench.statistics.small_sums import difference, estimate, itemless, table
from workbench.contract.errors import DataError
from workbench.statistics.influences import Term
from workbench.statistics.intervals import Estimate, Source, estimated, quantile, welch_df

numbers = st.floats(-100, 100, allow_nan=False).map(lambda x: round(x, 3))
Arms = tuple[np.ndarray, np.ndarray]


def samples(seeds: int | st.SearchStrategy[int], least: int = 4):
    shape = st.tuples(seeds if isinstance(seeds, st.SearchStrategy) else st.just(seeds), st.integers(least, 12))
    return shape.flatmap(lambda s: st.tuples(arrays(float, s, elements=numbers), arrays(float, s, elements=numbers)))


def test_a_mean_of_three_by_hand():
    found = estimate(table(np.array([[1.0, 2.0, 6.0]])))
    assert found.value == 3.0
    assert found.clusters == (Source(pytest.approx(7.0 / 3), pytest.approx(2.0)),)  # variance 7, three items
    assert found.third == 0.0  # three clusters show no skewness
    assert found.few


def test_skewness_of_many_clusters_counts():
    values = np.r_[np.zeros(20), 10.0]
    found = estimate(table(values[None]))
    influence = (values - values.mean()) / 21
    assert found.third == pytest.approx((21 - 4) / (21 + 4) * (influence**3).sum())


def test_two_seeds_of_two_arms_arm_by_arm():
    """Item means of a: 3, 6, of b: 0, 0; seeds of a differ by 5, of b by nothing: only a's spread counts."""
    a, b = np.array([[1.0, 3.0], [5.0, 9.0]]), np.zeros((2, 2))
    found = difference(a, b)
    assert found.value == 4.5
    assert found.clusters == (Source(pytest.approx(4.5 / 2), pytest.approx(1.0)),)
    assert found.crossed == (pytest.approx(4 * 0.5**2 / 4),)
    assert found.seeds == Source(pytest.approx(12.5 / 2), 1)  # one source, two seeds: nothing taken off
    assert found.subtracted
    assert found.sources[0].variance == pytest.approx(4.5 / 2 - 0.25)


def test_welch_below_five_seeds_and_paired_from_five_on():
    rng = np.random.default_rng(1)
    for seeds, df in ((3, None), (4, None), (5, 4.0), (7, 6.0)):
        a, b = rng.normal(size=(2, seeds, 30)) + rng.normal(size=(2, seeds, 1))
        found = difference(a, b)
        assert found.seeds is not None
        va, vb = a.mean(axis=1).var(ddof=1) / seeds, b.mean(axis=1).var(ddof=1) / seeds
        welch = (seeds - 1) + (seeds + 1) * 2 * va * vb / (va**2 + vb**2)
        assert found.seeds.df == pytest.approx(df or min(welch, 2 * (seeds - 1)))
    paired = difference(a[:3], b[:3], split=True)
    assert paired.seeds is not None and paired.seeds.df == pytest.approx(2.0)


def test_degrees_of_freedom_of_a_sum_of_variances_by_hand():
    assert welch_df(4.0, 10.0, 2, 1) == pytest.approx(2.0)  # 1 and 3: 1 + 3 * 6 / 10 is cut to both arms' together
    assert welch_df(11.0, 101.0, 2, 1) == pytest.approx(1 + 3 * 20 / 101)  # 1 and 10
    assert welch_df(11.0, 101.0, 2, 2) == pytest.approx(2 * (1 + 2 * 20 / 101))
    assert welch_df(3.0, 9.0, 2, 3) == pytest.approx(3.0)  # one arm alone varies
    assert welch_df(0.0, 0.0, 2, 3) == 6.0


@given(st.lists(st.floats(0.01, 100), min_size=2, max_size=2), st.integers(1, 3))
def test_degrees_of_freedom_lie_between_one_arms_and_both_arms(variances: list[float], df: int):
    found = welch_df(sum(variances), sum(v * v for v in variances), 2, df)
    welch = df * sum(variances) ** 2 / sum(v * v for v in variances)
    assert min(welch, 2 * df) - 1e-9 <= found <= 2 * df


@given(samples(1))
def test_one_seed_is_the_paired_t_test_of_scipy_or_wider(arms: Arms):
    a, b = arms
    found = difference(a, b)
    if not found.standard_error > 1e-6:
        return
    scipy = stats.ttest_rel(a[0], b[0])
    low, high = scipy.confidence_interval(0.95)
    assert found.interval()[0] <= low + 1e-6 and found.interval()[1] >= high - 1e-6
    assert found.p_value(0.0) >= scipy.pvalue * (1 - 1e-4)
    plain = replace(found, third=0.0)
    assert plain.interval() == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))
    assert plain.p_value(0.0) == pytest.approx(scipy.pvalue, rel=1e-4, abs=1e-12)


@given(arrays(float, st.integers(2, 12), elements=numbers))
def test_without_items_it_is_the_t_test_over_seeds_of_scipy(values: np.ndarray):
    found = estimate(itemless(values))
    if not found.standard_error > 1e-6:
        return
    scipy = stats.ttest_1samp(values, 0.5)
    low, high = scipy.confidence_interval(0.95)
    assert found.interval() == (pytest.approx(low), pytest.approx(high))
    assert found.p_value(0.5) == pytest.approx(scipy.pvalue, rel=1e-4, abs=1e-12)


@settings(max_examples=50)
@given(samples(st.integers(1, 6)), st.randoms(use_true_random=False))
def test_names_of_items_and_seeds_do_not_matter(arms: Arms, random):
    a, b = arms
    rows, columns = list(range(a.shape[0])), list(range(a.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    as_is, shuffled = difference(a, b), difference(a[rows][:, columns], b[rows][:, columns])
    assert shuffled.interval() == pytest.approx(as_is.interval(), rel=1e-6, abs=1e-6, nan_ok=True)


@settings(max_examples=50)
@given(samples(st.integers(1, 6)))
def test_swapping_the_arms_flips_the_sign(arms: Arms):
    low, high = difference(*arms).interval()
    assert difference(*arms[::-1]).interval() == pytest.approx((-high, -low), rel=1e-6, abs=1e-6, nan_ok=True)


@settings(max_examples=50)
@given(samples(st.integers(2, 6)), st.floats(0.5, 0.99), st.booleans())
def test_seeds_as_drawn_are_never_surer_than_seeds_as_given(arms: Arms, level: float, split: bool):
    found = difference(*arms, split=split)
    low, high = found.interval(level)
    fixed_low, fixed_high = replace(found, seeds=None, third=0.0).interval(level)
    assert low <= fixed_low + 1e-9 and high >= fixed_high - 1e-9


@settings(max_examples=50)
@given(st.integers(1, 4), st.integers(2, 6), st.integers(1, 5), st.integers(0, 2**32 - 1), st.sampled_from([1, -1]))
def test_shares_and_their_differences_stay_in_their_bounds(seeds: int, groups: int, each: int, seed: int, way: int):
    rng = np.random.default_rng(seed)
    rate = rng.choice([0.0, 0.02, 0.5, 0.97, 1.0], size=2)
    a, b = ((rng.random((seeds, groups * each)) < r).astype(float) for r in rate)
    cluster = np.repeat(np.arange(groups), each)
    one = replace(table(a, cluster=cluster), binary=True)
    two = replace(table(a, b, cluster=cluster), binary=True)
    low, high = estimate(one, [way]).interval()
    assert min(0, way) - 1e-12 <= low < high <= max(0, way) + 1e-12
    low, high = estimate(two, [1.0, -1.0]).interval()
    assert -1 <= low < high <= 1


def test_no_point_at_the_edges():
    """Thirty-two of 32 in eight clusters, none of 50, as in the study of the recipe."""
    all_of = replace(table(np.ones((1, 32)), cluster=np.repeat(np.arange(8), 4)), binary=True)
    assert estimate(all_of).interval() == (pytest.approx(0.862, abs=0.002), 1.0)
    none = replace(table(np.zeros((1, 50))), binary=True)
    assert estimate(none).interval() == (0.0, pytest.approx(0.075, abs=0.002))


def test_like_seeds_of_items_are_one_seed():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 1, 25))
    once, thrice = difference(a, b), difference(a.repeat(3, axis=0), b.repeat(3, axis=0))
    assert thrice.fixed and not once.fixed
    assert thrice.interval() == pytest.approx(once.interval())


def test_splits_that_judge_other_items_do_not_pass_as_like_seeds():
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=(2, 1, 40))
    half = np.where(np.arange(40) < 20, [[1.0]], [[np.nan]])
    halves = np.concatenate([half, np.where(np.isnan(half), 1.0, np.nan)])
    found = difference(a * halves, b * halves, split=True)
    assert not found.fixed and found.seeds is not None


@given(samples(st.integers(1, 3)))
def test_a_higher_level_is_wider_and_p_is_where_the_interval_touches(arms: Arms):
    found = difference(*arms)
    if not found.standard_error > 1e-6:
        return
    p = found.p_value(0.0)
    if 1e-9 < p < 0.999:
        (low, high), (lower, higher) = (found.interval(1 - p * near) for near in (1 + 1e-5, 1 - 1e-5))
        assert not low <= 0 <= high
        assert lower <= 1e-9 and higher >= -1e-9


def test_independent_samples_keep_their_own_degrees_of_freedom():
    a, b = np.random.default_rng(0).normal(size=(2, 10))
    nothing = np.full(10, np.nan)
    found = difference(np.r_[a, nothing][None], np.r_[nothing, b][None])
    expected = sorted([a.var(ddof=1) / 10, b.var(ddof=1) / 10])
    assert sorted(source.variance for source in found.clusters) == pytest.approx(expected)
    assert [source.df for source in found.clusters] == pytest.approx([9.0, 9.0])


def test_the_quantile_is_the_mean_of_the_sources_quantiles_by_variance():
    both = (Source(3.0, 2.0), Source(1.0, 30.0))
    expected = (3 * stats.t.isf(0.025, 2) + stats.t.isf(0.025, 30)) / 4
    assert quantile(both, 0.05) == pytest.approx(expected)
    assert quantile((), 0.05) == 0.0


def test_growth_divides_what_items_and_seeds_bring():
    found = Estimate(1.0, (Source(0.5, 9),), (0.1,), seeds=Source(0.3, 2), seeds_seen=3)
    more = found.grown(seeds=2.0, items=4.0)
    assert more.clusters == (Source(pytest.approx(0.4 / 4 + 0.1 / 8), 39.0),)
    assert more.seeds == Source(pytest.approx(0.15), 5.0)
    assert found.grown(1.0, 1.0).interval() == pytest.approx(found.interval())


def test_nothing_varies_nothing_is_known():
    alone = estimate(itemless(np.array([1.0])))
    assert np.isnan(alone.interval()).all() and np.isnan(alone.standard_error) and alone.p_value(0.0) == 1.0


def test_the_logarithm_of_zero_is_refused():
    terms = [Term(1.0, lambda sums: np.log(sums[..., 0] / sums[..., 1]), linear=False)]
    with np.errstate(divide="ignore"), pytest.raises(DataError, match="not a finite number"):
        estimated(terms, table(np.zeros((1, 4))))


def test_a_single_cluster_has_no_interval():
    alone = estimate(table(np.full((1, 3), 2.0), cluster=[0, 0, 0]))
    assert alone.value == 2.0 and np.isnan(alone.interval()).all() and alone.p_value(0.0) == 1.0
    own = np.r_[np.ones(3), np.full(3, np.nan)], np.r_[np.full(3, np.nan), np.ones(3)]
    with pytest.raises(DataError, match="holds all outcomes of a cell"):
        difference(own[0][None], own[1][None], cluster=[0, 0, 0, 1, 1, 1])

"""Intervals: hand-computed cases, agreement with scipy, and what must never change an interval."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from workbench.errors import DataError
from workbench.statistics.intervals import Estimate, Source, estimated, quantile
from workbench.statistics.observations import Sums


def mean(sums: np.ndarray) -> np.ndarray:
    return sums[..., 0] / sums[..., 1]


def table(*arms: np.ndarray, sizes: tuple[int, ...] | None = None) -> Sums:
    """The sums of arms of values, each (S, G); with `sizes`, the values are means of clusters of that many items."""
    count = np.array(sizes or [1] * arms[0].shape[1], dtype=float)
    parts = tuple(np.stack([arm * count, np.broadcast_to(count, arm.shape)], axis=-1) for arm in arms)
    seeds, clusters = arms[0].shape
    return Sums(
        totals=tuple(part.sum(axis=1) for part in parts),
        parts=parts,
        counts=np.stack([count * seeds] * len(arms)),
        seeds=tuple(range(seeds)),
        items=int(count.sum()),
        clusters=clusters,
        dropped=0,
        left_out=(),
        binary=False,
    )


def difference(a: np.ndarray, b: np.ndarray, *, trained: bool = False) -> Estimate:
    return estimated([1.0, -1.0], [mean, mean], table(a, b), seeds_matter=trained)


def itemless(values: np.ndarray) -> Sums:
    totals = (np.stack([values, np.ones_like(values)], axis=-1),)
    return Sums(totals, None, None, tuple(range(len(values))), 0, 0, 0, (), False)


numbers = st.floats(-100, 100, allow_nan=False).map(lambda x: round(x, 3))


def samples(seeds: int | st.SearchStrategy[int], least: int = 3):
    shape = st.tuples(seeds if isinstance(seeds, st.SearchStrategy) else st.just(seeds), st.integers(least, 12))
    return shape.flatmap(lambda s: st.tuples(arrays(float, s, elements=numbers), arrays(float, s, elements=numbers)))


def test_the_jackknife_of_a_mean_by_hand():
    found = estimated([1.0], [mean], table(np.array([[1.0, 2.0, 6.0]])), seeds_matter=False)
    assert found.value == 3.0
    assert found.items == (Source(pytest.approx(7.0 / 3), pytest.approx(2.0)),)  # variance 7, three items
    assert found.third == pytest.approx((2.0**3 + 1.0**3 - 3.0**3) / -(2.0**3) * 1.0)


def test_the_jackknife_of_a_ratio_is_the_delta_method():
    rng = np.random.default_rng(0)
    values = rng.gamma(4.0, size=(1, 400, 2))
    sums = replace(table(values[..., 0]), totals=(values.sum(axis=1),), parts=(values,))
    found = estimated([1.0], [mean], sums, seeds_matter=False)
    x, y = values[0].T
    residual = (x - y * x.sum() / y.sum()) / y.mean()
    assert found.standard_error == pytest.approx(residual.std(ddof=1) / 20, rel=0.02)


def test_components_of_crossed_items_and_seeds_by_hand():
    """Two seeds, two items: rows 1 3 and 5 9. Seed means 2 and 7; item means 3 and 6; interaction +-0.5."""
    found = estimated([1.0], [mean], table(np.array([[1.0, 3.0], [5.0, 9.0]])), seeds_matter=True)
    assert found.value == 4.5
    assert found.seeds == Source(pytest.approx(12.5 / 2), 1)
    assert found.items == (Source(pytest.approx(4.5 / 2), 1.0),)
    assert found.interaction == pytest.approx(4 * 0.5**2 / 4)
    assert found.items_alone == (Source(pytest.approx(4.5 / 2 - 0.25), 1.0),)


@given(samples(1))
def test_one_seed_is_the_paired_t_test_of_scipy_or_wider(arms: tuple[np.ndarray, np.ndarray]):
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


@given(samples(1))
def test_symmetric_differences_have_exactly_the_interval_of_scipy(arms: tuple[np.ndarray, np.ndarray]):
    a, b = (np.concatenate(pair, axis=1) for pair in (arms, arms[::-1]))
    found = difference(a, b)
    if not found.standard_error > 1e-6:
        return
    low, high = stats.ttest_rel(a[0], b[0]).confidence_interval(0.95)
    assert found.interval() == (pytest.approx(low, rel=1e-6, abs=1e-9), pytest.approx(high, rel=1e-6, abs=1e-9))


@given(arrays(float, st.integers(2, 12), elements=numbers))
def test_without_items_it_is_the_t_test_over_seeds_of_scipy(values: np.ndarray):
    found = estimated([1.0], [mean], itemless(values), seeds_matter=True)
    if not found.standard_error > 1e-6:
        return
    scipy = stats.ttest_1samp(values, 0.5)
    low, high = scipy.confidence_interval(0.95)
    assert found.interval() == (pytest.approx(low), pytest.approx(high))
    assert found.p_value(0.5) == pytest.approx(scipy.pvalue, rel=1e-4, abs=1e-12)


@settings(max_examples=50)
@given(samples(st.integers(1, 4)), st.randoms(use_true_random=False))
def test_names_of_items_and_seeds_do_not_matter(arms: tuple[np.ndarray, np.ndarray], random):
    a, b = arms
    rows, columns = list(range(a.shape[0])), list(range(a.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    as_is, shuffled = difference(a, b), difference(a[rows][:, columns], b[rows][:, columns])
    assert shuffled.interval() == pytest.approx(as_is.interval(), rel=1e-6, abs=1e-6, nan_ok=True)


@settings(max_examples=50)
@given(samples(st.integers(1, 4)))
def test_swapping_the_arms_flips_the_sign(arms: tuple[np.ndarray, np.ndarray]):
    low, high = difference(*arms).interval()
    assert difference(*arms[::-1]).interval() == pytest.approx((-high, -low), rel=1e-6, abs=1e-6, nan_ok=True)


@settings(max_examples=50)
@given(samples(st.integers(2, 4)), st.floats(0.5, 0.99))
def test_seeds_as_drawn_are_never_surer_than_seeds_as_given(arms: tuple[np.ndarray, np.ndarray], level: float):
    found = difference(*arms, trained=True)
    given_seeds = replace(found, seeds=None)
    assert found.interval(level)[0] <= given_seeds.interval(level)[0]
    assert found.interval(level)[1] >= given_seeds.interval(level)[1]


@given(samples(st.integers(1, 3)))
@example(
    (
        np.array([[0.0, 83.0, -19.0], [0.0, -67.25, 0.0]]),
        np.array([[0.0, 82.5, 82.5], [-57.0, 0.0, 0.0]]),
    )  # the cube root of the skewness correction is vertical where this interval touches
)
def test_a_higher_level_is_wider_and_p_is_where_the_interval_touches(arms: tuple[np.ndarray, np.ndarray]):
    found = difference(*arms)
    if not found.standard_error > 1e-6:
        return
    p = found.p_value(0.0)
    if 1e-9 < p < 0.999:
        (low, high), (lower, higher) = (found.interval(1 - p * near) for near in (1 + 1e-5, 1 - 1e-5))
        assert not low <= 0 <= high
        assert lower <= 0 <= higher


def test_seeds_that_change_nothing_are_no_source_unless_an_arm_is_trained():
    a = np.array([[1.0, 2.0, 4.0]] * 3)
    assert difference(a, a[:, ::-1]).seeds is None
    assert difference(a, a[:, ::-1], trained=True).seeds == Source(0.0, 2)


def test_items_of_their_own_under_each_seed_leave_the_seeds_to_judge():
    """Each seed draws its own items: nothing is crossed, and the seed-level t interval is all there is."""
    rng = np.random.default_rng(3)
    values = np.zeros((4, 40))
    counts = np.kron(np.eye(4), np.ones(10))
    values[counts > 0] = rng.normal(size=40) + np.repeat(rng.normal(size=4), 10)
    parts = (np.stack([values, counts], axis=-1),)
    nested = replace(table(values), totals=(parts[0].sum(axis=1),), parts=parts, counts=counts.sum(axis=0)[None])
    found = estimated([1.0], [mean], nested, seeds_matter=True)
    assert sum(source.variance for source in found.items_alone) == pytest.approx(0.0, abs=1e-12)
    low, high = stats.ttest_1samp(parts[0].sum(axis=1)[:, 0] / 10, 0).confidence_interval(0.95)
    assert replace(found, third=0.0).interval() == (pytest.approx(low), pytest.approx(high))


def test_one_large_cluster_leaves_hardly_any_degrees_of_freedom():
    values = np.arange(6.0)[None]
    equal = estimated([1.0], [mean], table(values), seeds_matter=False)
    lopsided = estimated([1.0], [mean], table(values, sizes=(100, 1, 1, 1, 1, 1)), seeds_matter=False)
    assert equal.items[0].df == pytest.approx(5.0)
    assert lopsided.items[0].df == pytest.approx(1.0, abs=0.2)


def test_independent_samples_keep_their_own_degrees_of_freedom():
    a, b = np.random.default_rng(0).normal(size=(2, 10))
    own = np.stack([np.concatenate([a, np.zeros(10)]), np.concatenate([np.zeros(10), b])])
    counts = np.kron(np.eye(2), np.ones(10))
    parts = tuple(np.stack([v, c], axis=-1)[None] for v, c in zip(own, counts, strict=True))
    sums = replace(table(own[:1]), totals=tuple(p.sum(axis=1) for p in parts), parts=parts, counts=counts)
    found = estimated([1.0, -1.0], [mean, mean], sums, seeds_matter=False)
    expected = sorted([a.var(ddof=1) / 10, b.var(ddof=1) / 10])
    assert sorted(source.variance for source in found.items) == pytest.approx(expected)
    assert [source.df for source in found.items] == pytest.approx([9.0, 9.0])


def test_the_quantile_is_the_mean_of_the_sources_quantiles_by_variance():
    both = (Source(3.0, 2.0), Source(1.0, 30.0))
    expected = (3 * stats.t.isf(0.025, 2) + stats.t.isf(0.025, 30)) / 4
    assert quantile(both, 0.025) == pytest.approx(expected)
    assert quantile((), 0.025) == 0.0


def test_growth_divides_what_items_and_seeds_bring():
    found = Estimate(1.0, (Source(0.5, 9),), (Source(0.4, 9),), Source(0.3, 2), interaction=0.1)
    more = found.grown(seeds=2.0, items=4.0)
    assert more.items_alone == (Source(pytest.approx(0.1), 39.0),)
    assert more.items == (Source(pytest.approx(0.1 + 0.1 / 8), 39.0),)
    assert more.seeds == Source(pytest.approx((0.2 + 0.1 / 4) / 2), 5.0)
    assert found.grown(1.0, 1.0).reach(0.025) == pytest.approx(found.reach(0.025))


def test_nothing_varies_nothing_is_known():
    alone = estimated([1.0], [mean], itemless(np.array([1.0])), seeds_matter=True)
    assert np.isnan(alone.interval()).all() and np.isnan(alone.standard_error) and alone.p_value(0.0) == 1.0


def test_the_logarithm_of_zero_is_refused():
    with np.errstate(divide="ignore"), pytest.raises(DataError, match="not a finite number"):
        estimated([1.0], [lambda s: np.log(mean(s))], table(np.zeros((1, 4))), seeds_matter=False)


def test_one_item_that_is_a_whole_cell_is_refused():
    with np.errstate(invalid="ignore"), pytest.raises(DataError, match="One item"):
        estimated([1.0], [mean], table(np.ones((1, 1))), seeds_matter=False)

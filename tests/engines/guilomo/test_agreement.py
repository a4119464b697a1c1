import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

from engines.guilomo.agreement import (
    agreement,
    correlation,
    following,
    initialisation_warning,
    kappa_of,
    spearman_of_sums,
)

MOVED = following([dict.fromkeys("ab", 1)], [dict.fromkeys("ab", 2)])


def counts(*values):
    return dict(zip("abcdefghij", values, strict=False))


def test_agreement_by_hand():
    found = agreement([counts(1, 2, 2, 1), counts(1, 2, 1, 2)])
    assert found.exact == 0.5 and found.chance == 0.5 and found.seeds == 2
    assert found.spearman == pytest.approx(0.0)
    assert found.kappa == 0


def test_equal_seeds_agree_beyond_chance():
    found = agreement([counts(*range(8))] * 3)
    assert found.exact == 1 and found.spearman == pytest.approx(1) and found.kappa == 1
    assert found.chance == pytest.approx(1 / 8)


def test_kappa_by_hand():
    assert kappa_of(0.75, 0.5) == 0.5 and kappa_of(0.25, 0.5) == -0.5
    alike = agreement([counts(2, 2), counts(2, 2)])
    assert math.isnan(alike.kappa), "chance alone makes them equal"
    assert "agree on 100% of the counts, where chance gives 100%" in initialisation_warning(MOVED, alike)


def test_constant_counts_have_no_correlation():
    assert math.isnan(agreement([counts(2, 2, 2), counts(1, 2, 3)]).spearman)
    assert math.isnan(correlation([1], [2]))


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="two or more"):
        agreement([counts(1)])
    with pytest.raises(ValueError, match="same modules"):
        agreement([counts(1), counts(1, 2)])


@given(st.lists(st.lists(st.integers(1, 4), min_size=5, max_size=5), min_size=2, max_size=4))
@settings(max_examples=10)
def test_agreement_is_a_share_and_knows_no_order(seeds):
    one = agreement([counts(*seed) for seed in seeds])
    two = agreement([counts(*seed) for seed in reversed(seeds)])
    assert 0 <= one.exact <= 1 and not one.kappa > 1
    assert one.exact == pytest.approx(two.exact) and one.chance == pytest.approx(two.chance)


def test_following_by_hand():
    moved = following([counts(1, 2, 3)], [counts(1, 2, 1)])
    assert moved.stayed == pytest.approx(2 / 3) and moved.vectors == 3
    assert following([counts(1, 2), counts(3, 4)], [counts(2, 1), counts(4, 3)]).stayed == 0


def test_a_search_that_stayed_or_disagrees_is_said_so():
    stayed = following([counts(1, 2, 3, 4)], [counts(1, 2, 3, 1)])
    assert "75% of 4 selection vectors" in initialisation_warning(stayed)
    moved = following([counts(*range(8))], [counts(*reversed(range(8)))])
    assert initialisation_warning(moved) == ""
    apart = agreement([counts(1, 2, 2, 1), counts(1, 2, 1, 2)])
    assert "2 seeds agree on 50% of the counts, where chance gives 50%" in initialisation_warning(moved, apart)
    assert initialisation_warning(moved, agreement([counts(*range(8))] * 2)) == ""
    slightly = agreement([counts(1, 2, 3, 4, 5, 6, 7, 8), counts(1, 3, 2, 5, 4, 7, 6, 8)])
    assert slightly.kappa == pytest.approx(1 / 7) and "agree on 25%" in initialisation_warning(moved, slightly)


def sums(x, y) -> np.ndarray:
    x, y = rankdata(x), rankdata(y)
    return np.array([len(x), x.sum(), y.sum(), (x * x).sum(), (y * y).sum(), (x * y).sum()])


def test_by_hand():
    # ranks 1 2 3 and 1 3 2: 1 - 6 * 2 / (3 * 8) = 0.5
    assert spearman_of_sums(sums([10, 20, 30], [1, 9, 5])) == pytest.approx(0.5)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=30))
def test_as_scipy_has_it(pairs):
    x, y = zip(*pairs, strict=True)
    if len(set(x)) < 2 or len(set(y)) < 2:
        assert spearman_of_sums(sums(x, y)) == 0
    else:
        assert spearman_of_sums(sums(x, y)) == pytest.approx(spearmanr(x, y)[0], abs=1e-9)


def test_many_resamples_at_once():
    both = np.stack([sums([1, 2, 3], [1, 2, 3]), sums([1, 2, 3], [3, 2, 1])])
    assert spearman_of_sums(both).tolist() == pytest.approx([1.0, -1.0])

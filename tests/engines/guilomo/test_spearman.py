import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

from engines.guilomo.spearman import spearman_of_sums


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

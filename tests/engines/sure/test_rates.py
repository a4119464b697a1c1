import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from engines.sure.rates import bootstrap_shares, changes, mcnemar_p, rates
from workbench.errors import DataError


def test_a_table_by_hand():
    before = [1, 1, 1, 1, 0, 0, 0, 0, 0, 1]
    after = [1, 1, 1, 0, 0, 0, 1, 1, 0, 0]
    change = changes(before, after)
    assert change.tolist() == [0, 0, 0, 1, 0, 0, -1, -1, 0, 1]
    found = rates(change, list("aabbccddee"))
    assert (found.pairs, found.robust.value, found.win.value, found.lose.value) == (10, 0.6, 0.2, 0.2)
    assert found.p == 1.0


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_the_three_rates_add_up_to_one(pairs):
    before, after = zip(*pairs, strict=True)
    found = rates(changes(before, after), range(len(pairs)))
    assert found.robust.value + found.win.value + found.lose.value == pytest.approx(1)
    assert np.mean(after) - np.mean(before) == pytest.approx(found.win.value - found.lose.value)
    for rate in (found.robust, found.win, found.lose):
        assert 0 <= rate.low <= rate.high <= 1


def test_no_change_is_robust_exactly():
    found = rates(changes([1, 0, 1], [1, 0, 1]), ["a", "b", "b"])
    assert (found.robust.value, found.robust.low, found.robust.high) == (1, 1, 1)
    assert (found.win.value, found.lose.value) == (0, 0)


def test_mcnemar_is_the_binomial_test():
    assert mcnemar_p(1, 9) == pytest.approx(2 * binom.cdf(1, 10, 0.5))
    assert mcnemar_p(0, 0) == 1.0
    assert mcnemar_p(3, 3) == 1.0


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    draw, hits = np.random.default_rng(0), 0
    for seed in range(200):
        counts = draw.multinomial(5, [0.8, 0.15, 0.05], size=40).astype(float)
        low, high = bootstrap_shares(counts, seed)
        hits += bool(low[0] <= 0.8 <= high[0])
    assert 178 <= hits <= 200


def test_pairs_of_one_cluster_widen_the_interval():
    change = np.repeat(np.tile([0, 1], 10), 5)
    alone = rates(change, range(100)).robust
    together = rates(change, np.repeat(np.arange(20), 5)).robust
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_what_makes_no_pairs_is_refused():
    with pytest.raises(DataError, match="make no pairs"):
        changes([1, 0], [1])
    with pytest.raises(DataError, match="no pairs"):
        rates(changes([], []), [])

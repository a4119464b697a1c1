import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.sure.rates import changes, rates
from workbench.contract.errors import DataError


def test_a_table_by_hand():
    before = [1, 1, 1, 1, 0, 0, 0, 0, 0, 1]
    after = [1, 1, 1, 0, 0, 0, 1, 1, 0, 0]
    change = changes(before, after)
    assert change.tolist() == [0, 0, 0, 1, 0, 0, -1, -1, 0, 1]
    found = rates(change)
    assert (found.pairs, found.robust, found.win, found.lose) == (10, 0.6, 0.2, 0.2)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_the_three_rates_add_up_to_one(pairs):
    before, after = zip(*pairs, strict=True)
    found = rates(changes(before, after))
    assert found.robust + found.win + found.lose == pytest.approx(1)
    assert np.mean(after) - np.mean(before) == pytest.approx(found.win - found.lose)


def test_no_change_is_robust_exactly():
    found = rates(changes([1, 0, 1], [1, 0, 1]))
    assert (found.robust, found.win, found.lose) == (1, 0, 0)


def test_what_makes_no_pairs_is_refused():
    with pytest.raises(DataError, match="make no pairs"):
        changes([1, 0], [1])
    with pytest.raises(DataError, match="no pairs"):
        rates(changes([], []))

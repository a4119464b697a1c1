import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.training.token_budget import within_budget


@given(st.lists(st.integers(1, 50), max_size=12), st.integers(1, 400), st.integers(0, 3))
def test_budgets_are_filled_and_never_exceeded(lengths, budget, seed):
    keys = [str(at) for at in range(len(lengths))]
    taken = within_budget(lengths, budget, keys, seed)
    total = sum(lengths[at] for at in taken)
    assert total <= budget
    assert not lengths or budget - total < min(lengths)
    counts = np.bincount(taken, minlength=len(lengths)) if lengths else np.zeros(1)
    if lengths and len(set(lengths)) == 1:
        assert counts.max() - counts.min() <= 1, "nobody is repeated before all were taken"


def test_budgets_are_drawn_by_seed():
    lengths, keys = [10] * 40, [f"k{at}" for at in range(40)]
    assert within_budget(lengths, 100, keys, 0) == within_budget(lengths, 100, keys, 0)
    assert set(within_budget(lengths, 100, keys, 0)) != set(within_budget(lengths, 100, keys, 1))

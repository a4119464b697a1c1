import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engines.guilomo.batches import order_of, require_apart
from workbench.contract.errors import DataError


def batch(*rows):
    return {"input_ids": torch.tensor(rows)}


@given(st.integers(1, 9), st.integers(0, 5), st.integers(0, 99))
def test_each_pass_takes_every_batch_once(count, round_, seed):
    taken = [order_of(count, round_ * count + at, seed) for at in range(count)]
    assert sorted(taken) == list(range(count))


def test_empty_and_equal_sets_are_refused():
    one, two = batch([1, 2], [3, 4]), batch([3, 4], [5, 6])
    with pytest.raises(DataError, match="training set of the search is empty"):
        require_apart([], [one])
    with pytest.raises(DataError, match="validation set of the search is empty"):
        require_apart([one], [])
    with pytest.raises(DataError, match="part of its training set"):
        require_apart([one], [one])
    with pytest.raises(DataError, match="part of its training set"):
        require_apart([one, two], [batch([5, 6], [1, 2])])
    require_apart([one], [two])

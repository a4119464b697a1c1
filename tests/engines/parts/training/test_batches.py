import torch
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.training.batches import padded_batch, place_of, shuffled


@given(st.integers(1, 9), st.integers(0, 5), st.integers(0, 99))
def test_each_pass_takes_every_batch_once(count, turn, seed):
    assert sorted(place_of(count, turn * count + at, seed) for at in range(count)) == list(range(count))


def test_passes_differ_and_the_seed_decides_them():
    first = [shuffled("abcdefgh", 0)(at) for at in range(16)]
    assert first == [shuffled("abcdefgh", 0)(at) for at in range(16)]
    assert first[:8] != first[8:] and first != [shuffled("abcdefgh", 1)(at) for at in range(16)]


def test_rows_are_padded_on_the_right_and_padding_is_not_learned():
    rows = [{"input_ids": [5, 6, 7], "labels": [-100, 6, 7]}, {"input_ids": [8], "labels": [8]}]
    found = padded_batch(rows, 0)
    assert found["input_ids"].tolist() == [[5, 6, 7], [8, 0, 0]]
    assert found["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert torch.equal(found["labels"], torch.tensor([[-100, 6, 7], [8, -100, -100]]))

"""Keys and values side by side: what a row reads is what was put there, however rows come, go and move."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.parts.prefixes import batch_kv_cache as row_cache
from engines.parts.prefixes.batch_kv_cache import RowCache

LAYERS = 2


def made(length: int, value: float, rows: int = 1):
    """Keys and values of one row whose numbers tell token and layer; the other rows of the batch are noise."""
    pairs = []
    for layer in range(LAYERS):
        keys = torch.full((rows, 1, length + 1, 2), -9.0)
        keys[rows - 1, 0, :length, 0] = value + torch.arange(length) / 1000
        keys[rows - 1, 0, :length, 1] = layer
        pairs.append((keys, -keys))
    return pairs


def cut(pairs, length):
    return [(keys[:, :, :length], values[:, :, :length]) for keys, values in pairs]


def step(cache: RowCache, values: list[float]) -> list[list[float]]:
    """Write one token to each row; what each row may read in the first layer."""
    mask, seen = cache.mask(), []
    layers = cache.cache.layers
    for layer in range(LAYERS):
        new = torch.tensor([[value, layer] for value in values])[:, None, None]
        keys, found = layers[layer].update(new, -new)
        assert torch.equal(keys, -found)
        assert keys.shape[2] == layers[layer].get_mask_sizes(1)[0]
        allowed = torch.ones(keys.shape[0], keys.shape[2], dtype=torch.bool) if mask is None else mask
        seen = [keys[row, 0, allowed[row], 0].tolist() for row in range(len(values))]
        assert {keys[row, 0, at, 1].item() for row in range(len(values)) for at in allowed[row].nonzero()} <= {layer}
    cache.advance()
    return seen


def test_rows_of_different_lengths_read_their_own():
    cache = RowCache(3, 5, torch.device("cpu"))
    cache.add(cut(made(2, 1), 2), made(3, 2), 0, 3)
    assert cache.mask() is None
    cache.add([], made(2, 3, rows=4), 3, 2)
    assert cache.positions().tolist() == [[5], [2]]
    seen = step(cache, [7.0, 8.0])
    assert seen == [pytest.approx([1, 1.001, 2, 2.001, 2.002, 7]), pytest.approx([3, 3.001, 8])]
    cache.remove(0)
    assert len(cache) == 1
    assert step(cache, [9.0]) == [pytest.approx([3, 3.001, 8, 9])]


@settings(max_examples=60)
@given(st.lists(st.one_of(st.integers(1, 6), st.just("step"), st.integers(-3, -1)), max_size=40), st.integers(1, 4))
def test_any_order_of_coming_writing_and_going(acts, ahead):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_cache, "AHEAD", ahead)
        cache = RowCache(3, 6, torch.device("cpu"))
        kept: list[list[float]] = []
        for number, act in enumerate(acts, start=1):
            if act == "step" and kept:
                values = [number + row / 10 for row in range(len(kept))]
                seen = step(cache, values)
                kept = [[*row, value] for row, value in zip(kept, values, strict=True)]
                assert seen == [pytest.approx(row) for row in kept]
            elif isinstance(act, int) and act > 0 and len(kept) < 3:
                cache.add([], made(act, number), 0, act)
                kept.append([number + at / 1000 for at in range(act)])
            elif isinstance(act, int) and 0 < -act <= len(kept):
                row = -act - 1
                cache.remove(row)
                kept[row] = kept[-1]
                kept.pop()
            assert cache.positions()[:, 0].tolist() == [len(row) for row in kept]

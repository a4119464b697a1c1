"""Attention by blocks of rows against attention over all columns, for every kind of mask."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.parts.row_attention import BLOCK_PRICE, RowKeys, blocks_of

attention = torch.nn.functional.scaled_dot_product_attention


def test_rows_of_similar_length_share_a_block():
    assert blocks_of([], 10) == []
    assert blocks_of([0, 3, 15], 20) == [(0, 3, 0)]
    assert blocks_of([0, 30, 500, 510], 1000) == [(0, 2, 0), (2, 4, 500)]
    assert blocks_of([900, 0, 0, 900], 1000) == [(0, 1, 900), (1, 3, 0), (3, 4, 900)]


@given(st.lists(st.integers(0, 900), max_size=9))
def test_blocks_cover_all_rows_and_cost_no_more_than_one(begins):
    blocks = blocks_of(begins, 1000)
    assert [row for start, end, _ in blocks for row in range(start, end)] == list(range(len(begins)))
    assert all(first == min(begins[start:end]) for start, end, first in blocks)
    cost = sum((end - start) * (1000 - first) + BLOCK_PRICE for start, end, first in blocks)
    assert cost <= len(begins) * (1000 - min(begins, default=0)) + BLOCK_PRICE * bool(begins)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(0, 18), min_size=1, max_size=6),
    st.sampled_from(["bool", "float", "window", "none"]),
    st.randoms(use_true_random=False),
)
def test_blocks_change_no_number(begins, kind, random):
    begins = [0] * len(begins) if kind == "none" else begins
    drawn = torch.Generator().manual_seed(random.randrange(10**6))
    queries = torch.randn(len(begins), 2, 3, 4, generator=drawn)
    keys, values = torch.randn(2, len(begins), 2, 20, 4, generator=drawn)
    seen = torch.arange(20) >= torch.tensor(begins)[:, None]
    if kind == "window":
        seen = seen & (torch.arange(20) >= 15)
    mask = None if kind == "none" else seen[:, None, None]
    if kind == "float":
        mask = torch.zeros(seen.shape).masked_fill(~seen, -torch.inf)[:, None, None]
    cuts = sorted({0, len(begins), random.randrange(len(begins) + 1)})
    blocks = [(a, b, min(begins[a:b])) for a, b in pairwise(cuts)]
    found = attention(queries, RowKeys.of(keys, blocks), values, attn_mask=mask, scale=0.3)
    assert type(found) is torch.Tensor
    assert torch.allclose(found, attention(queries, keys, values, attn_mask=mask, scale=0.3), atol=1e-6)


@pytest.mark.parametrize("doing", [lambda keys: keys[:, :1], lambda keys: keys.transpose(2, 3), lambda keys: keys + 1])
def test_anything_else_sees_a_plain_tensor(doing):
    keys = torch.randn(2, 2, 5, 4)
    found = doing(RowKeys.of(keys, [(0, 2, 0)]))
    assert type(found) is torch.Tensor
    assert torch.equal(found, doing(keys))
    assert RowKeys.of(keys, []).shape == keys.shape
    causal = attention(keys, RowKeys.of(keys, [(0, 1, 0), (1, 2, 3)]), keys, is_causal=True)
    assert torch.allclose(causal, attention(keys, keys, keys, is_causal=True))

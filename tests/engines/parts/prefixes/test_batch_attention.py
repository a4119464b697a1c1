"""Attention by blocks of rows against attention over all columns, for every kind of mask."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.parts.prefixes import batch_attention as row_attention
from engines.parts.prefixes.batch_attention import BLOCK_PRICE, Block, Row, attention, blocks_of, row_keys

COLUMNS, SHARED = 20, 6


def rows_at(begins: list[int]) -> list[Row]:
    return [Row(begin) for begin in begins]


def seen_by(begins: list[int], kind: str) -> torch.Tensor | None:
    """A mask that hides what lies before each row, and in a window the beginning of it too."""
    seen = torch.arange(COLUMNS) >= torch.tensor(begins)[:, None]
    if kind == "window":
        seen = seen & (torch.arange(COLUMNS) >= COLUMNS - 5)
    if kind == "float":
        return torch.zeros(seen.shape).masked_fill(~seen, -torch.inf)[:, None, None]
    return None if kind == "none" else seen[:, None, None]


def test_rows_of_similar_length_share_a_block():
    assert blocks_of([], 10) == []
    assert blocks_of(rows_at([0, 3, 15]), 20) == [Block(0, 3, 0)]
    assert blocks_of(rows_at([0, 30, 500, 510]), 1000) == [Block(0, 2, 0), Block(2, 4, 500)]
    found = blocks_of(rows_at([900, 0, 0, 900]), 1000)
    assert found == [Block(0, 1, 900), Block(1, 3, 0), Block(3, 4, 900)]


def test_rows_with_one_prefix_share_a_block():
    alone, first, second, short = Row(0), Row(10, 100, 1), Row(0, 100, 2), Row(0, 9, 3)
    found = blocks_of([alone, first, first, second, second, short, short], 200)
    assert found == [Block(0, 1, 0), Block(1, 3, 10, 100), Block(3, 5, 0, 100), Block(5, 7, 0)]
    assert blocks_of([first, second], 200) == [Block(0, 1, 10), Block(1, 2, 0)]


@given(st.lists(st.integers(0, 900), max_size=9))
def test_blocks_cover_all_rows_and_cost_no_more_than_one(begins):
    blocks = blocks_of(rows_at(begins), 1000)
    assert [row for block in blocks for row in range(block.start, block.end)] == list(range(len(begins)))
    assert all(block.first == min(begins[block.start : block.end]) for block in blocks)
    cost = sum((block.end - block.start) * (1000 - block.first) + BLOCK_PRICE for block in blocks)
    assert cost <= len(begins) * (1000 - min(begins, default=0)) + BLOCK_PRICE * bool(begins)


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, COLUMNS - 2), min_size=1, max_size=6),
    st.sampled_from(["bool", "float", "window", "none"]),
    st.randoms(use_true_random=False),
)
def test_blocks_change_no_number(begins, kind, random):
    begins = [0] * len(begins) if kind == "none" else begins
    drawn = torch.Generator().manual_seed(random.randrange(10**6))
    queries = torch.randn(len(begins), 2, 3, 4, generator=drawn)
    keys, values = torch.randn(2, len(begins), 2, COLUMNS, 4, generator=drawn)
    mask = seen_by(begins, kind)
    cuts = sorted({0, len(begins), random.randrange(len(begins) + 1)})
    blocks = [Block(a, b, min(begins[a:b])) for a, b in pairwise(cuts)]
    special = row_keys(keys, rows_at(begins), blocks, [None] * len(blocks))
    found = attention(queries, special, values, attn_mask=mask, scale=0.3)
    assert type(found) is torch.Tensor
    assert torch.allclose(found, attention(queries, keys, values, attn_mask=mask, scale=0.3), atol=1e-6)


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, COLUMNS - SHARED - 1), min_size=2, max_size=6),
    st.sampled_from(["bool", "float", "window", "none"]),
    st.integers(0, 1000),
)
def test_a_prefix_read_once_changes_no_number(begins, kind, seed):
    begins = [0] * len(begins) if kind == "none" else begins
    drawn = torch.Generator().manual_seed(seed)
    queries = torch.randn(len(begins), 2, 3, 4, generator=drawn)
    keys, values = torch.randn(2, len(begins), 2, COLUMNS, 4, generator=drawn)
    prefix = torch.randn(2, 1, 2, SHARED, 4, generator=drawn)
    for row, begin in enumerate(begins):
        keys[row, :, begin : begin + SHARED], values[row, :, begin : begin + SHARED] = prefix[0, 0], prefix[1, 0]
    rows = [Row(begin, SHARED, 1) for begin in begins]
    blocks = [Block(0, len(rows), min(begins), SHARED)]
    mask = seen_by(begins, kind)
    special = row_keys(keys, rows, blocks, [(prefix[0], prefix[1])])
    found = attention(queries, special, values, attn_mask=mask)
    assert torch.allclose(found, attention(queries, keys, values, attn_mask=mask), atol=1e-5)


def test_a_prefix_is_read_once_where_all_of_it_is_seen(monkeypatch):
    rows, blocks = [Row(0, SHARED, 1)] * 2, [Block(0, 2, 0, SHARED)]
    keys = torch.zeros(2, 2, COLUMNS, 4)
    prefix = torch.zeros(1, 2, SHARED, 4)
    read = []
    monkeypatch.setattr(row_attention, "_over_prefix", lambda queries, *rest: read.append(queries) or queries)
    for kind in ("bool", "window", "float", "none"):
        special = row_keys(keys, rows, blocks, [(prefix, prefix)])
        attention(keys[:, :, :3], special, keys, attn_mask=seen_by([0, 0], kind))
        attention(torch.zeros(2, 4, 1, 4), special, keys, attn_mask=seen_by([0, 0], kind), enable_gqa=True)
    assert len(read) == 2


@pytest.mark.parametrize("doing", [lambda keys: keys[:, :1], lambda keys: keys.transpose(2, 3), lambda keys: keys + 1])
def test_anything_else_sees_a_plain_tensor(doing):
    keys = torch.randn(2, 2, 5, 4)
    rows, blocks = rows_at([0, 3]), [Block(0, 1, 0), Block(1, 2, 3)]
    special = row_keys(keys, rows, blocks, [None, None])
    assert type(doing(special)) is torch.Tensor
    assert torch.equal(doing(special), doing(keys))
    assert special.shape == keys.shape
    for further, named in (((), {"is_causal": True}), ((torch.ones(5, 5).tril().bool(),), {})):
        usual = attention(keys, keys, keys, *further, **named)
        assert torch.allclose(attention(keys, special, keys, *further, **named), usual)

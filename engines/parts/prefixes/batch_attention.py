"""Attention of rows that are aligned on the right: not over empty columns, and over a shared prefix once for all rows.

A tensor of keys that carries how its rows are made takes the place of torch's attention over them. Neighbouring rows of
similar length are attended to together, each such block from its own first column on; what is left out no row may read
anyway, so any mask gives the same numbers. Rows that begin with the same prefix read its keys from one place: their
queries are laid together, and one softmax goes over prefix and own columns. Where a mask hides part of the prefix, as a
sliding window does, the rows read their own copies.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast

import torch
from torch import Tensor

BLOCK_PRICE = 200
"""What attending to one more block costs on a CPU, in columns of one row."""
LEAST_SHARED = 64
"""Tokens of a prefix from which on reading it once pays."""

attention = torch.nn.functional.scaled_dot_product_attention


@dataclass(frozen=True)
class Row:
    """Where a row begins, and what it begins with.

    Attributes:
        begin: its first column.
        shared: tokens of its prefix.
        prefix: equal for rows with the same prefix; None where it shares nothing.
    """

    begin: int
    shared: int = 0
    prefix: int | None = None


@dataclass(frozen=True)
class Block:
    """Rows [start, end), which have nothing before column `first`.

    Attributes:
        shared: tokens of the prefix that all of them begin with; 0 where they are read row by row.
    """

    start: int
    end: int
    first: int
    shared: int = 0


def blocks_of(rows: Sequence[Row], end: int) -> list[Block]:
    """Return rows in blocks: neighbours with a long prefix in common, else neighbours of similar length.

    Args:
        rows: in order.
        end: column after the last one.
    """
    blocks: list[Block] = []
    for _, run in groupby(enumerate(rows), key=lambda one: one[1].prefix if one[1].shared >= LEAST_SHARED else None):
        numbered = list(run)
        start, first = numbered[0]
        begins = [row.begin for _, row in numbered]
        if first.shared >= LEAST_SHARED and len(begins) > 1:
            blocks.append(Block(start, start + len(begins), min(begins), first.shared))
        else:
            blocks += _of_similar_length(begins, start, end)
    return blocks


def _of_similar_length(begins: Sequence[int], offset: int, end: int) -> list[Block]:
    """Blocks of least cost: the columns of each, and a fixed price for each."""
    least, starts = [0.0], [0]
    for last in range(1, len(begins) + 1):
        costs: dict[int, float] = {}
        first = end
        for start in range(last - 1, -1, -1):
            first = min(first, begins[start])
            costs[start] = least[start] + (last - start) * (end - first) + BLOCK_PRICE
        starts.append(min(costs, key=lambda start: (costs[start], start)))
        least.append(costs[starts[-1]])
    blocks, last = [], len(begins)
    while last:
        start = starts[last]
        blocks.append(Block(offset + start, offset + last, min(begins[start:last])))
        last = start
    return blocks[::-1]


class RowKeys(Tensor):
    """Keys of shape (B, heads, columns, width) whose attention goes block by block.

    Attributes:
        rows: columns count from the tensor's first one.
        prefixes: keys and values of the prefix of each block, shapes (1, heads, T, width); None where it has none.
    """

    rows: Sequence[Row]
    blocks: Sequence[Block]
    prefixes: Sequence[tuple[Tensor, Tensor] | None]

    @classmethod
    def __torch_function__(
        cls, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Anything but attention treats them as the plain tensor they are."""
        given = dict(kwargs or {})
        with torch._C.DisableTorchFunctionSubclass():
            ours = func is attention and len(args) == 3 and isinstance(args[1], RowKeys)
            if not ours or given.get("is_causal"):
                return func(*args, **given)
            return _attended(cast(Tensor, args[0]), args[1], cast(Tensor, args[2]), given)


def row_keys(
    keys: Tensor,
    rows: Sequence[Row],
    blocks: Sequence[Block],
    prefixes: Sequence[tuple[Tensor, Tensor] | None],
) -> RowKeys:
    """Return the same keys, not copied; see `RowKeys`."""
    found = keys.as_subclass(RowKeys)
    found.rows, found.blocks, found.prefixes = rows, blocks, prefixes
    return found


def _attended(queries: Tensor, keys: RowKeys, values: Tensor, given: dict[str, Any]) -> Tensor:
    mask: Tensor | None = given.pop("attn_mask", None)
    found = []
    for block, prefix in zip(keys.blocks, keys.prefixes, strict=True):
        rows = slice(block.start, block.end)
        own = mask if mask is None or mask.shape[0] == 1 else mask[rows]
        if prefix and queries.shape[1] == keys.shape[1] and _sees_all(own, keys.rows[rows], keys.shape[2]):
            found.append(_over_prefix(queries[rows], keys, values, (block, prefix, given.get("scale"))))
            continue
        own = None if own is None else own[..., block.first :]
        parts = (queries[rows], keys[rows, :, block.first :], values[rows, :, block.first :])
        found.append(attention(*parts, attn_mask=own, **given))
    return torch.cat(found)


def _sees_all(mask: Tensor | None, rows: Sequence[Row], columns: int) -> bool:
    """Whether each row may read all of its own columns, and so its whole prefix."""
    if mask is None:
        return True
    if mask.dtype != torch.bool or mask.shape[:3] != (len(rows), 1, 1):
        return False
    return int(mask.sum()) == sum(columns - row.begin for row in rows)


def _over_prefix(
    queries: Tensor, keys: RowKeys, values: Tensor, how: tuple[Block, tuple[Tensor, Tensor], float | None]
) -> Tensor:
    block, (prefix_keys, prefix_values), scale = how
    rows, first = slice(block.start, block.end), block.first + block.shared
    own_keys, own_values = keys[rows, :, first:], values[rows, :, first:]
    begins = torch.tensor([row.begin + block.shared - first for row in keys.rows[rows]], device=queries.device)
    # Before its own columns a shorter row has the end of its copy of the prefix.
    copied = torch.arange(own_keys.shape[2], device=queries.device) < begins[:, None]
    over_own = (queries @ own_keys.transpose(2, 3)).masked_fill(copied[:, None, None], -torch.inf)
    scores = torch.cat([_together(queries, prefix_keys[0].transpose(1, 2)), over_own], dim=-1)
    scale = queries.shape[-1] ** -0.5 if scale is None else scale
    weights = (scores.float() * scale).softmax(-1).to(values.dtype)
    over_prefix, own = weights.split([block.shared, own_keys.shape[2]], dim=-1)
    return _together(over_prefix, prefix_values[0]) + own @ own_values


def _together(left: Tensor, right: Tensor) -> Tensor:
    """Matrix product of every row with the same matrices: (B, heads, N, K) and (heads, K, M) to (B, heads, N, M)."""
    rows, heads, each, inner = left.shape
    joined = left.transpose(0, 1).reshape(heads, rows * each, inner) @ right
    return joined.view(heads, rows, each, -1).transpose(0, 1)

"""Attention of rows that are aligned on the right, without the empty columns before the short ones.

A tensor of keys that carries where its rows begin takes the place of torch's attention over them: neighbouring rows of
similar length are attended to together, each such block from its own first column on. What is left out no row may read
anyway, so any mask, with sliding windows or without, gives the same numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor

Block = tuple[int, int, int]
"""Rows from, rows to, first column."""

BLOCK_PRICE = 200
"""What attending to one more block costs on a CPU, in columns of one row."""


def blocks_of(begins: Sequence[int], end: int) -> list[Block]:
    """Neighbouring rows in blocks of least cost: the columns of each block, and a fixed price for each.

    Args:
        begins: first column of each row.
        end: column after the last one.
    """
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
        blocks.append((start, last, min(begins[start:last])))
        last = start
    return blocks[::-1]


class RowKeys(Tensor):
    """Keys of shape (B, heads, columns, width) whose attention goes block by block.

    Attributes:
        blocks: their columns count from the tensor's first one.
    """

    blocks: Sequence[Block]

    @classmethod
    def of(cls, keys: Tensor, blocks: Sequence[Block]) -> "RowKeys":
        """The same keys, not copied."""
        found = keys.as_subclass(cls)
        found.blocks = blocks
        return found

    @classmethod
    def __torch_function__(
        cls, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Anything but attention treats them as the plain tensor they are."""
        given = dict(kwargs or {})
        with torch._C.DisableTorchFunctionSubclass():
            if func is not torch.nn.functional.scaled_dot_product_attention or not isinstance(args[1], RowKeys):
                return func(*args, **given)
            keys: RowKeys = args[1]
            if given.get("is_causal"):
                return func(*args, **given)
            return _attended(cast(Tensor, args[0]), keys, cast(Tensor, args[2]), given)


def _attended(queries: Tensor, keys: RowKeys, values: Tensor, given: dict[str, Any]) -> Tensor:
    mask: Tensor | None = given.pop("attn_mask", None)
    found = []
    for start, end, first in keys.blocks:
        own = None if mask is None else (mask if mask.shape[0] == 1 else mask[start:end])[..., first:]
        found.append(
            torch.nn.functional.scaled_dot_product_attention(
                queries[start:end], keys[start:end, :, first:], values[start:end, :, first:], attn_mask=own, **given
            )
        )
    return torch.cat(found)

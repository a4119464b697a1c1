"""Keys and values of answers that are written side by side, in memory that is taken once.

Design decisions:
- Rows are aligned on the right: all of them write their next token in the same column, so a step copies one column and
  attention reads a view. Distances between columns are those between tokens, which sliding windows rely on.
- A row that is finished leaves, the last one takes its place, and a new one may enter beside the others; the batch is
  always as large as what is being written.
- It is a cache of transformers, so every architecture whose attention asks a cache for keys and values can use it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicLayer

from engines.parts.row_attention import Block, RowKeys, blocks_of
from engines.parts.shared_prefix import KeysValues

AHEAD = 128
"""Columns that are taken in advance; when they are full, all rows move to new memory."""


@dataclass
class _Columns:
    """Which part of the memory is in use: rows, and columns from the longest row's first to the one written next."""

    rows: int = 0
    first: int = 0
    next: int = 0
    blocks: Sequence[Block] = ()

    def keys(self, keys: Tensor) -> Tensor:
        """As attention is to see them: of several blocks, to be attended to block by block."""
        if len(self.blocks) < 2:
            return keys
        return RowKeys.of(keys, [(start, end, first - self.first) for start, end, first in self.blocks])


class _RowLayer(DynamicLayer):
    """One layer's keys and values, shape (rows, heads, columns, width)."""

    def __init__(self, columns: _Columns, keys: Tensor, values: Tensor) -> None:
        super().__init__()
        self.columns = columns
        self.lazy_initialization(keys, values)
        self.keys, self.values = keys, values

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Write one token of each row; a view of all that its attention may read."""
        at, keys, values = self.columns, cast(Tensor, self.keys), cast(Tensor, self.values)
        keys[: at.rows, :, at.next] = key_states[:, :, 0]
        values[: at.rows, :, at.next] = value_states[:, :, 0]
        seen = slice(at.first, at.next + 1)
        return at.keys(keys[: at.rows, :, seen]), values[: at.rows, :, seen]

    def get_seq_length(self) -> int:
        """Columns that were written."""
        return self.columns.next - self.columns.first

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Columns that a step reads, and the first of them."""
        return self.get_seq_length() + query_length, 0


class RowCache:
    """The cache of at most `rows` rows, none of which enters with more than `longest` tokens."""

    def __init__(self, rows: int, longest: int, device: torch.device) -> None:
        self.most = rows
        self.longest = longest
        self.device = device
        self._columns = _Columns(next=longest)
        self._begins: list[int] = []
        self._layers: list[_RowLayer] = []

    def __len__(self) -> int:
        return len(self._begins)

    @property
    def cache(self) -> Cache:
        """To hand to a model: one token of each row is appended."""
        # On a GPU one large call beats several small ones.
        if self.device.type == "cpu":
            self._columns.blocks = blocks_of(self._begins, self._columns.next)
        return Cache(layers=cast(Any, self._layers))

    def positions(self) -> Tensor:
        """Position of the next token of each row, shape (B, 1)."""
        return self._columns.next - torch.tensor(self._begins, device=self.device)[:, None]

    def mask(self) -> Tensor | None:
        """True where a row may read, the next token included, shape (B, columns); None where all may read all."""
        at = self._columns
        if all(begin == at.first for begin in self._begins):
            return None
        columns = torch.arange(at.first, at.next + 1, device=self.device)
        return columns >= torch.tensor(self._begins, device=self.device)[:, None]

    def add(self, prefix: Sequence[KeysValues], own: Sequence[KeysValues], row: int, length: int) -> None:
        """Let a row enter as the last one.

        Args:
            prefix: of what comes first, shapes (1, heads, T, width); may be empty.
            own: of what comes after, a batch of which it is one row.
            row: which one.
            length: tokens of its own, the first ones of the row.
        """
        shared = prefix[0][0].shape[2] if prefix else 0
        if not self._layers:
            self._layers = [self._taken(own[layer]) for layer in range(len(own))]
        at, place = self._columns, len(self)
        begin = at.next - shared - length
        for index, layer in enumerate(self._layers):
            for part, memory in enumerate((cast(Tensor, layer.keys), cast(Tensor, layer.values))):
                if shared:
                    memory[place, :, begin : begin + shared] = prefix[index][part][0]
                memory[place, :, begin + shared : at.next] = own[index][part][row, :, :length]
        self._begins.append(begin)
        self._settle()

    def remove(self, row: int) -> None:
        """Let a row leave; the last one takes its place."""
        last = len(self) - 1
        if row != last:
            seen = slice(self._begins[last], self._columns.next)
            for layer in self._layers:
                for memory in (cast(Tensor, layer.keys), cast(Tensor, layer.values)):
                    memory[row, :, seen] = memory[last, :, seen]
            self._begins[row] = self._begins[last]
        self._begins.pop()
        self._settle()

    def advance(self) -> None:
        """Go on to the next column after each row has written."""
        self._columns.next += 1
        if self._layers and self._columns.next == cast(Tensor, self._layers[0].keys).shape[2]:
            self._move()

    def _settle(self) -> None:
        self._columns.rows = len(self)
        self._columns.first = min(self._begins, default=self._columns.next)

    def _taken(self, like: KeysValues) -> _RowLayer:
        columns = self._columns.next + AHEAD
        # Columns that nobody wrote are masked, but a NaN found there would spread.
        keys, values = (part.new_zeros((self.most, part.shape[1], columns, part.shape[3])) for part in like)
        return _RowLayer(self._columns, keys, values)

    def _move(self) -> None:
        """To the left as far as rows that wait still fit, with columns ahead again."""
        at = self._columns
        seen = slice(at.first, at.next)
        width = at.next - at.first
        by = at.next - max(self.longest, width)
        at.next -= by
        self._begins = [begin - by for begin in self._begins]
        self._settle()
        for layer in self._layers:
            moved = self._taken(cast(KeysValues, (layer.keys, layer.values)))
            for old, new in ((layer.keys, moved.keys), (layer.values, moved.values)):
                cast(Tensor, new)[: at.rows, :, at.first : at.next] = cast(Tensor, old)[: at.rows, :, seen]
            layer.keys, layer.values = moved.keys, moved.values

"""Keys and values of answers that are written side by side, in memory that is taken once.

Design decisions:
- Rows are aligned on the right: all of them write their next token in the same column, so a step copies one column and
  attention reads a view. Distances between columns are those between tokens, which sliding windows rely on.
- A row that is finished leaves, the last one takes its place, and a new one may enter beside the others; the batch is
  always as large as what is being written.
- It is a cache of transformers, so every architecture whose attention asks a cache for keys and values can use it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicLayer

from engines.parts.prefixes.batch_attention import Block, Row, blocks_of, row_keys
from engines.parts.prefixes.shared_prefix import KeysValues

AHEAD = 128
"""Columns that are taken in advance; when they are full, all rows move to new memory."""


@dataclass
class _Columns:
    """Which part of the memory is in use: rows, and columns from the longest row's first to the one written next.

    Attributes:
        prefixes: of each row, kept by layer.
        seen, blocks: rows and blocks as attention sees them: columns count from the first one in use.
    """

    next: int
    rows: list[Row] = field(default_factory=list)
    prefixes: list[Sequence[KeysValues]] = field(default_factory=list)
    seen: Sequence[Row] = ()
    blocks: Sequence[Block] = ()

    @property
    def first(self) -> int:
        return min((row.begin for row in self.rows), default=self.next)

    def plan(self) -> None:
        """Lay down the blocks of the next step."""
        first = self.first
        self.seen = [replace(row, begin=row.begin - first) for row in self.rows]
        self.blocks = blocks_of(self.seen, self.next - first)

    def keys(self, keys: Tensor, layer: int) -> Tensor:
        """Keys that attention takes block by block, where there is more than one plain block."""
        if len(self.blocks) < 2 and not any(block.shared for block in self.blocks):
            return keys
        prefixes = [self.prefixes[block.start][layer] if block.shared else None for block in self.blocks]
        return row_keys(keys, self.seen, self.blocks, prefixes)


class _RowLayer(DynamicLayer):
    """One layer's keys and values, shape (rows, heads, columns, width)."""

    def __init__(self, columns: _Columns, index: int, keys: Tensor, values: Tensor) -> None:
        super().__init__()
        self.columns = columns
        self.index = index
        self.lazy_initialization(keys, values)
        self.keys, self.values = keys, values

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Write one token of each row; a view of all that its attention may read."""
        at, keys, values = self.columns, cast(Tensor, self.keys), cast(Tensor, self.values)
        keys[: len(at.rows), :, at.next] = key_states[:, :, 0]
        values[: len(at.rows), :, at.next] = value_states[:, :, 0]
        seen = slice(at.first, at.next + 1)
        return at.keys(keys[: len(at.rows), :, seen], self.index), values[: len(at.rows), :, seen]

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
        self._layers: list[_RowLayer] = []

    def __len__(self) -> int:
        return len(self._columns.rows)

    @property
    def cache(self) -> Cache:
        """To hand to a model: one token of each row is appended."""
        # On a GPU one large call beats several small ones.
        if self.device.type == "cpu":
            self._columns.plan()
        return Cache(layers=cast(Any, self._layers))

    def positions(self) -> Tensor:
        """Position of the next token of each row, shape (B, 1)."""
        return self._columns.next - self._begins()

    def mask(self) -> Tensor | None:
        """True where a row may read, the next token included, shape (B, columns); None where all may read all."""
        at = self._columns
        if all(row.begin == at.first for row in at.rows):
            return None
        return torch.arange(at.first, at.next + 1, device=self.device) >= self._begins()

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
            self._layers = [self._taken(index, pair) for index, pair in enumerate(own)]
        at, place = self._columns, len(self)
        begin = at.next - shared - length
        for index, layer in enumerate(self._layers):
            for part, memory in enumerate((cast(Tensor, layer.keys), cast(Tensor, layer.values))):
                if shared:
                    memory[place, :, begin : begin + shared] = prefix[index][part][0]
                memory[place, :, begin + shared : at.next] = own[index][part][row, :, :length]
        at.rows.append(Row(begin, shared, id(prefix[0][0]) if prefix else None))
        at.prefixes.append(prefix)

    def remove(self, row: int) -> None:
        """Let a row leave; the last one takes its place."""
        at, last = self._columns, len(self) - 1
        if row != last:
            seen = slice(at.rows[last].begin, at.next)
            for layer in self._layers:
                for memory in (cast(Tensor, layer.keys), cast(Tensor, layer.values)):
                    memory[row, :, seen] = memory[last, :, seen]
        at.rows[row], at.prefixes[row] = at.rows[last], at.prefixes[last]
        at.rows.pop()
        at.prefixes.pop()

    def advance(self) -> None:
        """Go on to the next column after each row has written."""
        self._columns.next += 1
        if self._layers and self._columns.next == cast(Tensor, self._layers[0].keys).shape[2]:
            self._move()

    def _begins(self) -> Tensor:
        return torch.tensor([row.begin for row in self._columns.rows], device=self.device)[:, None]

    def _taken(self, index: int, like: KeysValues) -> _RowLayer:
        columns = self._columns.next + AHEAD
        # Columns that nobody wrote are masked, but a NaN found there would spread.
        keys, values = (part.new_zeros((self.most, part.shape[1], columns, part.shape[3])) for part in like)
        return _RowLayer(self._columns, index, keys, values)

    def _move(self) -> None:
        """To the left as far as rows that wait still fit, with columns ahead again."""
        at = self._columns
        seen = slice(at.first, at.next)
        by = at.next - max(self.longest, at.next - at.first)
        at.next -= by
        at.rows = [replace(row, begin=row.begin - by) for row in at.rows]
        for layer in self._layers:
            old = cast(KeysValues, (layer.keys, layer.values))
            moved = self._taken(layer.index, old)
            layer.keys, layer.values = moved.keys, moved.values
            for part, new in zip(old, cast(KeysValues, (moved.keys, moved.values)), strict=True):
                new[: len(at.rows), :, at.first : at.next] = part[: len(at.rows), :, seen]

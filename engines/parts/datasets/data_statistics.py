"""What a reader must know of a table before using it: gaps, repeats, lengths, kinds and examples, column by column."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from engines.parts.records.cell_values import is_blank, shown

CellKind = Literal["text", "whole numbers", "numbers", "yes or no", "lists", "objects", "mixed", "empty"]
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+")
"""A run between white space; in scripts that write no spaces between words, each Han or kana character."""
QUANTILES = (0.0, 0.25, 0.5, 0.75, 0.95, 1.0)
EXAMPLES = 3


@dataclass(frozen=True)
class Lengths:
    """Quantiles of lengths: shortest, quarter, median, three quarters, 95 %, longest."""

    shortest: int
    quarter: int
    median: int
    three_quarters: int
    nearly_all: int
    longest: int


@dataclass(frozen=True)
class ColumnStatistics:
    """What a column holds.

    Attributes:
        kind: of the filled cells; "mixed" where they are of several kinds. Text that reads as numbers is numbers.
        distinct: number of different filled cells.
        characters: lengths of the filled cells as text; None where there are none.
        words: the same in words.
        examples: the first different values, each at most 120 characters.
    """

    column: str
    kind: CellKind
    filled: int
    missing: int
    distinct: int
    characters: Lengths | None
    words: Lengths | None
    examples: tuple[str, ...]


@dataclass(frozen=True)
class DataStatistics:
    """What a table holds.

    Attributes:
        rows: rows that were looked at.
        repeats: rows that repeat an earlier one in every column.
        gaps: rows with at least one empty cell.
    """

    rows: int
    repeats: int
    gaps: int
    columns: tuple[ColumnStatistics, ...]


def statistics_of(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> DataStatistics:
    """Return statistics of rows given as cells by column; a column that a row lacks counts as empty."""
    keys = Counter(_key([row.get(column) for column in columns]) for row in rows)
    gaps = sum(any(is_blank(row.get(column)) for column in columns) for row in rows)
    described = tuple(_column(column, [row.get(column) for row in rows]) for column in columns)
    return DataStatistics(len(rows), len(rows) - len(keys), gaps, described)


def kind_of(values: Sequence[Any]) -> CellKind:
    """Return what filled cells are; text of digits is numbers, as a table without types writes them."""
    kinds: set[CellKind] = {_kind(value) for value in values}
    if kinds == {"whole numbers", "numbers"}:
        return "numbers"
    if not kinds:
        return "empty"
    return kinds.pop() if len(kinds) == 1 else "mixed"


def lengths_of(numbers: Sequence[int]) -> Lengths | None:
    """Return quantiles of lengths, each a length that occurs; None where there are none."""
    if not numbers:
        return None
    return Lengths(*(int(each) for each in np.quantile(numbers, QUANTILES, method="inverted_cdf")))


def _column(column: str, cells: list[Any]) -> ColumnStatistics:
    filled = [cell for cell in cells if not is_blank(cell)]
    texts = [_text(cell) for cell in filled]
    different = dict.fromkeys(texts)
    return ColumnStatistics(
        column,
        kind_of(filled),
        len(filled),
        len(cells) - len(filled),
        len(different),
        lengths_of([len(text) for text in texts]),
        lengths_of([sum(1 for _ in WORD.finditer(text)) for text in texts]),
        tuple(text if len(text) <= 120 else f"{text[:117]}..." for text in list(different)[:EXAMPLES]),
    )


def _kind(value: Any) -> CellKind:
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, int):
        return "whole numbers"
    if isinstance(value, float):
        return "numbers"
    if isinstance(value, list | tuple):
        return "lists"
    if isinstance(value, dict):
        return "objects"
    return _kind_of_text(value.strip()) if isinstance(value, str) else "mixed"


def _kind_of_text(text: str) -> CellKind:
    if text.lower() in ("true", "false", "yes", "no"):
        return "yes or no"
    # A leading zero is part of a code or a telephone number.
    if re.fullmatch(r"[+-]?(0|[1-9]\d*)", text):
        return "whole numbers"
    return "numbers" if re.fullmatch(r"[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text) else "text"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return json.dumps(value, ensure_ascii=False, default=shown)


def _key(cells: Sequence[Any]) -> str:
    return "\0".join(_text(cell) for cell in cells)

"""Rows of a data set that ask the same, counted before anything is run on them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engines.parts.datasets.records import Records
from engines.parts.records.record_types import Record


@dataclass(frozen=True)
class Repetitions:
    """Which rows repeat what an earlier one asks.

    Attributes:
        rows: how many rows there are.
        repeated: places of the rows that repeat an earlier one.
        contradicting: those of them that answer otherwise than the first.
        example: what the first of them asks, at most 120 characters.
    """

    rows: int
    repeated: tuple[int, ...]
    contradicting: tuple[int, ...]
    example: str = ""

    @property
    def warning(self) -> str:
        """Return what a reader must know before a run; "" where no row repeats another."""
        if not self.repeated:
            return ""
        told = f"{len(self.repeated):,} of {self.rows:,} rows are repetitions, of {self.example!r} for example"
        if not self.contradicting:
            return f"{told}; each is used once."
        return (
            f"{told}; {len(self.contradicting):,} of them answer otherwise than the first one, which is used. If a "
            "column with a part of the text is missing, join it in the mapping: prompt={Body} {Question}."
        )


def repetitions_of(rows: Sequence[Record]) -> Repetitions:
    """Count the rows that are equal in what their type says is asked (`Record.same`), case and spaces apart.

    Linear in the length of the rows.
    """
    first: dict[str, Record] = {}
    repeated, contradicting, example = [], [], ""
    for at, row in enumerate(rows):
        names = row.same or tuple(name for name in type(row).model_fields if name != "id")
        asked = {name: getattr(row, name) for name in names}
        before = first.setdefault(_folded(asked), row)
        if before is not row:
            repeated.append(at)
            example = example or str(next(iter(asked.values())))[:120]
            if _folded(_rest(before, names)) != _folded(_rest(row, names)):
                contradicting.append(at)
    return Repetitions(len(rows), tuple(repeated), tuple(contradicting), example)


def data_warnings(records: Records[Any]) -> tuple[str, ...]:
    """Return what a reader must know of a data set before a run: for previews, pre-flights and notes."""
    return tuple(filter(None, (repetitions_of(records.rows).warning,)))


def _rest(row: Record, names: Sequence[str]) -> dict[str, Any]:
    """What a row answers: its required fields, and what is filled in, beside what it asks."""
    return {name: value for name, value in row.model_dump(mode="json").items() if name not in (*names, "id")}


def _folded(values: dict[str, Any]) -> str:
    told = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return " ".join(told.casefold().replace("\\n", " ").replace("\\t", " ").split())

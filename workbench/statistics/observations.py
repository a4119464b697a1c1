"""Outcomes as arrays: which observations a claim's cells hold, paired across arms and summed by seed and unit.

Design decisions:
- A metric is a function of sums (of values and their count for a mean, of sufficient statistics else), so that leaving
  out a unit or a cluster is one subtraction.
- Arms compared on the same slices are paired: an item counts only under a seed where every arm has it, and the reader
  is told how many observations had no partner. Arms without a single common item are compared as independent samples.
- What cannot be used is a `DataError` with a sentence: a live run is always incomplete, and one claim that cannot be
  settled must not hide the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.contract.claims import Cell, Metric, slice_matches
from workbench.contract.errors import DataError
from workbench.messages import noted, say
from workbench.statistics.codes import (
    Codes,
    Floats,
    coded,
    common_keys,
    distinct,
    named_codes,
    ordered,
    positions,
    renumbered,
    summed,
)


@dataclass(frozen=True)
class Sums:
    """The sufficient statistics of a contrast's T terms over S seeds and n units in G clusters.

    A unit is an item under a slice. Units of a cluster, or of an item that has none, may resemble each other.

    Attributes:
        totals: per term, (S, K).
        parts: per term, (S, n, K), what each unit adds to the totals; None where outcomes have no items.
        counts: observations by term, seed and unit, (T, S, n); None where `parts` is.
        cluster: code of each unit's cluster, (n,), from 0 to G - 1; None where `parts` is.
        items: distinct items (or clusters, where more of these); 0 without items.
        seeds: the seeds that every term has, S of them.
        arms: the arm of each term.
        dropped: observations left out because another arm lacks them.
        left_out: seeds that some term lacks.
        binary: every value is a plain 0 or 1.
    """

    totals: tuple[Floats, ...]
    parts: tuple[Floats, ...] | None
    counts: Floats | None
    cluster: Codes | None
    items: int
    seeds: tuple[int, ...]
    arms: tuple[str, ...]
    dropped: int
    left_out: tuple[int, ...]
    binary: bool

    @property
    def units(self) -> int:
        """Number of units; 0 without items."""
        return 0 if self.cluster is None else len(self.cluster)

    @property
    def clusters(self) -> int:
        """Number of clusters; 0 without items."""
        return 0 if self.cluster is None else int(self.cluster.max()) + 1

    def term(self, at: int) -> "Sums":
        """Return sums of one term alone, over the units that it has."""
        if self.parts is None or self.counts is None or self.cluster is None:
            return replace(self, totals=(self.totals[at],), arms=(self.arms[at],))
        held = self.counts[at].any(axis=0)
        return replace(
            self,
            totals=(self.totals[at],),
            arms=(self.arms[at],),
            parts=(self.parts[at][:, held],),
            counts=self.counts[at : at + 1, :, held],
            cluster=renumbered(self.cluster[held]),
        )


@dataclass(frozen=True)
class _Rows:
    """The observations of one cell: positions in the table and their statistics, (N, K)."""

    at: Codes
    values: Floats
    binary: bool
    plain: bool = False
    """Single values, so that the second statistic counts them."""


class Observations:
    """The outcomes of a run, coded once so that each claim costs only its own rows."""

    def __init__(self, outcomes: pd.DataFrame, metrics: Sequence[Metric]) -> None:
        self._metrics: Mapping[str, Metric] = {metric.name: metric for metric in metrics}
        self.arms, arm = named_codes(outcomes, "arm")
        self.metrics, metric = named_codes(outcomes, "metric")
        self.slices, self._slice = named_codes(outcomes, "slice")
        self._seeds, self._seed = named_codes(outcomes, "seed")
        items, self._item = coded(outcomes, "item")
        self._items = len(items)
        names, cluster = coded(outcomes, "cluster")
        self._unit = np.where(cluster >= 0, cluster, np.where(self._item >= 0, self._item + len(names), -1))
        self._value: npt.NDArray[np.object_] = np.asarray(outcomes["value"] if len(outcomes) else [], dtype=object)
        self._rows = positions(arm, metric, self.arms, self.metrics)
        self._under: dict[str, npt.NDArray[np.bool_]] = {}
        self._measured: dict[tuple[str, str, str], _Rows] = {}
        self._summed: dict[Any, Sums] = {}

    def slices_of(self, metric: str, arm: str) -> list[str]:
        """Return slices under which an arm reported a metric."""
        at = self._rows.get((arm, metric), np.zeros(0, np.int64))
        return [self.slices[code] for code in distinct(self._slice[at])]

    def has(self, cell: Cell) -> bool:
        """Return whether there are outcomes of a cell."""
        return any(slice_matches(cell.slice, path) for path in self.slices_of(cell.metric, cell.arm))

    def sums(self, cells: Sequence[Cell], *, inside: bool = False) -> Sums:
        """Sum what the cells of a contrast hold, paired; `inside` makes items the clusters where there is one alone.

        Raises:
            DataError: an arm has no outcomes, values are not numbers, or no seed is common to all cells.
        """
        asked = (*((cell.metric, cell.arm, cell.slice) for cell in cells), inside)
        if asked not in self._summed:
            self._summed[asked] = self._sums(cells, inside)
        return self._summed[asked]

    def _sums(self, cells: Sequence[Cell], inside: bool) -> Sums:
        rows, dropped = self._paired(cells, [self._select(cell) for cell in cells])
        common, left_out = self._common_seeds(rows)
        rows = [_kept(row, np.isin(self._seed[row.at], common)) for row in rows] if left_out else rows
        itemless = any(bool((self._unit[row.at] < 0).any()) for row in rows)
        parts, counts, cluster, item = (None, None, None, None) if itemless else self._by_unit(rows, common)
        if inside and cluster is not None and item is not None and not cluster.any():
            cluster = renumbered(item)
        places = [] if parts else [self._place(row, common) for row in rows]
        whole = [summed(place, row.values, len(common)) for place, row in zip(places, rows, strict=False)]
        return Sums(
            totals=tuple(part.sum(axis=1) for part in parts) if parts else tuple(whole),
            parts=parts,
            counts=counts,
            cluster=cluster,
            items=0
            if cluster is None or item is None
            else max(int(cluster.max()) + 1, int((distinct(item) > 0).sum())),
            seeds=self._named(common),
            arms=tuple(cell.arm for cell in cells),
            dropped=dropped,
            left_out=left_out,
            binary=all(row.binary for row in rows),
        )

    def _place(self, row: _Rows, common: Codes) -> Codes:
        return np.searchsorted(common, self._seed[row.at])

    def _by_unit(self, rows: Sequence[_Rows], common: Codes) -> tuple[tuple[Floats, ...], Floats, Codes, Codes]:
        """What each unit adds to each term, how often it was observed, its cluster, its item from 1 on (0: none)."""
        keys, code = self._units
        held = np.bincount(np.concatenate([code[row.at] for row in rows]), minlength=len(keys)) > 0
        known, number = keys[held], np.cumsum(held) - 1
        size, seeds = len(known), len(common)
        table = [self._place(row, common) * size + number[code[row.at]] for row in rows]
        parts = tuple(
            summed(place, row.values, seeds * size).reshape(seeds, size, -1)
            for place, row in zip(table, rows, strict=True)
        )
        counts = [
            part[..., 1] if row.plain else np.bincount(place, minlength=seeds * size).reshape(seeds, size)
            for part, place, row in zip(parts, table, rows, strict=True)
        ]
        seen = np.stack(counts).astype(np.float64)
        span = len(self.slices) * (self._items + 1)
        return parts, seen, renumbered(known // span), known % (self._items + 1)

    @cached_property
    def _units(self) -> tuple[Codes, Codes]:
        """Keys of all units (cluster, slice, item) in order, and each row's place among them."""
        keys = self._unit * len(self.slices) * (self._items + 1) + self._things(np.arange(len(self._unit)))
        known = ordered(keys)
        return known, np.searchsorted(known, keys)

    def _things(self, at: Codes) -> Codes:
        """One number for each slice and item."""
        return self._slice[at] * (self._items + 1) + self._item[at] + 1

    def _select(self, cell: Cell) -> _Rows:
        named = (cell.metric, cell.arm, cell.slice)
        if named not in self._measured:
            self._measured[named] = self._measure(cell, self._found(cell))
        return self._measured[named]

    def _found(self, cell: Cell) -> Codes:
        at = self._rows.get((cell.arm, cell.metric))
        if at is None:
            message = noted("Arm {arm} has no outcomes of {metric} in this run.")
            raise DataError(say(message, arm=cell.arm, metric=cell.metric))
        if cell.slice not in self._under:
            self._under[cell.slice] = np.array([slice_matches(cell.slice, path) for path in self.slices], dtype=bool)
        at = at[self._under[cell.slice][self._slice[at]]]
        if not len(at):
            message = noted("Arm {arm} has no outcomes of {metric} under slice {slice}.")
            raise DataError(say(message, arm=cell.arm, metric=cell.metric, slice=repr(cell.slice)))
        return at

    def _measure(self, cell: Cell, at: Codes) -> _Rows:
        corpus = self._metrics[cell.metric].aggregate is not None
        try:
            values = np.asarray(self._value[at].tolist(), dtype=np.float64)
        except (ValueError, TypeError) as error:
            message = noted("Values of {metric} under arm {arm} differ in length or are no numbers.")
            what = say(message, metric=cell.metric, arm=cell.arm)
            raise DataError(what) from error
        bad = int((~np.isfinite(values)).reshape(len(at), -1).any(axis=1).sum())
        if bad:
            raise DataError(
                f"{bad} of {len(at)} values of {cell.metric} under arm {cell.arm} are not finite numbers: "
                "report a failure as a value of the metric, or leave the item out of every arm."
            )
        if corpus:
            return _Rows(at, values.reshape(len(at), -1), binary=False)
        if values.ndim > 1:
            raise DataError(f"{cell.metric} reports several numbers an outcome but has no aggregate.")
        binary = bool(((values == 0) | (values == 1)).all())
        return _Rows(at, np.stack([values, np.ones(len(at))], axis=1), binary, plain=True)

    def _paired(self, cells: Sequence[Cell], rows: list[_Rows]) -> tuple[list[_Rows], int]:
        """Keep what all arms compared on the same metric and slices have in common."""
        paired, dropped = list(rows), 0
        for compared in dict.fromkeys((cell.metric, cell.slice) for cell in cells):
            terms = [t for t, cell in enumerate(cells) if (cell.metric, cell.slice) == compared]
            if len({cells[t].arm for t in terms}) < 2:
                continue
            keep = self._partners([rows[t].at for t in terms])
            for t, kept in zip(terms, keep, strict=True):
                dropped += int((~kept).sum())
                paired[t] = _kept(rows[t], kept)
        return paired, dropped

    def _partners(self, terms: list[Codes]) -> list[npt.NDArray[np.bool_]]:
        things = [self._things(at) for at in terms]
        if all(np.array_equal(things[0], thing) for thing in things) and all(
            np.array_equal(self._seed[terms[0]], self._seed[at]) for at in terms
        ):
            return [np.ones(len(at), dtype=bool) for at in terms]
        if all(bool((self._item[at] >= 0).all()) for at in terms) and not len(common_keys(things)):
            return [np.ones(len(at), dtype=bool) for at in terms]
        span = len(self.slices) * (self._items + 1)
        keys = [self._seed[at] * span + thing for at, thing in zip(terms, things, strict=True)]
        common = common_keys(keys)
        if not len(common):
            raise DataError(say("No seed has been run by all arms of the claim."))
        return [np.isin(key, common) for key in keys]

    def _common_seeds(self, rows: Sequence[_Rows]) -> tuple[Codes, tuple[int, ...]]:
        seeds = [distinct(self._seed[row.at]) for row in rows]
        common = common_keys(seeds)
        if not len(common):
            raise DataError(say("No seed has been run by all arms of the claim."))
        left_out = np.setdiff1d(np.concatenate(seeds), common)
        return common, self._named(left_out)

    def _named(self, seeds: Codes) -> tuple[int, ...]:
        return tuple(sorted(int(self._seeds[code]) for code in seeds))


def _kept(rows: _Rows, keep: npt.NDArray[np.bool_]) -> _Rows:
    return rows if keep.all() else replace(rows, at=rows.at[keep], values=rows.values[keep])

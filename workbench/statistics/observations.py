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
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.claims import Cell, Metric, slice_matches
from workbench.errors import DataError

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


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
        """Sums of one term alone, over the units that it has."""
        if self.parts is None or self.counts is None or self.cluster is None:
            return replace(self, totals=(self.totals[at],), arms=(self.arms[at],))
        held = self.counts[at].any(axis=0)
        return replace(
            self,
            totals=(self.totals[at],),
            arms=(self.arms[at],),
            parts=(self.parts[at][:, held],),
            counts=self.counts[at : at + 1, :, held],
            cluster=_renumbered(self.cluster[held]),
        )


@dataclass(frozen=True)
class _Rows:
    """The observations of one cell: positions in the table and their statistics, (N, K)."""

    at: Codes
    values: Floats
    binary: bool


class Observations:
    """The outcomes of a run, coded once so that each claim costs only its own rows."""

    def __init__(self, outcomes: pd.DataFrame, metrics: Sequence[Metric]) -> None:
        self._metrics: Mapping[str, Metric] = {metric.name: metric for metric in metrics}
        self.arms, arm = _named_codes(outcomes, "arm")
        self.metrics, metric = _named_codes(outcomes, "metric")
        self.slices, self._slice = _named_codes(outcomes, "slice")
        self._seeds, self._seed = _named_codes(outcomes, "seed")
        items, self._item = _coded(outcomes, "item")
        self._items = len(items)
        names, cluster = _coded(outcomes, "cluster")
        self._unit = np.where(cluster >= 0, cluster, np.where(self._item >= 0, self._item + len(names), -1))
        self._value: npt.NDArray[np.object_] = np.asarray(outcomes["value"] if len(outcomes) else [], dtype=object)
        self._rows = _grouped(arm, metric, self.arms, self.metrics)
        self._under: dict[str, npt.NDArray[np.bool_]] = {}
        self._measured: dict[tuple[str, str, str], _Rows] = {}

    def slices_of(self, metric: str, arm: str) -> list[str]:
        """Slices under which an arm reported a metric."""
        at = self._rows.get((arm, metric), np.zeros(0, np.int64))
        return [self.slices[code] for code in _distinct(self._slice[at])]

    def has(self, cell: Cell) -> bool:
        """Whether there are outcomes of a cell."""
        return any(slice_matches(cell.slice, path) for path in self.slices_of(cell.metric, cell.arm))

    def sums(self, cells: Sequence[Cell], *, inside: bool = False) -> Sums:
        """The sums behind the cells of a contrast, paired; `inside` makes items the clusters where there is one alone.

        Raises:
            DataError: an arm has no outcomes, values are not numbers, or no seed is common to all cells.
        """
        rows, dropped = self._paired(cells, [self._select(cell) for cell in cells])
        common, left_out = self._common_seeds(rows)
        rows = [_kept(row, np.isin(self._seed[row.at], common)) for row in rows] if left_out else rows
        itemless = any(bool((self._unit[row.at] < 0).any()) for row in rows)
        parts, counts, cluster, item = (None, None, None, None) if itemless else self._by_unit(rows, common)
        if inside and cluster is not None and item is not None and not cluster.any():
            cluster = item
        return Sums(
            totals=tuple(_summed(self._place(row, common), row.values, len(common)) for row in rows),
            parts=parts,
            counts=counts,
            cluster=cluster,
            items=0 if cluster is None else max(int(cluster.max()) + 1, self._items_of(rows)),
            seeds=self._named(common),
            arms=tuple(cell.arm for cell in cells),
            dropped=dropped,
            left_out=left_out,
            binary=all(row.binary for row in rows),
        )

    def _items_of(self, rows: Sequence[_Rows]) -> int:
        items = _distinct(np.concatenate([self._item[row.at] for row in rows]))
        return int((items >= 0).sum())

    def _place(self, row: _Rows, common: Codes) -> Codes:
        return np.searchsorted(common, self._seed[row.at])

    def _by_unit(self, rows: Sequence[_Rows], common: Codes) -> tuple[tuple[Floats, ...], Floats, Codes, Codes]:
        """What each unit adds to each term, how often it was observed, its cluster and its item."""
        span = len(self.slices) * (self._items + 1)
        codes = [self._unit[row.at] * span + self._things(row.at) for row in rows]
        known = _sorted(np.concatenate(codes))
        size, seeds = len(known), len(common)
        table = [
            self._place(row, common) * size + np.searchsorted(known, code)
            for row, code in zip(rows, codes, strict=True)
        ]
        parts = tuple(
            _summed(place, row.values, seeds * size).reshape(seeds, size, -1)
            for place, row in zip(table, rows, strict=True)
        )
        counts = [np.bincount(place, minlength=seeds * size).reshape(seeds, size) for place in table]
        seen = np.stack(counts).astype(np.float64)
        return parts, seen, _renumbered(known // span), _renumbered(known % (self._items + 1))

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
            raise DataError(f"Arm {cell.arm} has no outcomes of {cell.metric} in this run.")
        if cell.slice not in self._under:
            self._under[cell.slice] = np.array([slice_matches(cell.slice, path) for path in self.slices], dtype=bool)
        at = at[self._under[cell.slice][self._slice[at]]]
        if not len(at):
            raise DataError(f"Arm {cell.arm} has no outcomes of {cell.metric} under slice {cell.slice!r}.")
        return at

    def _measure(self, cell: Cell, at: Codes) -> _Rows:
        corpus = self._metrics[cell.metric].aggregate is not None
        try:
            values = np.asarray(self._value[at].tolist(), dtype=np.float64)
        except (ValueError, TypeError) as error:
            what = f"Values of {cell.metric} under arm {cell.arm} differ in length or are no numbers."
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
        return _Rows(at, np.stack([values, np.ones(len(at))], axis=1), bool(((values == 0) | (values == 1)).all()))

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
        if all(bool((self._item[at] >= 0).all()) for at in terms) and not len(_common(things)):
            return [np.ones(len(at), dtype=bool) for at in terms]
        span = len(self.slices) * (self._items + 1)
        keys = [self._seed[at] * span + thing for at, thing in zip(terms, things, strict=True)]
        common = _common(keys)
        if not len(common):
            raise DataError("No seed has been run by all arms of the claim.")
        return [np.isin(key, common) for key in keys]

    def _common_seeds(self, rows: Sequence[_Rows]) -> tuple[Codes, tuple[int, ...]]:
        seeds = [_distinct(self._seed[row.at]) for row in rows]
        common = _common(seeds)
        if not len(common):
            raise DataError("No seed has been run by all arms of the claim.")
        left_out = np.setdiff1d(np.concatenate(seeds), common)
        return common, self._named(left_out)

    def _named(self, seeds: Codes) -> tuple[int, ...]:
        return tuple(sorted(int(self._seeds[code]) for code in seeds))


def _coded(outcomes: pd.DataFrame, column: str) -> tuple[Any, Codes]:
    codes, names = pd.factorize(pd.Index(outcomes[column] if len(outcomes) else []))
    return names, np.asarray(codes, dtype=np.int64)


def _named_codes(outcomes: pd.DataFrame, column: str) -> tuple[list[str], Codes]:
    names, codes = _coded(outcomes, column)
    return [str(name) for name in names], codes


def _grouped(arm: Codes, metric: Codes, arms: list[str], metrics: list[str]) -> Mapping[tuple[str, str], Codes]:
    pair = arm * max(1, len(metrics)) + metric
    order = np.argsort(pair, kind="stable")
    found, starts = np.unique(pair[order], return_index=True)
    pieces = np.split(order, starts[1:]) if len(found) else []
    named: list[int] = found.tolist()
    pairs = [divmod(code, len(metrics)) for code in named]
    return {(arms[a], metrics[m]): at for (a, m), at in zip(pairs, pieces, strict=True)}


def _renumbered(codes: Codes) -> Codes:
    return np.asarray(np.unique(codes, return_inverse=True)[1], dtype=np.int64)


def _kept(rows: _Rows, keep: npt.NDArray[np.bool_]) -> _Rows:
    return rows if keep.all() else _Rows(rows.at[keep], rows.values[keep], rows.binary)


def _common(keys: Sequence[Codes]) -> Codes:
    common = _sorted(keys[0])
    for other in keys[1:]:
        common = np.intersect1d(common, _sorted(other), assume_unique=True)
    return common


def _distinct(codes: Codes) -> Codes:
    return np.flatnonzero(np.bincount(codes + 1)) - 1


def _sorted(keys: Codes) -> Codes:
    """Distinct keys in order; numpy's own hashing is many times slower on keys as regular as these."""
    keys = np.sort(keys)
    return keys[np.append(True, keys[1:] != keys[:-1])]


def _summed(place: Codes, values: Floats, length: int) -> Floats:
    columns = [np.bincount(place, weights=column, minlength=length).astype(np.float64) for column in values.T]
    return np.stack(columns, axis=-1)

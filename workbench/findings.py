"""One contrast of a claim examined on a run's outcomes: its estimate, interval and p value, or why there is none.

Design decisions:
- One seed never decides about an arm that trains something; an arm that nobody declared counts as trained.
- A metric near its floor, ceiling or chance for all arms cannot tell them apart: within three standard errors, as long
  as these are small enough to tell floor from ceiling at all (a handful of items is *undecided*, not unmeasurable). A
  share compared with a fixed bar is measurable wherever it lies.
- A share or slope is shown as it is; a difference so that larger is better.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from workbench.claims import Cell, Contrast, Metric, Share, SingleKind, Trend, contrast_of
from workbench.errors import DataError
from workbench.intervals import Curve, Estimate, estimated
from workbench.observations import Floats, Observations, Sums
from workbench.rare_events import p_floor

NEAR = 3.0
"""Standard errors within which a metric counts as being at its floor, ceiling or chance."""

ONE_SEED = "One seed never decides about an arm that is trained: at least two more are needed to see how seeds vary."


@dataclass(frozen=True)
class Finding:
    """What the outcomes say about one contrast.

    Attributes:
        contrast: weighted cells and bar; None where the claim could not even be reduced.
        estimate: the contrast with its sources of error; None where outcomes are missing.
        sums: the sufficient statistics behind it.
        p: two-sided, against the bar (the nearer one of an equivalence); None where the run cannot decide.
        problem: why the run cannot decide, as a sentence.
        unmeasurable: where all arms sit ("the floor 0"), or "".
        doubt: what raised p above the interval's own, in words.
        one_seed_trained: the problem is a single seed of an arm that trains something.
        shown: -1 where estimate and bar are shown with the opposite sign.
        unit: of the estimate.
    """

    contrast: Contrast | None = None
    estimate: Estimate | None = None
    sums: Sums | None = None
    p: float | None = None
    problem: str = ""
    unmeasurable: str = ""
    doubt: str = ""
    one_seed_trained: bool = False
    shown: float = 1.0
    unit: str = ""

    @property
    def distance(self) -> float:
        """From the estimate to the (nearer) bar; positive on the side where the claim holds."""
        if self.contrast is None or self.estimate is None:
            return float("nan")
        value, bar = self.estimate.value, self.contrast.bar
        return bar - abs(value) if self.contrast.relation == "within" else value - bar

    @property
    def favours(self) -> bool:
        """Whether the estimate lies on the side where the claim holds."""
        return self.distance > 0


class Examiner:
    """Examines contrasts on the outcomes of one run."""

    def __init__(self, observations: Observations, metrics: Sequence[Metric], trained: Mapping[str, bool]) -> None:
        self._observations = observations
        self._metrics = {metric.name: metric for metric in metrics}
        self._trained = trained

    def examine(self, kind: SingleKind, clusters_needed: int = 2) -> Finding:
        """Reduce a claim kind to a contrast and settle it as far as the outcomes allow."""
        try:
            contrast = contrast_of(kind, tuple(self._metrics.values()), self._slices(kind))
        except ValueError as error:
            return Finding(problem=f"The claim cannot be put in numbers: {error}.")
        if not contrast.terms or (isinstance(kind, Trend) and len({cell for _, cell in contrast.terms}) < 2):
            return Finding(problem="The run has fewer than two points of the trend.")
        cells = [cell for _, cell in contrast.terms]
        turned = (isinstance(kind, Share) and kind.side == "below") or (
            isinstance(kind, Trend) and kind.direction == "falling"
        )
        plain = Finding(contrast, shown=-1.0 if turned else 1.0, unit=self._unit(cells[0]))
        try:
            found = self._estimated(plain, cells)
        except DataError as error:
            return replace(plain, problem=f"{error} {error.hint}".strip())
        indistinct = "" if isinstance(kind, Share) else self._indistinct(found, cells)
        return replace(self._decidable(found, cells, clusters_needed), unmeasurable=indistinct)

    def cell(self, cell: Cell) -> tuple[Estimate, Sums]:
        """One number of a run with its sources of error.

        Raises:
            DataError: the outcomes do not give the number.
        """
        sums = self._observations.sums([cell])
        return estimated([1.0], [self._curve(cell)], sums, seeds_matter=self._trains([cell])), sums

    def _slices(self, kind: SingleKind) -> list[str]:
        along = kind.along if isinstance(kind, Trend) else None
        return self._observations.slices_of(along.metric, along.arm) if along else []

    def _unit(self, cell: Cell) -> str:
        return "log ratio" if cell.log else self._metrics[cell.metric].unit

    def _trains(self, cells: Sequence[Cell]) -> bool:
        return any(self._trained.get(cell.arm, True) for cell in cells)

    def _curve(self, cell: Cell) -> Curve:
        aggregate = self._metrics[cell.metric].aggregate

        def curve(sums: Floats) -> Floats:
            with np.errstate(all="ignore"):
                number: Any = aggregate(sums) if aggregate else sums[..., 0] / sums[..., 1]
                return np.log(number) if cell.log else np.asarray(number, dtype=np.float64)

        return curve

    def _estimated(self, plain: Finding, cells: Sequence[Cell]) -> Finding:
        assert plain.contrast is not None
        sums = self._observations.sums(cells)
        weights = [weight for weight, _ in plain.contrast.terms]
        curves = [self._curve(cell) for cell in cells]
        estimate = estimated(weights, curves, sums, seeds_matter=self._trains(cells))
        return replace(plain, estimate=estimate, sums=sums)

    def _decidable(self, found: Finding, cells: Sequence[Cell], clusters_needed: int) -> Finding:
        """Add the p value, unless the design of the run forbids one."""
        sums, estimate, contrast = found.sums, found.estimate, found.contrast
        assert sums is not None and estimate is not None and contrast is not None
        if len(sums.seeds) < 2 and self._trains(cells):
            return replace(found, problem=ONE_SEED, one_seed_trained=True)
        if not estimate.sources:
            return replace(found, problem="Without items, and with seeds that change nothing, chance cannot be judged.")
        if sums.clusters < clusters_needed and (sums.parts is not None or clusters_needed > 2):
            return replace(
                found, problem=f"The claim needs {clusters_needed} clusters and the run has {sums.clusters}."
            )
        weights = [] if any(cell.log for cell in cells) else [weight for weight, _ in contrast.terms]
        p, why = max(_tested(weights, sums, estimate, bar) for bar in _bars(found))
        return replace(found, p=p, doubt=why)

    def _indistinct(self, found: Finding, cells: Sequence[Cell]) -> str:
        """Name of the level at which all cells sit, or ""."""
        levels = [self._levels(found, t, cell) for t, cell in enumerate(cells)]
        common = set[str].intersection(*(set(near) for near in levels))
        for name in ("floor", "ceiling", "chance"):
            if name in common:
                return f"{name} {levels[0][name]:.3g}"
        return ""

    def _levels(self, found: Finding, term: int, cell: Cell) -> dict[str, float]:
        metric, sums = self._metrics[cell.metric], found.sums
        assert sums is not None
        given = {"floor": metric.floor, "ceiling": metric.ceiling, "chance": metric.chance}
        levels = {name: level for name, level in given.items() if level is not None}
        if not levels:
            return {}
        curve = self._curve(replace(cell, log=False))
        one = estimated([1.0], [curve], _only(sums, term), seeds_matter=self._trains([cell]))
        error = 0.0 if np.isnan(one.standard_error) else one.standard_error
        if len(levels) > 1 and NEAR * error > (max(levels.values()) - min(levels.values())) / 2:
            return {}
        return {name: level for name, level in levels.items() if abs(one.value - level) <= NEAR * error}


def _only(sums: Sums, term: int) -> Sums:
    """The sums of one term, over the clusters that it has."""
    if sums.parts is None or sums.counts is None:
        return replace(sums, totals=(sums.totals[term],))
    held = sums.counts[term] > 0
    counts, part = sums.counts[term : term + 1, held], sums.parts[term][:, held]
    return replace(sums, totals=(sums.totals[term],), parts=(part,), counts=counts)


def _bars(found: Finding) -> list[float]:
    """The bars that the interval must leave out: both of an equivalence that may hold, else the nearer one."""
    contrast, estimate = found.contrast, found.estimate
    assert contrast is not None and estimate is not None
    if contrast.relation == "above":
        return [contrast.bar]
    return [contrast.bar, -contrast.bar] if found.favours else [float(np.copysign(contrast.bar, estimate.value))]


def _tested(weights: Sequence[float], sums: Sums, estimate: Estimate, bar: float) -> tuple[float, str]:
    """p against one bar, and why it is higher than the interval's, or ""."""
    p, (floor, why) = estimate.p_value(bar), p_floor(weights, sums, estimate, bar)
    return (floor, why) if floor > p else (p, "")

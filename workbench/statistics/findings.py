"""One contrast of a claim examined on a run's outcomes: its estimate, interval and p value, or why there is none.

Design decisions:
- What is simply counted is compared as numbers. Everything else is a sample.
- One seed never decides about an arm that trains something; an arm that nobody declared counts as trained. A mean of
  fewer than 3.5 effective clusters is never decided. Both are shown with their interval and what it assumes.
- A metric near its floor, ceiling or chance for all arms cannot tell them apart: within three standard errors, as long
  as these are small enough to tell floor from ceiling at all (a handful of items is *undecided*, not unmeasurable). A
  share compared with a fixed bar is measurable wherever it lies.
- A share or slope is shown as it is; a difference so that larger is better.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import numpy as np

from workbench.contract.claims import Cell, Contrast, Metric, Share, SingleKind, Trend, contrast_of
from workbench.contract.errors import DataError
from workbench.messages import noted, say
from workbench.statistics.exact_tests import interval_with_floor, p_floor
from workbench.statistics.influences import Term
from workbench.statistics.intervals import Estimate, estimated
from workbench.statistics.observations import Floats, Sums

NEAR = 3.0
"""Standard errors within which a metric counts as being at its floor, ceiling or chance."""

SINGLE_CLUSTER = noted("A single item (or cluster) says nothing about others.")
FEW_CLUSTERS = noted("Fewer than four clusters: assumes that the items of a cluster are not more alike than 0.3.")

ONE_SEED = noted("One seed never decides about an arm that is trained: its interval speaks of these very models.")
FEW_FOR_A_MEAN = noted(
    "Fewer than four clusters never decide about a mean; the interval assumes that the items of a cluster are not more "
    "alike than 0.3."
)
FLOOR, CEILING, CHANCE = noted("floor"), noted("ceiling"), noted("chance")

Obstacle = Literal["", "absent", "one seed", "few clusters", "other"]
"""Why a run cannot decide: outcomes are not there, one seed of a trained arm, too few clusters, anything else."""


@dataclass(frozen=True)
class Finding:
    """What the outcomes say about one contrast.

    Attributes:
        kind: the claim's typed form.
        contrast: weighted cells and bar; None where the claim could not even be reduced.
        estimate: the contrast with its sources of error; None where outcomes are missing.
        sums: the sufficient statistics behind it.
        p: two-sided, against the bar (the nearer one of an equivalence); None where the run cannot decide.
        counted: the numbers were counted, so that `distance` decides without a p.
        plain: every term is the mean of plain values.
        obstacle, problem: why the run cannot decide, as a kind and as a sentence.
        missing: ("arms" | "metrics" | "slices") -> what the claim needs and the run does not have.
        unmeasurable: where all arms sit ("the floor 0"), or "".
        near: level -> arms that sit at it, where not all do.
        doubt: what raised p above the interval's own, in words.
        shown: -1 where estimate and bar are shown with the opposite sign.
        unit: of the estimate; "points" for differences of shares, "log ratio" for logarithms.
    """

    kind: SingleKind
    contrast: Contrast | None = None
    estimate: Estimate | None = None
    sums: Sums | None = None
    p: float | None = None
    counted: bool = False
    plain: bool = False
    obstacle: Obstacle = ""
    problem: str = ""
    missing: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])
    unmeasurable: str = ""
    near: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])
    doubt: str = ""
    shown: float = 1.0
    unit: str = ""

    @property
    def weights(self) -> list[float]:
        """Weights of the terms where all are plain means, as the exact tests need; [] else."""
        return [weight for weight, _ in self.contrast.terms] if self.contrast and self.plain else []

    def interval(self, error: float) -> tuple[float, float] | None:
        """Compute the interval of error `error`, with the sign under which the estimate is shown; None without one."""
        if self.estimate is None or self.sums is None or not self.estimate.sources:
            return None
        ends = interval_with_floor(self.weights, self.sums, self.estimate, self.bars, error)
        low, high = sorted(self.shown * end for end in ends)
        return low, high

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

    @property
    def bars(self) -> list[float]:
        """The bars that the interval must leave out: both of an equivalence that may hold, else the nearer one."""
        assert self.contrast is not None and self.estimate is not None
        bar = self.contrast.bar
        if self.contrast.relation == "above":
            return [bar]
        return [bar, -bar] if self.favours else [float(np.copysign(bar, self.estimate.value))]


class OutcomeSums(Protocol):
    """The outcomes of one run: a table of them (`Observations`), or sums that were simulated."""

    @property
    def arms(self) -> Sequence[str]:
        """Arms that have outcomes."""
        ...

    def slices_of(self, metric: str, arm: str) -> list[str]:
        """Return slices under which an arm reported a metric."""
        ...

    def has(self, cell: Cell) -> bool:
        """Return whether there are outcomes of a cell."""
        ...

    def sums(self, cells: Sequence[Cell], *, inside: bool = False) -> Sums:
        """Sum what the cells of a contrast hold, paired; `inside` makes items the clusters where there is one."""
        ...


class Examiner:
    """Examines contrasts on the outcomes of one run.

    Args:
        observations: the run's outcomes.
        metrics: the card's.
        trained: which arms train something.
        split: a seed draws the same split of the data for all arms.
    """

    def __init__(
        self, observations: OutcomeSums, metrics: Sequence[Metric], trained: Mapping[str, bool], *, split: bool = False
    ) -> None:
        self._observations = observations
        self._metrics = {metric.name: metric for metric in metrics}
        self._trained = trained
        self._split = split

    def examine(self, kind: SingleKind, clusters_needed: int = 2) -> Finding:
        """Reduce a claim kind to a contrast and settle it as far as the outcomes allow."""
        try:
            contrast = contrast_of(kind, tuple(self._metrics.values()), self._slices(kind))
        except ValueError as error:
            return Finding(kind, obstacle="other", problem=say("The claim cannot be put in numbers: {why}.", why=error))
        cells = [cell for _, cell in contrast.terms]
        missing = self._missing(kind, cells)
        if not cells or (isinstance(kind, Trend) and len(set(cells)) < 2):
            problem = say("The run has fewer than two points of the trend.")
            return Finding(kind, obstacle="absent", problem=problem, missing=missing)
        turned = isinstance(kind, Share) and kind.side == "below"
        turned = turned or (isinstance(kind, Trend) and kind.direction == "falling")
        plain = Finding(kind, contrast, missing=missing, shown=-1.0 if turned else 1.0, unit=self._unit(kind, cells[0]))
        if missing:
            return replace(plain, obstacle="absent", problem=say("The run has no outcomes for this claim."))
        try:
            found = self._estimated(plain, contrast, cells)
        except DataError as error:
            return replace(plain, obstacle="other", problem=f"{error} {error.hint}".strip())
        if found.counted:
            return found
        indistinct, near = ("", {}) if isinstance(kind, Share) else self._indistinct(found, cells)
        return replace(self._decidable(found, cells, clusters_needed), unmeasurable=indistinct, near=near)

    def cell(self, cell: Cell, against: str = "", *, inside: bool = False) -> tuple[Estimate, Sums]:
        """Return one number of a run with its sources of error, or its paired difference to another arm's.

        Args:
            cell: the number.
            against: an arm; "" for the number alone.
            inside: of a slice that is one cluster (a language) the items are the sample: the number is its own.

        Raises:
            DataError: the outcomes do not give the number.
        """
        cells = [cell, replace(cell, arm=against)] if against else [cell]
        sums = self._observations.sums(cells, inside=inside)
        terms = [self._term(weight, each) for weight, each in zip((1.0, -1.0), cells, strict=False)]
        return estimated(terms, sums, split=self._split), sums

    def trains(self, arms: Sequence[str]) -> bool:
        """Return whether one of the arms trains something."""
        return any(self._trained.get(arm, True) for arm in arms)

    def _slices(self, kind: SingleKind) -> list[str]:
        along = kind.along if isinstance(kind, Trend) else None
        return self._observations.slices_of(along.metric, along.arm) if along else []

    def _missing(self, kind: SingleKind, cells: Sequence[Cell]) -> dict[str, list[str]]:
        """What the claim's cells need and the outcomes lack: arms, else metrics of an arm, else slices."""
        if isinstance(kind, Trend) and kind.along:
            cells = [*cells, replace(kind.along, slice="")]
        have = self._observations
        arms = [cell.arm for cell in cells if cell.arm not in have.arms]
        metrics = [cell.metric for cell in cells if not arms and not have.slices_of(cell.metric, cell.arm)]
        slices = [cell.slice for cell in cells if not arms and not metrics and not have.has(cell)]
        found = {"arms": arms, "metrics": metrics, "slices": slices}
        return {name: list(dict.fromkeys(each)) for name, each in found.items() if each}

    def _unit(self, kind: SingleKind, cell: Cell) -> str:
        if cell.log:
            return "log ratio"
        unit = self._metrics[cell.metric].unit
        return "points" if unit == "share" and not isinstance(kind, Share) else unit

    def _term(self, weight: float, cell: Cell) -> Term:
        metric = self._metrics[cell.metric]

        def curve(sums: Floats) -> Floats:
            with np.errstate(all="ignore"):
                number: Any = metric.aggregate(sums) if metric.aggregate else sums[..., 0] / sums[..., 1]
                return np.log(number) if cell.log else np.asarray(number, dtype=np.float64)

        return Term(weight, curve, metric.aggregate is None and not cell.log, None if cell.log else metric.limits)

    def _estimated(self, plain: Finding, contrast: Contrast, cells: Sequence[Cell]) -> Finding:
        sums = self._observations.sums(cells)
        terms = [self._term(weight, cell) for weight, cell in contrast.terms]
        if all(self._metrics[cell.metric].counted for cell in cells):
            values = sum(term.weight * term.curve(total) for term, total in zip(terms, sums.totals, strict=True))
            return replace(plain, estimate=Estimate(float(np.mean(values))), sums=sums, counted=True)
        estimate = estimated(terms, sums, split=self._split)
        return replace(plain, estimate=estimate, sums=sums, plain=all(term.linear for term in terms))

    def _decidable(self, found: Finding, cells: Sequence[Cell], clusters_needed: int) -> Finding:
        """Add the p value, unless the design of the run forbids one."""
        sums, estimate = found.sums, found.estimate
        assert sums is not None and estimate is not None
        if len(sums.seeds) < 2 and self.trains([cell.arm for cell in cells]):
            return replace(found, obstacle="one seed", problem=say(ONE_SEED))
        if sums.clusters == 1:
            return replace(found, obstacle="few clusters", problem=say(SINGLE_CLUSTER))
        if not estimate.sources:
            problem = say("Without items, and with seeds that change nothing, chance cannot be judged.")
            return replace(found, obstacle="other", problem=problem)
        if sums.clusters < clusters_needed and (sums.parts is not None or clusters_needed > 2):
            message = noted("The claim needs {needed} clusters and the run has {n}.")
            problem = say(message, needed=clusters_needed, n=sums.clusters)
            return replace(found, obstacle="few clusters", problem=problem)
        if estimate.few and not sums.binary:
            return replace(found, obstacle="few clusters", problem=say(FEW_FOR_A_MEAN))
        p, why = max(_tested(found.weights, sums, estimate, bar) for bar in found.bars)
        return replace(found, p=p, doubt=why)

    def _indistinct(self, found: Finding, cells: Sequence[Cell]) -> tuple[str, dict[str, list[str]]]:
        """Name of the level at which all cells sit, or "", and the arms near each level where not all are."""
        levels = [self._levels(found, t, cell) for t, cell in enumerate(cells)]
        near: dict[str, list[str]] = {}
        for name in (FLOOR, CEILING, CHANCE):
            there = [cell.arm for cell, each in zip(cells, levels, strict=True) if name in each]
            if len(there) == len(cells):
                return f"{say(name)} {levels[0][name]:.3g}", {}
            if there and name != CHANCE:
                near[name] = list(dict.fromkeys(there))
        return "", near

    def _levels(self, found: Finding, term: int, cell: Cell) -> dict[str, float]:
        metric, sums = self._metrics[cell.metric], found.sums
        assert sums is not None
        given = {FLOOR: metric.floor, CEILING: metric.ceiling, CHANCE: metric.chance}
        levels = {name: level for name, level in given.items() if level is not None}
        if not levels:
            return {}
        try:
            one = estimated([self._term(1.0, replace(cell, log=False))], sums.term(term), split=self._split)
        except DataError:
            return {}
        error = 0.0 if np.isnan(one.standard_error) else one.standard_error
        if len(levels) > 1 and NEAR * error > (max(levels.values()) - min(levels.values())) / 2:
            return {}
        return {name: level for name, level in levels.items() if abs(one.value - level) <= NEAR * error}


def _tested(weights: Sequence[float], sums: Sums, estimate: Estimate, bar: float) -> tuple[float, str]:
    """p against one bar, and why it is higher than the interval's, or ""."""
    p, (floor, why) = estimate.p_value(bar), p_floor(weights, sums, estimate, bar)
    return (floor, why) if floor > p else (p, "")

"""Power of a run that has not begun: how often it would decide a claim whose smallest effect of interest is real.

Design decisions:
- Simulated runs are judged by the bench's own examiner, at the error that the first of a claim's family has (Holm): so
  a claim's power does not rest on how its neighbours turn out.
- A conjunction needs all its parts; they are drawn apart, which is on the safe side where they go together.
- Sizes are sought on a coarse ladder, items and their clusters growing together: what a run needs is known roughly.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TypeVar

import numpy as np

from workbench.contract.circumstances import look_error
from workbench.contract.claims import Cell, Claim, Design, Metric, SingleKind, Trend, contrast_of
from workbench.contract.engine import Engine, Preset
from workbench.messages import noted, say
from workbench.statistics.findings import Examiner, Finding
from workbench.statistics.planted_runs import DrawnOutcomes, Planting
from workbench.statistics.verdicts import LEVEL

ENOUGH = 0.8
"""Power that a study should have for its headline claims."""
RUNS = 300
"""Simulated runs; the standard error of a power of 0.8 is then 0.023."""
POINTS = 6
"""Slices of a trend whose number only the run will know."""
ITEMS_LADDER = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0)
"""Times as many items, with their clusters."""
ITEMS_AT_MOST = 10_000
"""More are not simulated."""
SEEDS_LADDER = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30)

Size = TypeVar("Size", int, float)


@dataclass(frozen=True)
class Needed:
    """The least size that decides a claim with enough power, one side grown and the other left; None where none does.

    Attributes:
        items, clusters: at the seeds of the preset.
        seeds: at the items of the preset.
        sentence: the size in words, for a card's `honesty`; "" where neither side alone will do.
    """

    items: int | None
    clusters: int | None
    seeds: int | None
    sentence: str


def power(engine: Engine, claim: Claim, preset: Preset, *, runs: int = RUNS, seed: int = 0) -> float:
    """Simulate how often a run decides for a claim whose contrast lies its smallest effect beyond the bar, in [0, 1].

    Args:
        preset: settings, arms and seeds of the run.
        runs: simulated.
        seed: of the simulation.

    Raises:
        ValueError: the claim names no smallest effect or no design, or these would put a share beyond 0 or 1.
    """
    if _counted(engine, claim):
        return float(_asked(engine, claim, preset.arms))
    return _power(engine, claim, preset.arms, _sample(claim, preset), runs, seed)


def needed(engine: Engine, claim: Claim, preset: Preset, *, runs: int = RUNS) -> Needed:
    """Seek the least number of items, or of seeds, that gives a claim a power of at least 0.8.

    Raises:
        ValueError: as `power`.
    """
    sample = _sample(claim, preset)

    def by_items(factor: float) -> float:
        return _power(engine, claim, preset.arms, sample.grown(factor), runs, 0)

    def by_seeds(seeds: int) -> float:
        return _power(engine, claim, preset.arms, replace(sample, seeds=seeds), runs, 0)

    factor = _least([x for x in ITEMS_LADDER if x == 1 or x * sample.design.items <= ITEMS_AT_MOST], by_items)
    more = _least([x for x in SEEDS_LADDER if x > sample.seeds], by_seeds)
    larger = None if factor is None else sample.grown(factor).design
    items, clusters = (larger.items, larger.clusters) if larger else (None, None)
    clustered = say("{n} items in {clusters} clusters", n=f"{items or 0:,}", clusters=f"{clusters or 0:,}")
    alone = say("{n} items", n=f"{items or 0:,}")
    sizes = [alone if clusters == items else clustered] if items else []
    sizes += [say("{n} seeds", n=more)] if more else []
    message = noted("To decide “{claim}” takes about {sizes}.")
    sentence = say(message, claim=say(claim.sentence), sizes=say(" or ").join(sizes)) if sizes else ""
    return Needed(items, clusters, more, sentence)


def family_error(engine: Engine, claim: Claim, arms: Sequence[str]) -> float:
    """Return the two-sided error of the first of a claim's family: the level's over those that `arms` tests."""
    family = [other for other in engine.claims if other.family == claim.family]
    tested = [other for other in family if _asked(engine, other, arms) and not _counted(engine, other)]
    return look_error(1, 1 - LEVEL) / max(1, len(tested))


@dataclass(frozen=True)
class _Sample:
    """How many items and seeds."""

    design: Design
    seeds: int

    def grown(self, factor: float) -> "_Sample":
        """Return the same with `factor` times as many items and clusters."""
        items, clusters = (ceil(many * factor) for many in (self.design.items, self.design.clusters))
        return replace(self, design=replace(self.design, items=items, clusters=min(items, clusters)))


def _sample(claim: Claim, preset: Preset) -> _Sample:
    if claim.design is None or claim.smallest is None:
        raise ValueError(f"{claim.name} names no design, or no smallest effect of interest.")
    return _Sample(claim.design(preset.config), len(preset.seeds))


def _power(engine: Engine, claim: Claim, arms: Sequence[str], sample: _Sample, runs: int, seed: int) -> float:
    if not _asked(engine, claim, arms) or not sample.design.items:
        return 0.0
    error, smallest = family_error(engine, claim, arms), claim.smallest or 0.0
    rng = np.random.default_rng(seed)
    held = np.ones(runs, dtype=bool)
    for part in claim.parts:
        planting = _planted(engine, part, sample, smallest)
        if planting.metric.counted:
            continue
        examine = _examiner(engine, part, planting, claim.clusters_needed)
        held &= np.array([_holds(examine(drawn), error) for drawn in planting.outcomes(runs, rng)])
    return float(held.mean())


def _planted(engine: Engine, part: SingleKind, sample: _Sample, smallest: float) -> Planting:
    contrast = contrast_of(part, engine.metrics, _slices(part))
    metrics = {metric.name: metric for metric in engine.metrics}
    bar = contrast.bar
    return Planting(
        contrast=contrast,
        design=sample.design,
        metric=metrics[contrast.terms[0][1].metric],
        value=max(0.0, bar - smallest) if contrast.relation == "within" else bar + smallest,
        seeds=sample.seeds,
        seed_deviation=sample.design.seed_spread * smallest,
        trained={arm.name: arm.trained for arm in engine.arms},
        split=engine.seeds_draw == "split",
    )


def _examiner(
    engine: Engine, part: SingleKind, planting: Planting, clusters_needed: int
) -> Callable[[DrawnOutcomes], Finding]:
    metrics = [replace(metric, aggregate=None, bounds=metric.limits) for metric in engine.metrics]

    def examine(drawn: DrawnOutcomes) -> Finding:
        examiner = Examiner(drawn, metrics, planting.trained, split=planting.split)
        return examiner.examine(part, clusters_needed)

    return examine


def _holds(found: Finding, error: float) -> bool:
    return found.favours and not found.unmeasurable and found.p is not None and found.p <= error


def _cells(part: SingleKind, metrics: Sequence[Metric]) -> list[Cell]:
    return [cell for _, cell in contrast_of(part, metrics, _slices(part)).terms]


def _all_cells(engine: Engine, claim: Claim) -> list[Cell]:
    return [cell for part in claim.parts for cell in _cells(part, engine.metrics)]


def _asked(engine: Engine, claim: Claim, arms: Sequence[str]) -> bool:
    return {cell.arm for cell in _all_cells(engine, claim)} <= set(arms)


def _counted(engine: Engine, claim: Claim) -> bool:
    counted = {metric.name for metric in engine.metrics if metric.counted}
    return {cell.metric for cell in _all_cells(engine, claim)} <= counted


def _slices(part: SingleKind) -> list[str]:
    """Slices of a trend along what only the run will know; none else."""
    if not isinstance(part, Trend) or part.along is None:
        return []
    return [part.along.slice.replace("*", str(point)) for point in range(1, POINTS + 1)]


def _least(ladder: Sequence[Size], reached: Callable[[Size], float]) -> Size | None:
    """First size of the ladder whose power is enough, by bisection."""
    at = bisect_left(ladder, True, key=lambda size: reached(size) >= ENOUGH)
    return ladder[at] if at < len(ladder) else None

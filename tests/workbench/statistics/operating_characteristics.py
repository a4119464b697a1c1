"""Coverage, width, null rate and power of the bench's intervals, by judging simulated runs through its own examiner."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.workbench.statistics.crossed_draws import CrossedDesign
from workbench.claims import Cell, Metric, Share, SingleKind, Superiority
from workbench.statistics.findings import Examiner, Finding
from workbench.statistics.observations import Sums

METRICS = {"share": Metric("score", "share", "higher", ""), "mean": Metric("score", "", "higher", "")}
A, B = Cell("score", "a"), Cell("score", "b")
BATCH = 200
"""Runs drawn at a time."""


@dataclass(frozen=True)
class Rates:
    """What became of the simulated runs of one design, in percent of them; `width` is a mean length.

    Attributes:
        covered: the 95 % interval holds the truth.
        decided: p at most 0.05.
        right: of these, on the side where the truth is.
        points: the interval has no length.
        outside: it reaches beyond what the number can be.
    """

    covered: float
    decided: float
    right: float
    width: float
    points: float
    outside: float


class DrawnOutcomes:
    """The outcomes of one simulated run, with what an examiner asks of a table of them."""

    arms = ("a", "b")

    def __init__(self, sums: Sums) -> None:
        self._sums = sums

    def slices_of(self, metric: str, arm: str) -> list[str]:
        return [""]

    def has(self, cell: Cell) -> bool:
        return True

    def sums(self, cells: Sequence[Cell]) -> Sums:
        return self._sums


def sums_of(values: np.ndarray, cluster: np.ndarray) -> Sums:
    """The sums of one run's values, (arms, seeds, items), nan where a seed does not judge an item."""
    judged = np.isfinite(values)
    counts, filled = judged.astype(float), np.where(judged, values, 0.0)
    parts = tuple(np.stack([part, count], axis=-1) for part, count in zip(filled, counts, strict=True))
    return Sums(
        totals=tuple(part.sum(axis=1) for part in parts),
        parts=parts,
        counts=counts,
        cluster=cluster,
        items=len(cluster),
        seeds=tuple(range(values.shape[1])),
        arms=("a", "b")[: len(values)],
        dropped=0,
        left_out=(),
        binary=bool(((filled == 0) | (filled == 1)).all()),
    )


def examined(design: CrossedDesign, values: np.ndarray, *, trained: bool, split: bool, bar: float) -> Finding:
    """What the bench finds in one run: a above b, or a above `bar` where there is one arm."""
    kind: SingleKind = Superiority(A, B) if design.arms == 2 else Share(A, bar)
    outcomes = DrawnOutcomes(sums_of(values, design.cluster))
    return Examiner(outcomes, (METRICS[design.kind],), {"a": trained, "b": trained}, split=split).examine(kind)


def rates(
    design: CrossedDesign,
    runs: int,
    effect: float = 0.0,
    *,
    trained: bool | None = None,
    shared_draw: bool = False,
    seed: int = 0,
) -> Rates:
    """Judge `runs` simulated runs of a design.

    Args:
        effect: planted.
        trained: the arms train something; by default where there are several seeds.
        shared_draw: the card says that a seed draws the same for all arms.
    """
    rng = np.random.default_rng([seed, design.clusters, design.seeds, round(1000 * effect)])
    trained = design.seeds > 1 if trained is None else trained
    bar = design.level if design.arms == 1 else 0.0
    truth = effect + bar
    lowest, highest = {"share": (design.arms == 2 and -1.0, 1.0), "mean": (-np.inf, np.inf)}[design.kind]
    found = np.zeros((runs, 6))
    for start in range(0, runs, BATCH):
        drawn = design.draw(rng, min(BATCH, runs - start), effect)
        for place, values in enumerate(drawn, start):
            finding = examined(design, values, trained=trained, split=shared_draw, bar=bar)
            assert finding.estimate is not None, finding.problem
            low, high = finding.estimate.interval(0.95)
            decided = finding.p is not None and finding.p <= 0.05
            found[place] = (
                low <= truth <= high,
                decided,
                decided and finding.favours == (effect > 0),
                high - low,
                low == high,
                low < lowest or high > highest,
            )
    mean = found.mean(axis=0)
    return Rates(*(100 * mean[:3]), mean[3], *(100 * mean[4:]))

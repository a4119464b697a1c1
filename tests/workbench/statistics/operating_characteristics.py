"""Coverage, width, null rate and power of the bench's intervals, by judging simulated runs through its own examiner."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tests.workbench.statistics.crossed_draws import CrossedDesign
from workbench.contract.circumstances import look_error
from workbench.contract.claims import Cell, Metric, Share, SingleKind, Superiority
from workbench.statistics.findings import Examiner, Finding
from workbench.statistics.observations import Sums
from workbench.statistics.planted_runs import DrawnOutcomes

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


def examined(design: CrossedDesign, values: np.ndarray, *, trained: bool, shared_draw: bool = False) -> Finding:
    """What the bench finds in one run's values, (arms, seeds, items): a above b, or a single arm above the level."""
    kind: SingleKind = Superiority(A, B) if design.arms == 2 else Share(A, design.level)
    cluster = design.cluster[: values.shape[-1]]
    outcomes = DrawnOutcomes(("a", "b"), [""], sums_of(values, cluster))
    return Examiner(outcomes, (METRICS[design.kind],), {"a": trained, "b": trained}, split=shared_draw).examine(kind)


def drawn(design: CrossedDesign, runs: int, effect: float, seed: int = 0) -> Iterator[np.ndarray]:
    """Values of `runs` runs, one after another."""
    rng = np.random.default_rng([seed, design.clusters, design.seeds, round(1000 * effect)])
    for start in range(0, runs, BATCH):
        yield from design.draw(rng, min(BATCH, runs - start), effect)


def rates(
    design: CrossedDesign,
    runs: int,
    effect: float = 0.0,
    *,
    trained: bool | None = None,
    shared_draw: bool = False,
    truth: float | None = None,
) -> Rates:
    """Judge `runs` simulated runs of a design.

    Args:
        effect: planted.
        trained: the arms train something; by default where there are several seeds.
        shared_draw: the card says that a seed draws the same for all arms.
        truth: what intervals should hold, where it is not the effect.
    """
    trained = design.seeds > 1 if trained is None else trained
    truth = effect + (design.level if design.arms == 1 else 0.0) if truth is None else truth
    lowest, highest = (-np.inf, np.inf) if design.kind == "mean" else (1.0 - design.arms, 1.0)
    found = np.zeros((runs, 6))
    for place, values in enumerate(drawn(design, runs, effect)):
        finding = examined(design, values, trained=trained, shared_draw=shared_draw)
        ends = finding.interval(0.05)
        assert ends is not None, finding.problem
        low, high = ends
        decided = finding.p is not None and finding.p <= 0.05
        found[place] = (
            low <= truth <= high,
            decided,
            decided and finding.favours == (effect > 0),
            high - low,
            low == high,
            low < lowest - 1e-12 or high > highest + 1e-12,
        )
    mean = found.mean(axis=0)
    return Rates(*(100 * mean[:3]), mean[3], *(100 * mean[4:]))


def decided_by_look(
    design: CrossedDesign, sizes: Sequence[int], grows: str, runs: int, effect: float = 0.0
) -> tuple[float, float]:
    """Percent of runs decided at the first look, and at any, when a run grows until it is decided.

    Args:
        design: of the run in full.
        sizes: seeds or clusters at each look.
        grows: "seeds" or "clusters".
        effect: planted; with one, only decisions on its side count.
    """
    at = np.zeros(len(sizes))
    for values in drawn(design, runs, effect):
        for look, size in enumerate(sizes):
            part = values[:, :size] if grows == "seeds" else values[..., : size * design.per_cluster]
            finding = examined(design, part, trained=design.seeds > 1)
            if finding.p is not None and finding.p <= look_error(look + 1, 0.05):
                at[look] += not effect or finding.favours
                break
    return 100 * at[0] / runs, 100 * at.sum() / runs

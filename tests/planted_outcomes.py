"""Small simulated outcomes in which a claim of a card holds, fails, or lies exactly at its bar.

The claim's contrasts are linear in the numbers of its cells: the smallest change of a plausible start that puts each
contrast where it is wanted is a least-squares problem over the leaves (metric, arm, slice) of the run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
import pandas as pd

from workbench.contract.claims import (
    Aggregate,
    Claim,
    Conjunction,
    Contrast,
    Metric,
    Share,
    SingleKind,
    Trend,
    contrast_of,
    slice_matches,
)

SEEDS, ITEMS, CLUSTERS = 5, 200, 25
LAYERS = ("2", "4", "6", "8")

Statistics = Mapping[Aggregate, Callable[[np.random.Generator, float, int], np.ndarray]]
"""For each aggregate, a draw of (items, K) sufficient statistics whose number is near the given one."""


@dataclass(frozen=True)
class Leaf:
    """A place where a run reports outcomes."""

    metric: str
    arm: str
    slice: str


def planted(
    metrics: Sequence[Metric], claim: Claim, way: float, statistics: Statistics | None = None, seed: int = 0
) -> pd.DataFrame:
    """Outcomes of a run in which every part of a claim is clearly true (`way` 1), false (-1), or at its bar (0)."""
    parts = parts_of(claim)
    named = {metric.name: metric for metric in metrics}
    slices = _slices(parts, metrics)
    contrasts = [contrast_of(part, metrics, slices) for part in parts]
    leaves = _leaves(contrasts, slices)
    effects = [_effect(part, contrast, named, way) for part, contrast in zip(parts, contrasts, strict=True)]
    numbers = _numbers(contrasts, leaves, named, effects)
    rng = np.random.default_rng(seed)
    same = rng.normal(size=ITEMS)
    frames = [_outcomes(rng, leaf, named[leaf.metric], numbers[leaf], same, statistics or {}) for leaf in leaves]
    return pd.concat(frames, ignore_index=True)


def parts_of(claim: Claim) -> tuple[SingleKind, ...]:
    return claim.kind.parts if isinstance(claim.kind, Conjunction) else (claim.kind,)


def _slices(parts: Sequence[SingleKind], metrics: Sequence[Metric]) -> list[str]:
    """The slices that the globs of a claim speak of."""
    found: set[str] = set()
    for part in parts:
        if isinstance(part, Trend) and part.along:
            found |= {part.along.slice.replace("*", layer) for layer in LAYERS}
        else:
            found |= {cell.slice.replace("*", "any") for _, cell in contrast_of(part, metrics).terms}
    return sorted(found - {""}) or [""]


def _leaves(contrasts: Sequence[Contrast], slices: Sequence[str]) -> list[Leaf]:
    cells = dict.fromkeys(cell for contrast in contrasts for _, cell in contrast.terms)
    found = [Leaf(c.metric, c.arm, path) for c in cells for path in slices if slice_matches(c.slice, path)]
    return list(dict.fromkeys(found))


def _numbers(
    contrasts: Sequence[Contrast], leaves: list[Leaf], metrics: Mapping[str, Metric], effects: Sequence[float]
) -> dict[Leaf, float]:
    """Numbers of the leaves (logarithms where a contrast compares them) that put each contrast where it is wanted."""
    logs = {cell.metric for contrast in contrasts for _, cell in contrast.terms if cell.log}
    first = [_start(metrics[leaf.metric]) for leaf in leaves]
    start = np.array([np.log(x) if leaf.metric in logs else x for leaf, x in zip(leaves, first, strict=True)])
    matrix = np.zeros((len(contrasts), len(leaves)))
    wanted = np.zeros(len(contrasts))
    for row, (contrast, effect) in enumerate(zip(contrasts, effects, strict=True)):
        for weight, cell in contrast.terms:
            under = [
                k
                for k, leaf in enumerate(leaves)
                if (leaf.metric, leaf.arm) == (cell.metric, cell.arm) and slice_matches(cell.slice, leaf.slice)
            ]
            matrix[row, under] += weight / len(under)
        wanted[row] = contrast.bar + effect
        if contrast.relation == "within":
            wanted[row] = 0.0 if effect > 0 else contrast.bar - effect
    change = np.linalg.lstsq(matrix, wanted - matrix @ start, rcond=None)[0]
    return {
        leaf: float(np.exp(value) if leaf.metric in logs else value)
        for leaf, value in zip(leaves, start + change, strict=True)
    }


def _range(metric: Metric) -> float:
    low, high = metric.limits or (0.0, float("inf"))
    return high - low


def _start(metric: Metric) -> float:
    if metric.unit == "share":
        return 0.65
    if metric.aggregate is not None:
        return 0.4
    low, _ = metric.limits or (0.0, 0.0)
    return low + _range(metric) / 2 if isfinite(_range(metric)) else 5.0


def _effect(part: SingleKind, contrast: Contrast, metrics: Mapping[str, Metric], way: float) -> float:
    """A clear effect: a fifth of a share, a unit of anything else; a trend's is twice that over its whole range."""
    weight, cell = contrast.terms[0]
    metric = metrics[cell.metric]
    size = 0.2 if metric.unit == "share" else 0.3 if metric.aggregate else min(1.0, _range(metric) / 5)
    if cell.log:
        return way * 0.3
    if isinstance(part, Trend):
        at = [x for x, _ in part.points] or [float(layer) for layer in LAYERS]
        return way * 2 * size / (max(at) - min(at))
    room = abs(contrast.bar) if way * weight < 0 else 1 - abs(contrast.bar)
    return way * (min(size, 0.8 * room) if isinstance(part, Share) and metric.unit == "share" else size)


def _outcomes(
    rng: np.random.Generator, leaf: Leaf, metric: Metric, number: float, same: np.ndarray, statistics: Statistics
) -> pd.DataFrame:
    values = np.concatenate([_values(rng, metric, number, same, statistics) for _ in range(SEEDS)])
    where = np.tile(np.arange(ITEMS), SEEDS)
    return pd.DataFrame(
        {
            "arm": leaf.arm,
            "metric": leaf.metric,
            "seed": np.repeat(np.arange(SEEDS), ITEMS),
            "value": values if values.ndim == 1 else list(map(tuple, values.tolist())),
            "item": [f"{leaf.slice}:{i}" for i in where],
            "cluster": [f"c{i % CLUSTERS}" for i in where],
            "slice": leaf.slice,
        }
    )


def _values(
    rng: np.random.Generator, metric: Metric, number: float, same: np.ndarray, statistics: Statistics
) -> np.ndarray:
    """Outcomes of one arm under one seed whose metric is near `number`."""
    from scipy.special import ndtri

    if metric.aggregate is not None:
        return statistics[metric.aggregate](rng, number, ITEMS)
    drawn = 0.95 * same + 0.3 * rng.normal(size=ITEMS)
    if metric.unit == "share":
        number = float(np.clip(number, 0.003, 0.997)) + 0.002 * rng.normal()
        return (drawn < ndtri(np.clip(number, 0.001, 0.999))).astype(float)
    return number * (1 + 0.002 * rng.normal()) + 0.2 * min(1.0, _range(metric) / 4) * drawn

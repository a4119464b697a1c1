"""Small simulated outcomes in which a claim holds, or fails, by a clear margin.

The claim's contrasts are linear in the numbers of its cells: the smallest change of a plausible start that puts each
contrast on the wanted side of its bar is a least-squares problem over the leaves (metric, arm, slice) of the run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.workbench.claims_of_papers import corpus
from tests.workbench.claims_of_papers.method_claims import MethodClaims
from workbench.claims import Claim, Conjunction, Contrast, Metric, Share, SingleKind, Trend, contrast_of, slice_matches

SEEDS, ITEMS, CLUSTERS = 5, 300, 30
LAYERS = ("2", "4", "6", "8")


@dataclass(frozen=True)
class Leaf:
    """A place where a run reports outcomes."""

    metric: str
    arm: str
    slice: str


def planted(method: MethodClaims, claim: Claim, *, holds: bool, seed: int = 0) -> pd.DataFrame:
    """Outcomes of a run in which the claim is true, or in which each of its parts is false."""
    parts = claim.kind.parts if isinstance(claim.kind, Conjunction) else (claim.kind,)
    metrics = {metric.name: metric for metric in method.metrics}
    slices = _slices(parts)
    contrasts = [contrast_of(part, method.metrics, slices) for part in parts]
    leaves = _leaves(contrasts, slices)
    effects = [_effect(part, contrast, metrics) for part, contrast in zip(parts, contrasts, strict=True)]
    numbers = _numbers(contrasts, leaves, metrics, effects if holds else [-effect for effect in effects])
    rng = np.random.default_rng(seed)
    same = rng.normal(size=ITEMS)
    frames = [_outcomes(rng, leaf, metrics[leaf.metric], numbers[leaf], same) for leaf in leaves]
    return pd.concat(frames, ignore_index=True)


def _slices(parts: Sequence[SingleKind]) -> list[str]:
    """The slices that the globs of a claim speak of."""
    found: set[str] = set()
    for part in parts:
        if isinstance(part, Trend) and part.along:
            found |= {part.along.slice.replace("*", layer) for layer in LAYERS}
        else:
            found |= {cell.slice.replace("*", "any") for _, cell in _terms(part)}
    return sorted(found - {""}) or [""]


def _terms(part: SingleKind):
    everything = tuple(Metric(name, "", None, "") for name in _names(part))
    return contrast_of(part, everything).terms


def _names(part: SingleKind) -> set[str]:
    cells = [value for value in vars(part).values() if hasattr(value, "metric")]
    cells += [cell for value in vars(part).values() if isinstance(value, tuple) for cell in _flat(value)]
    return {cell.metric for cell in cells}


def _flat(values: tuple):
    return [v for value in values for v in (value if isinstance(value, tuple) else (value,)) if hasattr(v, "metric")]


def _leaves(contrasts: Sequence[Contrast], slices: Sequence[str]) -> list[Leaf]:
    cells = dict.fromkeys(cell for contrast in contrasts for _, cell in contrast.terms)
    found = [Leaf(c.metric, c.arm, path) for c in cells for path in slices if slice_matches(c.slice, path)]
    return list(dict.fromkeys(found))


def _numbers(
    contrasts: Sequence[Contrast], leaves: list[Leaf], metrics: Mapping[str, Metric], effects: Sequence[float]
) -> dict[Leaf, float]:
    """Numbers of the leaves (logarithms where a contrast compares them) that put each contrast where it is wanted."""
    logs = {cell.metric for contrast in contrasts for _, cell in contrast.terms if cell.log}
    start = np.array(
        [
            np.log(_start(metrics[leaf.metric])) if leaf.metric in logs else _start(metrics[leaf.metric])
            for leaf in leaves
        ]
    )
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


def _start(metric: Metric) -> float:
    if metric.unit == "share":
        return 0.65
    if metric.aggregate is not None:
        return 0.4
    return 5.0


def _effect(part: SingleKind, contrast: Contrast, metrics: Mapping[str, Metric]) -> float:
    """A clear effect: a fifth of a share, a unit of anything else; a trend's is twice that over its whole range."""
    cell = contrast.terms[0][1]
    metric = metrics[cell.metric]
    size = 0.2 if metric.unit == "share" else 0.3 if metric.aggregate else 1.0
    if cell.log:
        return 0.3
    if isinstance(part, Trend):
        at = [x for x, _ in part.points] or [float(layer) for layer in LAYERS]
        return 2 * size / (max(at) - min(at))
    room = min(abs(contrast.bar), 1 - abs(contrast.bar))
    return min(size, 0.8 * room) if isinstance(part, Share) and metric.unit == "share" else size


def _outcomes(rng: np.random.Generator, leaf: Leaf, metric: Metric, number: float, same: np.ndarray) -> pd.DataFrame:
    values = np.concatenate([_values(rng, metric, number, same) for _ in range(SEEDS)])
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


def _values(rng: np.random.Generator, metric: Metric, number: float, same: np.ndarray) -> np.ndarray:
    """Outcomes of one arm under one seed whose metric is near `number`."""
    from scipy.special import ndtri

    drawn = 0.95 * same + 0.3 * rng.normal(size=ITEMS)
    if metric.aggregate is not None:
        return _STATISTICS[metric.aggregate](rng, number)
    if metric.unit == "share":
        number = float(np.clip(number, 0.003, 0.997)) + 0.002 * rng.normal()
        return (drawn < ndtri(np.clip(number, 0.001, 0.999))).astype(float)
    return number * (1 + 0.002 * rng.normal()) + 0.2 * drawn


def _counts_of_f1(classes: int):
    def draw(rng: np.random.Generator, number: float) -> np.ndarray:
        right = rng.poisson(8 * number, size=(ITEMS, classes))
        missed = rng.poisson(8 * (1 - number), size=(2, ITEMS, classes))
        return np.stack([right, missed[0], missed[1]], axis=-1).reshape(ITEMS, -1).astype(float)

    return draw


def _matches(rng: np.random.Generator, number: float) -> np.ndarray:
    lengths = rng.integers(8, 14, size=(2, ITEMS))
    return np.stack([rng.binomial(lengths.min(axis=0), np.clip(number, 0, 1)), *lengths], axis=-1).astype(float)


def _quotients(rng: np.random.Generator, number: float) -> np.ndarray:
    whole = rng.integers(8, 14, size=ITEMS)
    return np.stack([rng.binomial(whole, np.clip(number, 0, 1)), whole], axis=-1).astype(float)


def _ngrams(rng: np.random.Generator, number: float) -> np.ndarray:
    possible = np.stack([rng.integers(9 - n, 14 - n, size=ITEMS) for n in range(4)], axis=-1)
    length = possible[:, :1] + 1
    return np.concatenate([rng.binomial(possible, np.clip(number, 0, 1)), possible, length, length], axis=-1).astype(
        float
    )


def _moments(rng: np.random.Generator, number: float) -> np.ndarray:
    x, noise = rng.normal(size=(2, ITEMS))
    y = number * x + np.sqrt(max(0.0, 1 - number**2)) * noise
    return np.stack([np.ones(ITEMS), x, y, x * x, y * y, x * y], axis=-1)


def _histograms(rng: np.random.Generator, number: float) -> np.ndarray:
    """Two groups over four bins, one document of each an item; a part `number` of the second moves to the last bin."""
    first = rng.multinomial(1, [0.25] * 4, size=ITEMS)
    moved = np.clip(number, 0, 1) / 0.75
    second = rng.multinomial(1, np.array([0.25] * 4) * (1 - moved) + np.array([0, 0, 0, moved]), size=ITEMS)
    return np.concatenate([first, second], axis=-1).astype(float)


def _two_shares(rng: np.random.Generator, number: float) -> np.ndarray:
    hits = rng.random((2, ITEMS)) < np.clip(number, 0, 1)
    return np.stack([hits[0], np.ones(ITEMS), hits[1], np.ones(ITEMS)], axis=-1).astype(float)


_STATISTICS = {
    corpus.f1: _counts_of_f1(1),
    corpus.macro_f1: _counts_of_f1(3),
    corpus.match_f1: _matches,
    corpus.ratio: _quotients,
    corpus.bleu: _ngrams,
    corpus.pearson: _moments,
    corpus.kolmogorov_smirnov: _histograms,
    corpus.mean_of_two: _two_shares,
}

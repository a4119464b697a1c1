"""Small contrasts made by hand: sums of arms of values, and their estimates."""

from collections.abc import Sequence

import numpy as np

from workbench.statistics.influences import Term
from workbench.statistics.intervals import Estimate, estimated
from workbench.statistics.observations import Sums


def mean(sums: np.ndarray) -> np.ndarray:
    return sums[..., 0] / sums[..., 1]


def mean_terms(weights: Sequence[float]) -> list[Term]:
    return [Term(weight, mean) for weight in weights]


def table(*arms: np.ndarray, cluster: Sequence[int] | None = None, names: Sequence[str] = "abcdef") -> Sums:
    """The sums of arms of values, each (S, n), nan where a seed does not have a unit."""
    seeds, units = arms[0].shape
    seen = [np.isfinite(arm).astype(float) for arm in arms]
    parts = tuple(np.stack([np.nan_to_num(arm), there], axis=-1) for arm, there in zip(arms, seen, strict=True))
    code = np.arange(units) if cluster is None else np.unique(cluster, return_inverse=True)[1]
    return Sums(
        totals=tuple(part.sum(axis=1) for part in parts),
        parts=parts,
        counts=np.stack(seen),
        cluster=code,
        items=units,
        seeds=tuple(range(seeds)),
        arms=tuple(names[: len(arms)]),
        dropped=0,
        left_out=(),
        binary=False,
    )


def itemless(*arms: np.ndarray) -> Sums:
    """One value an arm and seed, each (S,)."""
    totals = tuple(np.stack([arm, np.ones_like(arm)], axis=-1) for arm in arms)
    return Sums(totals, None, None, None, 0, tuple(range(len(arms[0]))), tuple("ab"[: len(arms)]), 0, (), False)


def estimate(sums: Sums, weights: Sequence[float] = (1.0,), *, split: bool = False) -> Estimate:
    return estimated(mean_terms(weights), sums, split=split)


def difference(a: np.ndarray, b: np.ndarray, *, split: bool = False, cluster: Sequence[int] | None = None) -> Estimate:
    return estimate(table(a, b, cluster=cluster), [1.0, -1.0], split=split)

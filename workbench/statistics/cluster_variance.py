"""Variance of a contrast over clusters: what they show, what is assumed where they are few, what 0 and 1 imply.

Design decisions:
- Clusters that occur in the same cells form a stratum; independent samples (unpaired slices) are strata of their own.
- Clusters of unequal size leave fewer degrees of freedom than their number: the effective number less one.
- Few clusters say little of how alike their items are: what they show is averaged with what items alone would give
  under a moderate likeness, which weighs two degrees of freedom (shares always, means below 3.5 effective clusters).
- Zeros and ones too rare to show their variance still have the one that two pseudo-observations imply.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.statistics.influences import Term, by_cluster, unit_influences
from workbench.statistics.observations import Floats, Sums

PRIOR_DF = 2.0
"""Weight, in degrees of freedom, of what is assumed about clusters."""
LIKENESS_OF_SHARES, LIKENESS_OF_MEANS = 0.05, 0.1
"""Intraclass correlation that is assumed; the noise of 0 and 1 dilutes likeness."""
FEW_DF = 2.5
"""Below these degrees of freedom, 3.5 effective clusters, a mean is never decided."""


@dataclass(frozen=True)
class ClusterVariance:
    """Variance of one stratum of clusters, seeds taken as given.

    Attributes:
        df: degrees of freedom, the assumed ones included.
        crossed: the part of it that a seed does to single clusters.
        few: fewer than 3.5 effective clusters.
    """

    variance: float
    df: float
    crossed: float
    few: bool


def cluster_variances(terms: Sequence[Term], sums: Sums, clusters: Floats) -> list[ClusterVariance]:
    """Measure the variance over clusters of each stratum.

    Args:
        terms: of the contrast.
        sums: their sufficient statistics.
        clusters: influence of each cluster on the contrast under each seed, (S, G).
    """
    assert sums.counts is not None and sums.cluster is not None
    seen = np.asarray((sums.counts > 0).any(axis=1), dtype=np.float64)
    counts = by_cluster(seen, sums.cluster)
    strata = _strata(counts)
    floor = binomial_variance(terms, sums) if sums.binary else 0.0
    dfs = [max(0.0, _effective(counts[:, stratum]) - 1) for stratum in strata]
    wanted = sums.binary or min(dfs) < FEW_DF
    units = unit_influences(terms, sums).mean(axis=0) if wanted and sums.clusters < sums.units else None
    found: list[ClusterVariance] = []
    for stratum, df in zip(strata, dfs, strict=True):
        between, crossed = _between(clusters[:, stratum])
        place = np.full(sums.clusters, -1)
        place[stratum] = np.arange(len(stratum))
        code = place[sums.cluster]
        inside = code >= 0
        least = floor * float(inside.mean())
        few = df < FEW_DF
        if units is None or int(inside.sum()) == len(stratum):
            found.append(ClusterVariance(max(between, least), df, crossed, few))
            continue
        code, size = code[inside], np.bincount(code[inside])
        within = max(_within(units[inside], code, size), least)
        if sums.binary or few:
            like = LIKENESS_OF_SHARES if sums.binary else LIKENESS_OF_MEANS
            each = float((size**2).sum() / size.sum())
            assumed = within * (1 + each * like / (1 - like))
            between, df = (PRIOR_DF * assumed + df * between) / (PRIOR_DF + df), PRIOR_DF + df
        found.append(ClusterVariance(between, df, crossed, few))
    return found


def binomial_variance(terms: Sequence[Term], sums: Sums) -> float:
    """Compute the variance that 0/1 values imply, two pseudo-observations added.

    Terms that were observed on the same units (two arms on one slice) are paired there; what is left are single shares.
    """
    assert sums.parts is not None and sums.counts is not None
    present = np.asarray((sums.counts > 0).any(axis=1))
    shares = [_share(part, counts) for part, counts in zip(sums.parts, sums.counts, strict=True)]
    observed: dict[bytes, list[int]] = {}
    for t, there in enumerate(present):
        observed.setdefault(there.tobytes(), []).append(t)
    variance = 0.0
    for together in observed.values():
        there = present[together[0]]
        weights, n = [terms[t].weight for t in together], int(there.sum())
        if len(together) > 1:
            d = np.sum([weight * shares[t][there] for weight, t in zip(weights, together, strict=True)], axis=0)
            reach = sum(map(abs, weights)) / 2
            variance += float(((d**2).sum() + 2 * reach**2 - d.sum() ** 2 / n) / (n + 2) ** 2)
        else:
            share = (float(shares[together[0]][there].sum()) + 1) / (n + 2)
            variance += weights[0] ** 2 * share * (1 - share) / n
    return variance


def _share(part: Floats, counts: Floats) -> Floats:
    """Each unit's mean over seeds and observations, (n,); 0 where it has none."""
    return part[..., 0].sum(axis=0) / np.maximum(counts.sum(axis=0), 1)


def _between(clusters: Floats) -> tuple[float, float]:
    """Variance that G clusters show, and the part that a seed does to single ones; `clusters` is (S, G)."""
    seeds, size = clusters.shape
    scale = size / (size - 1) if size > 1 else 1.0
    always = clusters.mean(axis=0)
    apart = float(((clusters - always) ** 2).sum()) / (seeds * (seeds - 1)) if seeds > 1 else 0.0
    return scale * float((always**2).sum()), scale * apart


def _within(units: Floats, code: npt.NDArray[np.intp], size: npt.NDArray[np.intp]) -> float:
    """Variance that unalike items of a cluster alone would give."""
    means = np.bincount(code, units) / size
    spread = (units - means[code]) ** 2 * (size / np.maximum(size - 1, 1))[code]
    return float(np.nan_to_num(spread).sum())


def _strata(counts: Floats) -> list[npt.NDArray[np.intp]]:
    present = counts > 0
    if present.all():
        return [np.arange(counts.shape[1])]
    _, stratum = np.unique(present, axis=1, return_inverse=True)
    stratum = stratum.ravel()
    return [np.flatnonzero(stratum == code) for code in range(int(stratum.max()) + 1)]


def _effective(counts: Floats) -> float:
    """Effective number of clusters of sizes n: (sum n)^2 / sum n^2, the sizes taken as shares of their cells."""
    held = counts[counts.any(axis=1)]
    share = (held / held.sum(axis=1, keepdims=True)).mean(axis=0)
    return float(1 / (share**2).sum())

"""Intervals of a contrast whose items are crossed with seeds.

Design decisions:
- Clusters are left out one at a time (jackknife), which serves means, ratios, logarithms and corpus metrics alike. The
  deviations by seed and cluster split into what a cluster does under every seed and what it does under one.
- The error of a contrast has two sources, items and seeds, each with its own degrees of freedom. Their t quantiles are
  averaged by variance (Cochran and Cox, 1950): exact when one source rules, on the safe side between. Satterthwaite's
  approximation, the usual choice, decided up to 10 % of null runs at two seeds.
- The interaction of cluster and seed is counted once, with the seeds; the interval is never narrower than the one
  that takes the seeds as given.
- Clusters of unequal size leave fewer degrees of freedom than their number: the effective number less one.
- Skewness ties the mean to its standard error: the interval is the hull of the t interval and of Hall's (1992)
  transformation of it. For symmetric values both are the t interval.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import DataError
from workbench.observations import Floats, Sums

Curve = Callable[[Floats], Floats]
"""From sums of sufficient statistics, (..., K), to the number, (...)."""

ROUNDING = 1e-20
"""A variance below this share of the squared contrast is rounding."""


@dataclass(frozen=True)
class Source:
    """One source of error: its variance and the degrees of freedom behind it."""

    variance: float
    df: float


@dataclass(frozen=True)
class Estimate:
    """A contrast with its sources of error.

    Attributes:
        value: mean over seeds of the contrast under each seed.
        items: variance over clusters, by stratum, the interaction with seeds included; empty without items.
        items_alone: the same without the interaction.
        seeds: variance of the seed-level contrasts over S; None where seeds are no source of error, or only one.
        interaction: the variance that the interaction of cluster and seed adds.
        third: third cumulant of the estimate over clusters.
    """

    value: float
    items: tuple[Source, ...] = ()
    items_alone: tuple[Source, ...] = ()
    seeds: Source | None = None
    interaction: float = 0.0
    third: float = 0.0

    @cached_property
    def sources(self) -> tuple[tuple[Source, ...], ...]:
        """The sets of sources whose intervals the estimate covers: seeds as given, seeds as drawn."""
        fixed = (self.items,) if self.items else ()
        return (*fixed, (*self.items_alone, self.seeds)) if self.seeds else fixed

    @property
    def standard_error(self) -> float:
        """Standard error of the contrast; nan where nothing says how it varies."""
        return float(np.sqrt(max((sum(s.variance for s in each) for each in self.sources), default=np.nan)))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Two-sided confidence interval; (nan, nan) where nothing says how the contrast varies."""
        return self._ends((1 - level) / 2)

    def p_value(self, bar: float) -> float:
        """Two-sided p against `bar`: one minus the highest level whose interval leaves `bar` out."""
        from scipy.optimize import brentq

        def gap(log_p: float) -> float:
            low, high = self._ends(np.exp(log_p) / 2)
            return low - bar if self.value > bar else bar - high

        if not self.sources or self.value == bar or gap(0.0) <= 0:
            return 1.0
        if gap(-33.0) >= 0:
            return 0.0
        log_p: Any = brentq(gap, -33.0, 0.0, xtol=1e-7)
        return float(np.exp(log_p))

    def reach(self, tail: float) -> float:
        """Half width of the t interval with error `tail` on either side."""
        widths = (quantile(each, tail) * sum(source.variance for source in each) ** 0.5 for each in self.sources)
        return max(widths, default=np.nan)

    def grown(self, seeds: float, items: float) -> "Estimate":
        """What to expect of `seeds` times as many seeds and `items` times as many items, at the same value."""
        crossed = [
            max(0.0, both.variance - one.variance) for both, one in zip(self.items, self.items_alone, strict=True)
        ]
        alone = [Source(one.variance / items, (one.df + 1) * items - 1) for one in self.items_alone]
        both = [Source(one.variance + more / (seeds * items), one.df) for one, more in zip(alone, crossed, strict=True)]
        if not self.seeds:
            return Estimate(self.value, tuple(both), tuple(alone))
        own = max(0.0, self.seeds.variance - self.interaction)
        drawn = own + (self.seeds.variance - own) / items
        return Estimate(self.value, tuple(both), tuple(alone), Source(drawn / seeds, (self.seeds.df + 1) * seeds - 1))

    def _ends(self, tail: float) -> tuple[float, float]:
        ends = [_ends(self.value, each, tail, self.third) for each in self.sources]
        return min((low for low, _ in ends), default=np.nan), max((high for _, high in ends), default=np.nan)


def estimated(weights: Sequence[float], curves: Sequence[Curve], sums: Sums, *, seeds_matter: bool) -> Estimate:
    """The contrast `sum of weight x curve(sums)`, averaged over seeds.

    Args:
        weights, curves: one of each per term of `sums`.
        sums: the terms' sufficient statistics.
        seeds_matter: an arm trains something, so that seeds are a source of error even if they agree.

    Raises:
        DataError: the contrast is not a finite number (logarithm of zero), or a cluster holds a whole cell.
    """
    terms = list(zip(weights, curves, sums.totals, strict=True))
    cells = np.array([w * f(total) for w, f, total in terms])
    per_seed = _finite(cells.sum(axis=0), "The metric is not a finite number on these outcomes.")
    value, n_seeds = float(per_seed.mean()), len(sums.seeds)
    rounding = ROUNDING * float((cells**2).sum(axis=0).mean())
    between = float(per_seed.var(ddof=1)) / n_seeds if n_seeds > 1 else 0.0
    between = 0.0 if between <= rounding else between
    seeds = Source(between, n_seeds - 1) if n_seeds > 1 and (seeds_matter or between) else None
    if sums.parts is None or sums.counts is None:
        return Estimate(value, seeds=seeds)
    shifts = -per_seed[:, None] + sum(
        w * f(total[:, None] - part) for (w, f, total), part in zip(terms, sums.parts, strict=True)
    )
    shifts = _finite(shifts, "One item (or cluster) holds all outcomes of a cell, so nothing says how the cell varies.")
    return _with_items(Estimate(value, seeds=seeds), shifts, sums.counts, rounding)


def _finite(values: Floats, otherwise: str) -> Floats:
    if not np.isfinite(values).all():
        raise DataError(otherwise, "Give each cell more items, or compare without the logarithm.")
    return values


def _with_items(plain: Estimate, shifts: Floats, counts: Floats, rounding: float) -> Estimate:
    """Add what leaving out each cluster says; `shifts` is (S, G), `counts` (T, G)."""
    n_seeds = len(shifts)
    always = shifts.mean(axis=0)
    apart = ((shifts - always) ** 2).sum(axis=0) / (n_seeds * (n_seeds - 1)) if n_seeds > 1 else np.zeros_like(always)
    items: list[Source] = []
    alone: list[Source] = []
    interaction = 0.0
    for stratum in _strata(counts):
        size = len(stratum)
        scale, df = (size - 1) / size or 1.0, max(1.0, _clusters_that_count(counts[:, stratum]) - 1)
        variance, crossed = scale * float((always[stratum] ** 2).sum()), scale * float(apart[stratum].sum())
        items.append(Source(variance if variance > rounding else 0.0, df))
        alone.append(Source(max(0.0, variance - crossed), df))
        interaction += crossed if crossed > rounding else 0.0
    seeds = plain.seeds or (Source(0.0, n_seeds - 1) if interaction else None)
    return Estimate(plain.value, tuple(items), tuple(alone), seeds, interaction, float(-(always**3).sum()))


def _strata(counts: Floats) -> list[npt.NDArray[np.intp]]:
    """Clusters by the cells they occur in: independent samples (unpaired slices) are strata of their own."""
    present = counts > 0
    if present.all():
        return [np.arange(counts.shape[1])]
    _, stratum = np.unique(present, axis=1, return_inverse=True)
    stratum = stratum.ravel()
    return [np.flatnonzero(stratum == code) for code in range(int(stratum.max()) + 1)]


def _clusters_that_count(counts: Floats) -> float:
    """Effective number of clusters of sizes n: (sum n)^2 / sum n^2, the sizes taken as shares of their cells."""
    held = counts[counts.any(axis=1)]
    share = (held / held.sum(axis=1, keepdims=True)).mean(axis=0)
    return float(1 / (share**2).sum())


def _ends(value: float, sources: Sequence[Source], tail: float, third: float) -> tuple[float, float]:
    """Hull of the t interval and its skewness-corrected form, each with error `tail` on either side."""
    variance = sum(source.variance for source in sources)
    if variance <= 0:
        return value, value
    error, reach = float(np.sqrt(variance)), quantile(sources, tail)
    low, high = value - error * reach, value + error * reach
    skew = third / variance**1.5
    if abs(skew) < 1e-9:
        return low, high
    return (
        min(low, value - error * _hall(reach, skew)),
        max(high, value - error * _hall(-reach, skew)),
    )


def _hall(reach: float, skew: float) -> float:
    """The studentised deviation whose Hall transform is `reach`."""
    return float(3 / skew * (np.cbrt(1 + skew * (reach - skew / 6)) - 1))


def quantile(sources: Sequence[Source], tail: float) -> float:
    """Mean of the sources' t quantiles, weighted by variance: Cochran and Cox's approximation."""
    from scipy.special import stdtrit

    variance = sum(source.variance for source in sources)
    if variance <= 0:
        return 0.0
    return sum(source.variance / variance * -float(stdtrit(source.df, tail)) for source in sources if source.variance)

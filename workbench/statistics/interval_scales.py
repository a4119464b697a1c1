"""The scale on which an interval is laid, so that no end lies where the number cannot be.

Design decisions:
- A single bounded number: Wilson's interval at the effective number of observations.
- A contrast of bounded numbers: Fisher's z of the contrast over half its range, two pseudo-observations added.
- Anything else: the hull of the t interval and of Hall's (1992) transformation, because skewness ties a mean to its
  standard error.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.statistics.influences import Term
from workbench.statistics.observations import Sums


@dataclass(frozen=True)
class Scale:
    """How the ends of an interval are laid.

    Attributes:
        low, high: least and greatest value that the contrast can take.
        items: observations behind it.
        binary: every value is 0 or 1, so that the effective number of observations cannot exceed theirs.
    """

    kind: Literal["plain", "share", "difference"] = "plain"
    low: float = -math.inf
    high: float = math.inf
    items: int = 0
    binary: bool = False

    @property
    def reach(self) -> float:
        """Half the range."""
        return (self.high - self.low) / 2

    def ends(self, value: float, variance: float, quantile: float, third: float) -> tuple[float, float]:
        """Return ends of the interval that reaches `quantile` standard errors to either side.

        Args:
            value, variance: the estimate.
            third: its third cumulant, for a plain scale.
        """
        if self.kind == "share":
            return self._wilson(value, variance, quantile)
        if self.kind == "difference":
            return self._fisher(value, variance, quantile)
        low, high = _hull(value, variance, quantile, third)
        return min(value, max(low, self.low)), max(value, min(high, self.high))

    def _wilson(self, value: float, variance: float, q: float) -> tuple[float, float]:
        n, wide = self.items, 2 * self.reach
        share = min(1.0, max(0.0, (value - self.low) / wide))
        pq = share * (1 - share) if 0 < share < 1 else (n + 1) / (n + 2) ** 2
        effective = pq * wide**2 / variance if variance > 0 else float(n)
        if self.binary:
            effective = min(effective, float(n))
        shrunk = 1 + q * q / effective
        centre = (share + q * q / (2 * effective)) / shrunk
        half = q / shrunk * np.sqrt(share * (1 - share) / effective + q * q / (4 * effective**2))
        low, high = max(0.0, centre - half), min(1.0, centre + half)
        return float(min(value, self.low + wide * low)), float(max(value, self.low + wide * high))

    def _fisher(self, value: float, variance: float, q: float) -> tuple[float, float]:
        n = self.items
        if variance <= 0:
            variance = 2 * self.reach**2 / (n + 2) ** 2
        middle = (self.low + self.high) / 2
        x = min(1.0, max(-1.0, (value - middle) / self.reach)) * n / (n + 2)
        half = q * np.sqrt(variance) / (self.reach * (1 - x * x))
        z = np.arctanh(x)
        low, high = (middle + self.reach * float(np.tanh(z + way * half)) for way in (-1, 1))
        return min(value, low), max(value, high)


PLAIN = Scale()
"""No bounds."""


def scale_of(terms: Sequence[Term], sums: Sums) -> Scale:
    """Return the scale that fits a contrast: bounded where every term is."""
    infinite = (-math.inf, math.inf)
    given = [term.limits or ((0.0, 1.0) if sums.binary and term.linear else infinite) for term in terms]
    ends = [
        sorted((term.weight * low, term.weight * high))
        for term, (low, high) in zip(terms, given, strict=True)
        if term.weight
    ]
    low, high = sum(low for low, _ in ends), sum(high for _, high in ends)
    items = len(sums.seeds)
    if sums.counts is not None:
        items = int((sums.counts > 0).any(axis=1).sum(axis=1).min())
    if not terms or not math.isfinite(high - low):
        return Scale("plain", low, high, items)
    return Scale("share" if len(terms) == 1 else "difference", low, high, items, sums.binary)


def _hull(value: float, variance: float, q: float, third: float) -> tuple[float, float]:
    if variance <= 0:
        return value, value
    error = float(np.sqrt(variance))
    low, high = value - error * q, value + error * q
    skew = third / variance**1.5
    if abs(skew) < 1e-9:
        return low, high
    return min(low, value - error * _hall(q, skew)), max(high, value - error * _hall(-q, skew))


def _hall(reach: float, skew: float) -> float:
    """The studentised deviation whose Hall transform is `reach`."""
    return float(3 / skew * (np.cbrt(1 + skew * (reach - skew / 6)) - 1))

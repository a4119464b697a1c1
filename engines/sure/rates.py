"""Robustness, win and lose rates of a reader whose answers were judged before and after a change of form."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import DataError

Changes = npt.NDArray[np.int64]

DRAWS = 2000
"""Resamples of the intervals."""
LEVEL = 0.95


@dataclass(frozen=True)
class Rate:
    """A share with its bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Rates:
    """What became of n pairs.

    Attributes:
        robust: RR, the share of pairs as right, or as wrong, as before (C = 0).
        win: WR, wrong became right (C = -1).
        lose: LR, right became wrong (C = 1).
        p: of the exact McNemar test of wins against losses, two-sided.
    """

    pairs: int
    robust: Rate
    win: Rate
    lose: Rate
    p: float


def changes(before: npt.ArrayLike, after: npt.ArrayLike) -> Changes:
    """C = Y(before) - Y(after) for each pair, in {-1, 0, 1}; Y is 1 where the answer is right.

    Raises:
        DataError: the two differ in length.
    """
    right, then = np.asarray(before, dtype=np.int64), np.asarray(after, dtype=np.int64)
    if right.shape != then.shape:
        raise DataError(f"{len(right)} answers before the change and {len(then)} after it make no pairs.")
    return right - then


def rates(change: Changes, clusters: npt.ArrayLike, seed: int = 0) -> Rates:
    """RR, WR and LR with intervals from resampling clusters, and the McNemar test.

    Args:
        change: as `changes` gives it, shape (n,).
        clusters: what pairs share (passage, topic), shape (n,).
        seed: of the resampling.

    Raises:
        DataError: there are no pairs.
    """
    if not len(change):
        raise DataError("There are no pairs to take rates of.", "Give more questions, or more forms.")
    _, code = np.unique(np.asarray(clusters), return_inverse=True)
    kinds = np.stack([change == 0, change == -1, change == 1], axis=1)
    counts = np.stack([np.bincount(code, weights=column) for column in kinds.T.astype(float)], axis=1).astype(float)
    low, high = bootstrap_shares(counts, seed)
    shares = kinds.mean(axis=0)
    robust, win, lose = (Rate(float(v), float(a), float(b)) for v, a, b in zip(shares, low, high, strict=True))
    return Rates(len(change), robust, win, lose, mcnemar_p(int(kinds[:, 1].sum()), int(kinds[:, 2].sum())))


def bootstrap_shares(counts: npt.NDArray[np.float64], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Percentile interval of each kind's share when clusters are drawn with replacement.

    Args:
        counts: pairs of each kind in each cluster, shape (G, K).

    Returns:
        Lower and upper ends, shape (K,) each.
    """
    size = len(counts)
    drawn = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), DRAWS) @ counts
    shares = drawn / drawn.sum(axis=1, keepdims=True)
    low, high = np.quantile(shares, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high


def mcnemar_p(wins: int, losses: int) -> float:
    """Exact two-sided McNemar test: chance of so uneven wins and losses if either were as likely; 1 without any."""
    from scipy.stats import binomtest

    return float(binomtest(wins, wins + losses, 0.5).pvalue) if wins + losses else 1.0

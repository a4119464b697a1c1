"""Rewards of responses: quality and learnability made comparable within a prompt, combined, and turned into pairs.

Arrays have one row a prompt and one column a teacher, shape (P, N); NaN marks a response that cannot be used. It stays
NaN all the way, takes part in no pair, and is never ranked.
"""

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.contract import DataError

SAME = 1e-12
"""A spread below this is none, whatever rounding left of it."""


@dataclass(frozen=True)
class Pairs:
    """Labels of teacher pairs, each shape (K,).

    Attributes:
        prompt: row of the rewards.
        a, b: columns, a < b.
        label: C = 1 where b has the higher reward, 0 where a has, one half for a tie that is kept.
        ties: pairs with equal rewards, kept or dropped.
        excluded: pairs of which a response cannot be used.
    """

    prompt: np.ndarray
    a: np.ndarray
    b: np.ndarray
    label: np.ndarray
    ties: int
    excluded: int

    def __len__(self) -> int:
        return len(self.label)

    def of(self, prompts: np.ndarray) -> "Pairs":
        """The pairs of some prompts, which are numbered anew in their order; ties and excluded keep their counts."""
        places = np.full(int(max(self.prompt.max(initial=-1), prompts.max(initial=-1))) + 1, -1)
        places[prompts] = np.arange(len(prompts))
        kept = places[self.prompt] >= 0
        return Pairs(places[self.prompt[kept]], self.a[kept], self.b[kept], self.label[kept], self.ties, self.excluded)


def normalised(values: np.ndarray, how: Literal["minmax", "z"]) -> np.ndarray:
    """Rewards within each prompt, across its teachers: section on the reward of the paper, which names no formula.

    Args:
        values: shape (P, N).
        how: "minmax" maps the lowest to 0 and the highest to 1; "z" subtracts the mean and divides by the standard
            deviation (of all, not of a sample).

    Returns:
        Shape (P, N), float64. Where all responses of a prompt are equal, one half (minmax) or 0 (z).
    """
    values = np.asarray(values, np.float64)
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a prompt without one usable response
        low, high = np.nanmin(values, 1, keepdims=True), np.nanmax(values, 1, keepdims=True)
        flat = (high - low) <= SAME * np.maximum(1, np.abs(high))
        if how == "minmax":
            found, constant = (values - low) / (high - low), 0.5
        else:
            found, constant = (values - np.nanmean(values, 1, keepdims=True)) / np.nanstd(values, 1, keepdims=True), 0.0
    return np.where(known, np.where(flat, constant, found), np.nan)


def combined(quality: np.ndarray, learnability: np.ndarray, alpha: float) -> np.ndarray:
    """r = (1 - alpha) r_q + alpha r_l: equation 2 of the paper, on normalised rewards.

    At the ends the other reward is left out altogether; a response that lacks either stays unusable.
    """
    return (1.0 - alpha) * np.asarray(quality) + alpha * np.asarray(learnability)


def best_teacher(rewards: np.ndarray) -> np.ndarray:
    """Column of the highest reward of each prompt, shape (P,): the first among equals, -1 where none can be used."""
    known = ~np.isnan(rewards)
    if not rewards.shape[1]:
        return np.full(len(rewards), -1)
    return np.where(known.any(1), np.where(known, rewards, -np.inf).argmax(1), -1)


def pairs_of(rewards: np.ndarray, ties: Literal["drop", "half"], margin: float) -> Pairs:
    """All pairs of teachers of every prompt with their labels C = 1 if r(B) > r(A).

    Args:
        rewards: combined, shape (P, N).
        ties: what becomes of equal rewards: dropped, or labelled one half.
        margin: rewards that differ by no more are equal.
    """
    first, second = np.triu_indices(rewards.shape[1], 1)
    gap = rewards[:, second] - rewards[:, first]
    usable = ~np.isnan(gap)
    tied = usable & (np.abs(np.where(usable, gap, np.inf)) <= margin)
    kept = usable if ties == "half" else usable & ~tied
    prompt, pair = np.nonzero(kept)
    label = np.where(tied, 0.5, (np.where(usable, gap, 0) > 0).astype(float))[prompt, pair]
    return Pairs(prompt, first[pair], second[pair], label, int(tied.sum()), int((~usable).sum()))


def require_different(pairs: Pairs) -> None:
    """Refuse rewards from which nothing can be learned.

    Raises:
        DataError: no pair can be used, or all of them are ties.
    """
    if not len(pairs) and pairs.excluded and not pairs.ties:
        raise DataError(
            f"Not one of {pairs.excluded:,} pairs of responses can be compared: in each of them a response failed.",
            "See the list of what was left out; give the teachers longer answers, or other teachers.",
        )
    if not len(pairs) or (pairs.label == 0.5).all():
        raise DataError(
            f"The rewards of all {pairs.ties:,} pairs of responses are equal, so there is nothing to choose by.",
            "Choose teachers that differ, a quality scorer that tells their responses apart, or another alpha.",
        )


def car(quality: np.ndarray, learnability: np.ndarray, beta: float) -> np.ndarray:
    """Compatibility-adjusted reward of each teacher, CAR = mean r / (1 + beta L), L the student's mean loss.

    Source: arXiv 2411.07133; beta = 3 could not be verified. One teacher, the highest, is taken for all prompts.

    Args:
        quality: raw, shape (P, N).
        learnability: raw mean log-likelihood of a token, shape (P, N); the loss is its negative.

    Returns:
        Shape (N,); NaN for a teacher without one usable response.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(quality, 0) / (1.0 + beta * -np.nanmean(learnability, 0))

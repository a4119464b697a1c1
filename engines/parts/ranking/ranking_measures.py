"""How well candidates are ranked and chosen: hit@k, regret, pairs in order, calibration of pairwise chances.

Arrays have one row a prompt and one column a candidate, shape (P, N); NaN marks one that cannot be used. It is never
ranked.
"""

from dataclasses import dataclass

import numpy as np

from engines.parts.ranking.pairs import pairs_of


def best_column(rewards: np.ndarray) -> np.ndarray:
    """Return column of the highest reward of each prompt, (P,): the first among equals, -1 where none can be used."""
    known = ~np.isnan(rewards)
    if not rewards.shape[1]:
        return np.full(len(rewards), -1)
    return np.where(known.any(1), np.where(known, rewards, -np.inf).argmax(1), -1)


BINS = 10
FEW = 4
"""Teachers from which on the first three say something."""
NONE = -1
"""Stands for no teacher: a prompt that nobody answered, or that has no scores."""


@dataclass(frozen=True)
class Calibration:
    """Predicted against observed chances, shape (BINS,) each; NaN in an empty bin."""

    low: np.ndarray
    high: np.ndarray
    predicted: np.ndarray
    observed: np.ndarray
    pairs: np.ndarray


def hit_at(scores: np.ndarray, rewards: np.ndarray, k: int) -> np.ndarray:
    """Return whether a truly best teacher is among the router's first k, shape (P,); NaN where no response can be used.

    Several teachers with the highest reward are all best, so that the order of equals decides nothing.
    """
    usable = ~np.isnan(rewards)
    highest = np.where(usable, rewards, -np.inf).max(1, keepdims=True)
    best = usable & (rewards >= highest)
    first = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return np.where(usable.any(1), np.take_along_axis(best, first, 1).any(1), np.nan)


def chosen_rewards(rewards: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return reward of the chosen teacher, shape (P,); a response that failed has the lowest reward of its prompt.

    NaN where nobody was chosen (-1) or no response can be used.
    """
    taken = rewards[np.arange(len(rewards)), np.maximum(chosen, 0)]
    lowest = np.where(np.isnan(rewards), np.inf, rewards).min(1, initial=np.inf)
    lowest = np.where(np.isinf(lowest), np.nan, lowest)
    return np.where(chosen < 0, np.nan, np.where(np.isnan(taken), lowest, taken))


def regrets(rewards: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return reward of the oracle minus that of the choice, shape (P,), never below 0; NaN as in `chosen_rewards`."""
    oracle = best_column(rewards)
    return chosen_rewards(rewards, oracle) - chosen_rewards(rewards, np.where(oracle < 0, -1, chosen))


def pairwise_accuracy(scores: np.ndarray, rewards: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """Return for each prompt the share of its pairs that scores and rewards order alike, shape (P,).

    Ties of the rewards are left out, ties of the scores are worth one half; NaN for a prompt without a pair.
    """
    pairs = pairs_of(rewards, "drop", margin)
    gap = scores[pairs.prompt, pairs.b] - scores[pairs.prompt, pairs.a]
    right = np.where(gap == 0, 0.5, (gap > 0) == (pairs.label == 1))
    count = np.bincount(pairs.prompt, minlength=len(rewards)).astype(float)
    total = np.bincount(pairs.prompt, right, minlength=len(rewards))
    return np.divide(total, count, out=np.full(len(rewards), np.nan), where=count > 0)


def calibration_of(scores: np.ndarray, rewards: np.ndarray, margin: float = 0.0) -> Calibration:
    """Return observed share of wins by predicted chance, in tenths; every pair counts in both directions.

    Counting both directions makes the picture symmetric about one half, whatever the order of the teachers.
    """
    pairs = pairs_of(rewards, "half", margin)
    gap = scores[pairs.prompt, pairs.b] - scores[pairs.prompt, pairs.a]
    chance = 1 / (1 + np.exp(-np.concatenate([gap, -gap])))
    label = np.concatenate([pairs.label, 1 - pairs.label])
    edges = np.linspace(0, 1, BINS + 1)
    place = np.minimum((chance * BINS).astype(int), BINS - 1)
    count = np.bincount(place, minlength=BINS)
    with np.errstate(invalid="ignore"):
        predicted = np.bincount(place, chance, BINS) / count
        observed = np.bincount(place, label, BINS) / count
    return Calibration(edges[:-1], edges[1:], predicted, observed, count)


def mean_of(values: np.ndarray) -> float:
    """Return the mean of the numbers that are known; NaN where none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


@dataclass(frozen=True)
class Judged:
    """One way to choose teachers, judged under one alpha.

    Attributes:
        name: one of "oracle", "router", "best single teacher", "random".
        shares: of prompts by teacher, (T,); they add up to 1, or are all 0 where nothing was chosen.
        reward: mean combined reward; NaN where nothing is known.
        regret: mean of the best teacher's reward less the chosen one's.
        failed: prompts whose chosen teacher gave no response that can be used.
    """

    name: str
    shares: np.ndarray
    reward: float
    regret: float
    failed: int


def judged(name: str, reward: np.ndarray, chosen: np.ndarray) -> Judged:
    """Return a choice's allocation, mean reward and regret over the prompts that somebody answered.

    Args:
        reward: combined, (P, T).
        chosen: a teacher for each prompt, or `NONE`.
    """
    got = chosen_rewards(reward, chosen)
    rows = np.flatnonzero(~np.isnan(got))
    counts = np.bincount(chosen[rows], minlength=reward.shape[1]).astype(float)
    failed = int(np.isnan(reward[rows, chosen[rows]]).sum())
    top = np.fmax.reduce(reward, axis=1, initial=-np.inf)
    return Judged(name, counts / max(1, len(rows)), mean_of(got), mean_of((top - got)[rows]), failed)


def judged_draw(reward: np.ndarray) -> Judged:
    """Return what a uniform draw among all teachers gives in expectation; `failed` is rounded to whole prompts."""
    mine, width = reward[best_column(reward) != NONE], reward.shape[1]
    if not len(mine):
        return Judged("random", np.zeros(width), float("nan"), float("nan"), 0)
    lost = np.isnan(mine)
    mean = float(np.where(lost, np.fmin.reduce(mine, axis=1)[:, None], mine).mean())
    top = float(np.fmax.reduce(mine, axis=1).mean())
    return Judged("random", np.full(width, 1 / width), mean, top - mean, round(float(lost.sum()) / width))


def best_single(reward: np.ndarray) -> int:
    """Return the teacher with the highest mean reward over its responses; `NONE` where there are none."""
    answered = ~np.isnan(reward)
    counts = answered.sum(axis=0)
    if not counts.any():
        return NONE
    means = np.where(answered, reward, 0.0).sum(axis=0) / np.maximum(counts, 1)
    return int(np.where(counts > 0, means, -np.inf).argmax())


def hits(scores: np.ndarray, reward: np.ndarray, k: int) -> float:
    """Return hit@k over the prompts that have scores and rewards; NaN where there are none. See `hit_at`."""
    rows = (best_column(reward) != NONE) & (best_column(scores) != NONE)
    return float(hit_at(scores[rows], reward[rows], k).mean()) if rows.any() else float("nan")

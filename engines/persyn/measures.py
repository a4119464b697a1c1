"""How well teachers are chosen: hits, regret, pairs in the right order, and whether score differences mean it.

Arrays have one row a prompt and one column a teacher; NaN rewards mark responses that cannot be used.
"""

from dataclasses import dataclass

import numpy as np

from engines.persyn.rewards import best_teacher, pairs_of

BINS = 10


@dataclass(frozen=True)
class Calibration:
    """Predicted against observed chances, shape (BINS,) each; NaN in an empty bin."""

    low: np.ndarray
    high: np.ndarray
    predicted: np.ndarray
    observed: np.ndarray
    pairs: np.ndarray


def hit_at(scores: np.ndarray, rewards: np.ndarray, k: int) -> np.ndarray:
    """Whether a truly best teacher is among the router's first k, shape (P,); NaN where no response can be used.

    Several teachers with the highest reward are all best, so that the order of equals decides nothing.
    """
    usable = ~np.isnan(rewards)
    highest = np.where(usable, rewards, -np.inf).max(1, keepdims=True)
    best = usable & (rewards >= highest)
    first = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return np.where(usable.any(1), np.take_along_axis(best, first, 1).any(1), np.nan)


def chosen_rewards(rewards: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Reward of the chosen teacher, shape (P,); a response that failed has the lowest reward of its prompt.

    NaN where nobody was chosen (-1) or no response can be used.
    """
    taken = rewards[np.arange(len(rewards)), np.maximum(chosen, 0)]
    lowest = np.where(np.isnan(rewards), np.inf, rewards).min(1)
    lowest = np.where(np.isinf(lowest), np.nan, lowest)
    return np.where(chosen < 0, np.nan, np.where(np.isnan(taken), lowest, taken))


def regrets(rewards: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Reward of the oracle minus that of the choice, shape (P,), never below 0; NaN as in `chosen_rewards`."""
    oracle = best_teacher(rewards)
    return chosen_rewards(rewards, oracle) - chosen_rewards(rewards, np.where(oracle < 0, -1, chosen))


def pairwise_accuracy(scores: np.ndarray, rewards: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """For each prompt the share of its pairs that scores and rewards order alike, shape (P,).

    Ties of the rewards are left out, ties of the scores are worth one half; NaN for a prompt without a pair.
    """
    pairs = pairs_of(rewards, "drop", margin)
    gap = scores[pairs.prompt, pairs.b] - scores[pairs.prompt, pairs.a]
    right = np.where(gap == 0, 0.5, (gap > 0) == (pairs.label == 1))
    count = np.bincount(pairs.prompt, minlength=len(rewards)).astype(float)
    total = np.bincount(pairs.prompt, right, minlength=len(rewards))
    return np.divide(total, count, out=np.full(len(rewards), np.nan), where=count > 0)


def calibration_of(scores: np.ndarray, rewards: np.ndarray, margin: float = 0.0) -> Calibration:
    """Observed share of wins by predicted chance, in tenths; every pair counts in both directions.

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

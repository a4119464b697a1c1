"""Draws of sufficient statistics whose corpus metric is near a given number, (items, K)."""

from collections.abc import Callable

import numpy as np

Draw = Callable[[np.random.Generator, float, int], np.ndarray]


def counts_of_f1(classes: int) -> Draw:
    """(true positives, false positives, false negatives) of each class."""

    def draw(rng: np.random.Generator, number: float, items: int) -> np.ndarray:
        right = rng.poisson(8 * number, size=(items, classes))
        missed = rng.poisson(8 * (1 - number), size=(2, items, classes))
        return np.stack([right, missed[0], missed[1]], axis=-1).reshape(items, -1).astype(float)

    return draw


def matches(rng: np.random.Generator, number: float, items: int) -> np.ndarray:
    """(matched, in system, in reference): chrF, ROUGE, B-cubed."""
    lengths = rng.integers(8, 14, size=(2, items))
    return np.stack([rng.binomial(lengths.min(axis=0), np.clip(number, 0, 1)), *lengths], axis=-1).astype(float)


def ngrams(rng: np.random.Generator, number: float, items: int) -> np.ndarray:
    """Four matched and four possible n-gram counts, then system and reference length: BLEU."""
    possible = np.stack([rng.integers(9 - n, 14 - n, size=items) for n in range(4)], axis=-1)
    length = possible[:, :1] + 1
    matched = rng.binomial(possible, np.clip(number, 0, 1))
    return np.concatenate([matched, possible, length, length], axis=-1).astype(float)


def moments(rng: np.random.Generator, number: float, items: int) -> np.ndarray:
    """(1, x, y, x², y², xy): a correlation."""
    x, noise = rng.normal(size=(2, items))
    y = number * x + np.sqrt(max(0.0, 1 - number**2)) * noise
    return np.stack([np.ones(items), x, y, x * x, y * y, x * y], axis=-1)


def histograms(rng: np.random.Generator, number: float, items: int) -> np.ndarray:
    """Two groups over four bins, one document of each an item; a part of the second moves to the last bin."""
    first = rng.multinomial(1, [0.25] * 4, size=items)
    moved = np.clip(number, 0, 1) / 0.75
    second = rng.multinomial(1, np.array([0.25] * 4) * (1 - moved) + np.array([0, 0, 0, moved]), size=items)
    return np.concatenate([first, second], axis=-1).astype(float)


def two_shares(rng: np.random.Generator, number: float, items: int) -> np.ndarray:
    """Two shares, each as (hits, trials)."""
    hits = rng.random((2, items)) < np.clip(number, 0, 1)
    return np.stack([hits[0], np.ones(items), hits[1], np.ones(items)], axis=-1).astype(float)

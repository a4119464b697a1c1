"""Language vectors and the shift: h - v_l + v_d, and its control, a random vector of equal length."""

from zlib import crc32

import numpy as np


def halves(sentences: int, seed: int) -> np.ndarray:
    """Split sentences into an estimation half (true) and a judged half (false), the same for every language.

    Of every two sentences that were drawn one after the other, a coin gives one to each half. So more sentences leave
    the halves of the first ones as they are, and both halves are of equal size; a last single sentence is judged.

    Returns:
        Shape (n,), bool; the estimation half has n // 2 sentences.
    """
    pairs = sentences // 2
    first = np.random.default_rng([seed, 0]).random(pairs) < 0.5
    chosen = np.zeros(sentences, dtype=bool)
    chosen[0 : 2 * pairs : 2], chosen[1 : 2 * pairs : 2] = first, ~first
    return chosen


def language_vector(means: np.ndarray, estimation: np.ndarray) -> np.ndarray:
    """Return v_l, the mean of the raw sentence means of the estimation half, at every layer.

    Args:
        means: sentence means, shape (n, L, D).
        estimation: shape (n,), bool.

    Returns:
        Shape (L, D), float64.
    """
    return means[estimation].mean(axis=0, dtype=np.float64)


def mean_shift(language: np.ndarray, dominant: np.ndarray) -> np.ndarray:
    """Return v_d - v_l: what is added to every state of the language, shape (L, D)."""
    return dominant - language


def random_shift(shift: np.ndarray, language: str, seed: int, draw: int) -> np.ndarray:
    """Draw a vector of random direction and exactly the length of `shift` at each layer.

    Args:
        shift: shape (L, D).
        language, seed, draw: name the direction; the same names give the same vector.
    """
    random = np.random.default_rng([seed, 1, draw, crc32(language.encode())])
    direction = random.standard_normal(shift.shape)
    direction /= np.linalg.norm(direction, axis=-1, keepdims=True)
    return direction * np.linalg.norm(shift, axis=-1, keepdims=True)

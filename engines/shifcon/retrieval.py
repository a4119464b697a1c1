"""Do translations find each other? Nearest neighbours by cosine among the sentences of the dominant language."""

from collections.abc import Iterator, Sequence

import numpy as np


def cosines(sentences: np.ndarray, dominant: np.ndarray) -> np.ndarray:
    """Return the cosine of every sentence with every sentence of the dominant language.

    Args:
        sentences, dominant: shape (..., n, D).

    Returns:
        Shape (..., n, n); a zero vector has cosine 0 with everything.
    """
    return _unit(sentences) @ np.swapaxes(_unit(dominant), -1, -2)


def shifted_cosines(sentences: np.ndarray, dominant: np.ndarray, shifts: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield the cosine of every sentence, moved by each shift in turn, with every sentence of the dominant language.

    As `cosines(sentences + shift, dominant)`, but sentences are multiplied once for all shifts: (x + s) y = xy + sy.

    Args:
        sentences, dominant: shape (L, n, D).
        shifts: each of shape (L, D).

    Yields:
        For each shift, shape (L, n, n), float64.
    """
    products = (sentences @ np.swapaxes(dominant, -1, -2)).astype(np.float64)
    squares = np.square(sentences, dtype=np.float64).sum(axis=-1)
    lengths = np.sqrt(np.square(dominant, dtype=np.float64).sum(axis=-1))
    for shift in shifts:
        column = shift[..., None]
        moved = squares + 2 * (sentences @ column)[..., 0] + np.square(shift).sum(axis=-1)[:, None]
        norms = np.sqrt(np.clip(moved, 0, None))[:, :, None] * lengths[:, None, :]
        top = products + np.swapaxes(dominant @ column, -1, -2)
        yield np.divide(top, norms, out=np.zeros_like(top), where=norms > 0)


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)


def retrieved(similarity: np.ndarray, both_ways: bool = False) -> np.ndarray:
    """Return retrieval@1 by sentence: whether a sentence's translation is its nearest neighbour.

    A tie with another sentence counts as a miss, so that a collapsed layer does not look perfect.

    Args:
        similarity: row i, column j: sentence i with dominant sentence j; the diagonal holds translations; (..., n, n).
        both_ways: average with the search from the dominant language's side.

    Returns:
        0 or 1 (0, 1/2 or 1 both ways), shape (..., n).
    """
    forward = _found(similarity)
    return (forward + _found(np.swapaxes(similarity, -1, -2))) / 2 if both_ways else forward


def _found(similarity: np.ndarray) -> np.ndarray:
    own = np.diagonal(similarity, axis1=-2, axis2=-1)
    others = np.where(np.eye(similarity.shape[-1], dtype=bool), -np.inf, similarity)
    return (own > others.max(axis=-1)).astype(float)


def pair_cosine(similarity: np.ndarray) -> np.ndarray:
    """Return the cosine of each sentence with its translation, shape (..., n, n) to (..., n)."""
    return np.diagonal(similarity, axis1=-2, axis2=-1)


def unrelated_cosine(similarity: np.ndarray) -> np.ndarray:
    """Return the mean cosine of sentences that do not translate each other, against which pairs are read, (...)."""
    count = similarity.shape[-1]
    total = similarity.sum(axis=(-2, -1)) - np.trace(similarity, axis1=-2, axis2=-1)
    return total / max(1, count * (count - 1))

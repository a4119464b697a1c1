"""The Kolmogorov-Smirnov distance as a function of summed histograms, so that it can be resampled."""

import numpy as np


def kolmogorov_smirnov(sums: np.ndarray) -> np.ndarray:
    """Largest distance of two groups' distribution functions.

    Args:
        sums: counts of the first group's bins, then of the second's, shape (..., 2 B).

    Returns:
        In [0, 1], shape (...).
    """
    counts = sums.reshape(*sums.shape[:-1], 2, -1)
    curves = np.cumsum(counts, axis=-1) / counts.sum(axis=-1, keepdims=True)
    return np.abs(curves[..., 0, :] - curves[..., 1, :]).max(axis=-1)

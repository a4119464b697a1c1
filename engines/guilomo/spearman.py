"""Spearman's correlation as an aggregate of sums, so that it can be computed anew on every resample."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def spearman_of_sums(sums: Floats) -> Floats:
    """Correlation of ranks from the sums of (1, x, y, x², y², xy); 0 where x or y is the same everywhere.

    Args:
        sums: [..., 6], x and y being ranks in the whole.

    Returns:
        [...].
    """
    n, x, y, xx, yy, xy = np.moveaxis(np.asarray(sums, dtype=np.float64), -1, 0)
    spread = (n * xx - x * x) * (n * yy - y * y)
    safe = np.where(spread > 1e-12, spread, 1.0)
    return np.where(spread > 1e-12, (n * xy - x * y) / np.sqrt(safe), 0.0)

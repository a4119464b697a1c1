"""Distance between the subspaces of two languages: covariances on the cone of positive matrices, means beside them.

All functions work on stacks: leading axes are free, the last two are the matrix.
"""

import numpy as np

from workbench.contract import DataError


def riemannian_distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the affine-invariant Riemannian distance sqrt(sum_i log^2 lambda_i), lambda the eigenvalues of B^-1 A.

    Computed by whitening with the Cholesky factor of `b`, which keeps the eigenvalue problem symmetric.

    Args:
        a, b: covariances, shape (..., K, K).

    Returns:
        Distance, shape (...).

    Raises:
        DataError: a covariance is singular: too few observations, or too many alike, for K dimensions.
    """
    try:
        factor = np.linalg.cholesky(b)
        half = np.linalg.solve(factor, a)
        whitened = np.linalg.solve(factor, np.swapaxes(half, -1, -2))
        eigenvalues = np.linalg.eigvalsh((whitened + np.swapaxes(whitened, -1, -2)) / 2)
    except np.linalg.LinAlgError as error:
        raise _singular(a) from error
    if not (eigenvalues > 0).all():
        raise _singular(a)
    return np.sqrt(np.square(np.log(eigenvalues)).sum(axis=-1))


def _singular(covariance: np.ndarray) -> DataError:
    return DataError(
        f"A covariance of {covariance.shape[-1]} dimensions is singular: there are too few different observations.",
        "Give more sentences, keep less variance, raise the shrinkage, or pool by token.",
    )


def moments(states: np.ndarray, counted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return number, covariance and fourth moment of the counted observations of every layer.

    Args:
        states: shape (L, n, K), of any float type.
        counted: shape (L, n), bool.

    Returns:
        count (L,), int; sample covariance (n - 1) in float64, (L, K, K); mean of ||x - mean||^4, (L,).
    """
    covariances, fourths = [], []
    for layer, inside in zip(states, counted, strict=True):
        rows = layer[inside].astype(np.float64)
        rows -= rows.mean(axis=0) if len(rows) else 0.0
        covariances.append(rows.T @ rows / max(1, len(rows) - 1))
        fourths.append(np.square(np.square(rows).sum(axis=1)).sum() / max(1, len(rows)))
    return counted.sum(axis=1), np.stack(covariances), np.array(fourths)


def mean_term(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the Euclidean distance of two means, ||mu - mu'||_2, shape (..., D) to shape (...)."""
    return np.linalg.norm(a - b, axis=-1)


def mean_in_spreads(a: np.ndarray, b: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return the Mahalanobis distance of two means, sqrt((mu - mu')^T K^-1 (mu - mu')): in standard deviations of K.

    Like the Riemannian term it knows no unit and stays the same under any invertible map of the states, so that the
    two may be added; the Euclidean norm has the states' own unit, which grows from layer to layer.
    Differs from the paper: there the Euclidean norm is added.

    Args:
        a, b: means, shape (..., K).
        covariance: K, shape (..., K, K).

    Returns:
        Shape (...).

    Raises:
        DataError: the covariance is singular.
    """
    try:
        factor = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError as error:
        raise _singular(covariance) from error
    return np.linalg.norm(np.linalg.solve(factor, (a - b)[..., None])[..., 0], axis=-1)


def shrunk(covariance: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """Pull a covariance towards the identity scaled to the same trace.

    Args:
        covariance: shape (..., K, K).
        share: weight of the scaled identity in [0, 1], a number or shape (...).
    """
    width = covariance.shape[-1]
    share = np.asarray(share, dtype=float)[..., None, None]
    scale = np.trace(covariance, axis1=-2, axis2=-1)[..., None, None] / width
    return (1 - share) * covariance + share * scale * np.eye(width)


def ledoit_wolf_share(covariance: np.ndarray, fourth: np.ndarray, observations: np.ndarray | int) -> np.ndarray:
    """Return the shrinkage weight of least expected squared error (Ledoit and Wolf), from streamed moments.

    Args:
        covariance: sample covariances (n - 1), shape (..., K, K).
        fourth: mean of ||x - mean||^4, shape (...).
        observations: n.

    Returns:
        Weight of the scaled identity in [0, 1], shape (...).
    """
    count = np.asarray(observations, dtype=float)
    scatter = covariance * ((count - 1) / count)[..., None, None]
    width = covariance.shape[-1]
    squares = np.square(scatter).sum(axis=(-2, -1))
    spread = squares - np.square(np.trace(scatter, axis1=-2, axis2=-1)) / width
    error = np.clip((fourth - squares) / count, 0, None)
    return np.where(spread > 0, np.minimum(error / np.where(spread > 0, spread, 1), 1), 1.0)


def leading_axes(covariance: np.ndarray, rank: int) -> np.ndarray:
    """Return the eigenvectors of the `rank` largest eigenvalues, shape (..., K, K) to (..., K, R)."""
    return np.linalg.eigh(covariance)[1][..., -rank:]


def principal_angles(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the principal angles in degrees between the spans of two sets of orthonormal axes.

    Args:
        a, b: shape (..., K, R).

    Returns:
        Ascending, in [0, 90], shape (..., R).
    """
    cosines = np.linalg.svd(np.swapaxes(a, -1, -2) @ b, compute_uv=False)
    return np.degrees(np.arccos(np.clip(cosines, 0, 1)))


def pooled_basis(states: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the principal axes of all languages' pooled states: one basis in which every language is described.

    Args:
        states: observations of all languages at one layer, shape (n, D).
        width: K, how many axes are returned; at most min(n - 1, D).

    Returns:
        mean (D,), axes (D, K) in the order of falling variance, and the share of the variance that the first 1..K
        axes hold together (K,).
    """
    mean = states.mean(axis=0)
    centred = (states - mean).astype(np.float64)
    variances, axes = np.linalg.eigh(centred.T @ centred)
    variances, axes = variances[::-1].clip(min=0), axes[:, ::-1]
    total = variances.sum() or 1.0
    return mean, axes[:, :width], np.cumsum(variances)[:width] / total


def components_kept(shares: np.ndarray, variance_kept: float, observations: int) -> int:
    """Count the dimensions kept, the same at every layer so that distances of layers can be compared.

    The smallest K at which every layer keeps `variance_kept` of its variance, but never more than one dimension for
    twenty observations: beyond that the distance measures sampling noise.

    Args:
        shares: cumulative variance shares, shape (L, K).
        variance_kept: in (0, 1].
        observations: n of each language.

    Raises:
        DataError: fewer than 40 observations, which carry less than two dimensions.
    """
    most = observations // 20
    if most < 2:
        raise DataError(
            f"{observations} observations per language and half were found; a pooled basis needs at least 40.",
            "Give more sentences, raise the token cap, pool by token, or choose the shrinkage estimator.",
        )
    enough = (shares >= variance_kept - 1e-9).argmax(axis=1)
    reached = shares[:, -1] >= variance_kept - 1e-9
    needed = int(enough.max()) + 1 if reached.all() else shares.shape[1]
    return max(2, min(needed, most, shares.shape[1]))

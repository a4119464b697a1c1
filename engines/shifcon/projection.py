"""Two dimensions to look at: principal components, or the languages' linear discriminants as in the paper's figure."""

import numpy as np
import pandas as pd

from engines.shifcon.config import ShifConConfig
from engines.shifcon.shifted_states import JudgedHalf

PLANE = 2


def principal_plane(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean (D,) and first two principal axes (D, 2) of `states` (n, D)."""
    mean = states.mean(axis=0, dtype=np.float64)
    return mean, _principal_axes(states - mean, PLANE)


def discriminant_plane(states: np.ndarray, labels: np.ndarray, rank: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Return mean (D,) and two axes (D, 2) that part the labels best for their spread (linear discriminant analysis).

    States are first reduced to `rank` principal components, a tenth of the observations at most, because the
    within-class scatter is singular when there are more dimensions than sentences.

    Args:
        states: shape (n, D).
        labels: language of each, shape (n,); at least two different ones.
    """
    mean = states.mean(axis=0, dtype=np.float64)
    centred = states - mean
    axes = _principal_axes(centred, max(PLANE, min(rank, len(states) // 10, states.shape[1])))
    reduced = centred @ axes
    classes = [reduced[labels == label] for label in np.unique(labels)]
    centres = np.stack([part.mean(axis=0) for part in classes])
    apart = np.concatenate([part - centre for part, centre in zip(classes, centres, strict=True)])
    within = apart.T @ apart
    between = (centres * [[len(part)] for part in classes]).T @ centres
    within += np.eye(len(within)) * (np.trace(within) or 1.0) * 1e-6
    inverse = np.linalg.inv(np.linalg.cholesky(within))
    _, turned = np.linalg.eigh(inverse @ between @ inverse.T)
    plane = axes @ inverse.T @ turned[:, ::-1][:, :PLANE]
    return mean, _signed(plane / np.linalg.norm(plane, axis=0))


def _principal_axes(centred: np.ndarray, count: int) -> np.ndarray:
    # The smaller of the two products has the same leading axes and is several times cheaper than a decomposition of
    # the states themselves.
    if len(centred) < centred.shape[1]:
        axes = centred.T @ np.linalg.eigh(centred @ centred.T)[1][:, ::-1][:, :count]
    else:
        axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :count]
    length = np.linalg.norm(axes, axis=0)
    return _signed(axes / np.where(length > 0, length, 1))


def _signed(axes: np.ndarray) -> np.ndarray:
    """Fix each axis's sign by its largest entry, so that pictures do not flip between runs."""
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0)
    return axes * np.where(largest < 0, -1.0, 1.0)


def projected_rows(half: JudgedHalf, shift_layer: int, config: ShifConConfig) -> pd.DataFrame:
    """Return `ProjectedSentence` rows: judged ones in a plane of the estimation half, before and after the shift."""
    count = half.means[half.dominant].shape[1]
    spread = np.linspace(0, count - 1, config.projected_layers).round().astype(int)
    layers = sorted({shift_layer, *spread.tolist()})
    return pd.concat([_plane_rows(half, layer, config.projection) for layer in layers], ignore_index=True)


def _plane_rows(half: JudgedHalf, layer: int, projection: str) -> pd.DataFrame:
    fitted = np.concatenate([means[half.estimation, layer] for means in half.means.values()]).astype(np.float64)
    labels = np.repeat(list(half.means), int(half.estimation.sum()))
    mean, axes = discriminant_plane(fitted, labels) if projection == "lda" else principal_plane(fitted)
    frames = []
    for language, means in half.means.items():
        shift = half.shift_toward(language)[layer]
        for shifted in (False, True):
            x, y = ((means[~half.estimation, layer] + shifted * shift - mean) @ axes).T
            place = {"layer": layer, "language": language, "sentence": half.judged_ids, "shifted": shifted}
            frames.append(pd.DataFrame({"seed": half.seed, **place, "x": x, "y": y}))
    return pd.concat(frames, ignore_index=True)

"""From the kept moments of the languages to rows of subspace distances, one layer a row."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engines.shifcon.config import ShifConConfig
from engines.shifcon.subspace import (
    components_kept,
    leading_axes,
    ledoit_wolf_share,
    mean_term,
    principal_angles,
    riemannian_distance,
    shrunk,
)

PAIR_LAYERS = 6
"""Layers at which all pairs of languages are compared in more than `NARROW` dimensions, where a pair takes long."""
NARROW = 160

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Subspace:
    """A language's subspace at every layer.

    Attributes:
        mean: shape (L, D).
        covariance: regularised, shape (L, K, K).
        axes: its leading axes, shape (L, K, R).
        observations: how many it was estimated from, shape (L,).
    """

    mean: np.ndarray
    covariance: np.ndarray
    axes: np.ndarray
    observations: np.ndarray


@dataclass(frozen=True)
class Split:
    """One split of the sentences: where its moments stand, and how many dimensions they carry."""

    seed: int
    position: int
    observations: int
    components: int

    def subspaces(self, states: Arrays, config: ShifConConfig) -> tuple[Subspace, Subspace]:
        """A language's subspaces on the estimation and on the judged half."""
        first, second = (self._subspace(states, 2 * self.position + half, config) for half in (0, 1))
        return first, second

    def _subspace(self, states: Arrays, group: int, config: ShifConConfig) -> Subspace:
        covariance = states["covariance"][group][:, : self.components, : self.components]
        if config.estimator == "shrinkage":
            covariance = shrunk(covariance, config.shrinkage / 100)
        elif config.estimator == "ledoit_wolf":
            covariance = shrunk(
                covariance, ledoit_wolf_share(covariance, states["fourth"][group], states["count"][group])
            )
        axes = leading_axes(covariance, min(config.angle_rank, self.components))
        return Subspace(states["mean"][group], covariance, axes, states["count"][group].astype(int))


def split_of(seed: int, position: int, observations: int, basis: Arrays, config: ShifConConfig) -> Split:
    """The split of one seed.

    Raises:
        DataError: too few observations for a pooled basis.
    """
    if "shares" not in basis:
        return Split(seed, position, observations, basis["mean"].shape[-1])
    components = components_kept(basis["shares"], config.variance_kept / 100, observations)
    return Split(seed, position, observations, components)


def distance_rows(
    split: Split, names: tuple[str, str], subspaces: tuple[Subspace, Subspace], layers: np.ndarray
) -> pd.DataFrame:
    """`SubspaceDistance` rows of two subspaces at `layers`.

    Args:
        split: the split they belong to.
        names: the two languages; the same twice for a noise floor.
        subspaces: their subspaces.
        layers: indices of hidden_states.
    """
    a, b = subspaces
    return pd.DataFrame(
        {
            "seed": split.seed,
            "layer": layers,
            "language": names[0],
            "other": names[1],
            "riemannian": riemannian_distance(a.covariance[layers], b.covariance[layers]),
            "mean_term": mean_term(a.mean[layers], b.mean[layers]),
            "angle": principal_angles(a.axes[layers], b.axes[layers]).mean(axis=-1),
            "components": split.components,
            "observations": a.observations[layers],
        }
    )


class SubspaceAtlas:
    """The subspaces read so far under one split; each new language is compared with all before it.

    The first language added is the dominant one.
    """

    def __init__(self, split: Split, config: ShifConConfig) -> None:
        self._split = split
        self._config = config
        self._known: dict[str, Subspace] = {}

    def add(self, language: str, states: Arrays) -> pd.DataFrame:
        """`SubspaceDistance` rows: its noise floor, its distance from the dominant language, and from the others."""
        estimation, judged = self._split.subspaces(states, self._config)
        layers = np.arange(len(estimation.covariance))
        frames = [distance_rows(self._split, (language, language), (estimation, judged), layers)]
        for number, (other, known) in enumerate(self._known.items()):
            at = layers if number == 0 else self._pair_layers(layers)
            frames.append(distance_rows(self._split, (language, other), (estimation, known), at))
        self._known[language] = estimation
        return pd.concat(frames, ignore_index=True)

    def _pair_layers(self, layers: np.ndarray) -> np.ndarray:
        if self._split.components <= NARROW:
            return layers
        return np.unique(np.linspace(layers[0], layers[-1], PAIR_LAYERS).round().astype(int))

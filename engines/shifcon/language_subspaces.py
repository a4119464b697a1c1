"""From the kept states of the languages to rows of subspace distances, one layer a row."""

from dataclasses import dataclass
from zlib import crc32

import numpy as np
import pandas as pd

from engines.shifcon.config import ShifConConfig
from engines.shifcon.language_states import Arrays, LanguageStates, Reading
from engines.shifcon.language_vectors import halves, language_vector
from engines.shifcon.subspace import (
    components_kept,
    leading_axes,
    ledoit_wolf_share,
    mean_in_spreads,
    mean_term,
    moments,
    principal_angles,
    riemannian_distance,
    shrunk,
)

PAIR_LAYERS = 6
"""Layers at which all pairs of languages are compared in more than `NARROW` dimensions, where a pair takes long."""
NARROW = 160


@dataclass(frozen=True)
class Subspace:
    """A language's subspace at every layer.

    Attributes:
        mean: of its sentence means, in all dimensions: the language vector, shape (L, D).
        centre: the language vector in the dimensions and units of the covariance, shape (L, K).
        covariance: regularised, shape (L, K, K).
        axes: its leading axes, shape (L, K, R).
        observations: how many it was estimated from, shape (L,).
    """

    mean: np.ndarray
    centre: np.ndarray
    covariance: np.ndarray
    axes: np.ndarray
    observations: np.ndarray


@dataclass(frozen=True, eq=False)
class Split:
    """One split of the sentences into a half that estimates and a half that judges.

    Attributes:
        estimation: which sentences estimate, shape (n,), bool.
        sentence_of: the sentence of every kept observation, shape (M,).
        components: dimensions that the covariances have.
        basis: as `sample_basis` gives it.
    """

    seed: int
    estimation: np.ndarray
    sentence_of: np.ndarray
    components: int
    basis: Arrays

    @property
    def observations(self) -> int:
        """Count the observations of each half, the same for every language: as many as the smaller half has."""
        return fewest(self.estimation, self.sentence_of)

    def members(self, language: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the places of the estimation's and of the judged half's observations, each (observations,)."""
        chosen = []
        for number, half in enumerate((self.estimation, ~self.estimation)):
            random = np.random.default_rng([self.seed, 2 + number, crc32(language.encode())])
            places = np.flatnonzero(half[self.sentence_of])
            chosen.append(np.sort(random.permutation(places)[: self.observations]))
        return chosen[0], chosen[1]

    def subspaces(self, language: str, states: LanguageStates, config: ShifConConfig) -> tuple[Subspace, Subspace]:
        """Estimate a language's subspaces on the estimation and on the judged half."""
        first, second = (
            self._subspace(language_vector(states.sentences, half), states, places, config)
            for half, places in zip((self.estimation, ~self.estimation), self.members(language), strict=True)
        )
        return first, second

    def _subspace(
        self, mean: np.ndarray, states: LanguageStates, places: np.ndarray, config: ShifConConfig
    ) -> Subspace:
        counted = states.counted[:, places]
        count, covariance, fourth = moments(states.states[:, places, : self.components], counted)
        if config.estimator == "shrinkage":
            covariance = shrunk(covariance, config.shrinkage / 100)
        elif config.estimator == "ledoit_wolf":
            covariance = shrunk(covariance, ledoit_wolf_share(covariance, fourth, count))
        axes = leading_axes(covariance, min(config.angle_rank, self.components))
        return Subspace(mean, self._centre(mean), covariance, axes, count)

    def _centre(self, mean: np.ndarray) -> np.ndarray:
        centred = mean - self.basis["mean"]
        if "axes" in self.basis:
            centred = (centred[:, None] @ self.basis["axes"][..., : self.components])[:, 0]
        return centred / self.basis["unit"][:, None]


def fewest(estimation: np.ndarray, sentence_of: np.ndarray) -> int:
    """Count the observations of the smaller half."""
    estimates = int(estimation[sentence_of].sum())
    return min(estimates, len(sentence_of) - estimates)


def split_of(seed: int, reading: Reading, basis: Arrays) -> Split:
    """Make the split of one seed, with as many dimensions as its observations carry.

    Raises:
        DataError: too few observations for a pooled basis.
    """
    estimation, sentence_of = halves(len(reading.text.ids), seed), reading.sentence_of
    if "shares" not in basis:
        return Split(seed, estimation, sentence_of, basis["mean"].shape[-1], basis)
    kept = components_kept(basis["shares"], reading.config.variance_kept / 100, fewest(estimation, sentence_of))
    return Split(seed, estimation, sentence_of, kept, basis)


def distance_rows(
    split: Split, names: tuple[str, str], subspaces: tuple[Subspace, Subspace], layers: np.ndarray
) -> pd.DataFrame:
    """Return `SubspaceDistance` rows of two subspaces at `layers`.

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
            "mean_spreads": mean_in_spreads(a.centre[layers], b.centre[layers], b.covariance[layers]),
            "angle": principal_angles(a.axes[layers], b.axes[layers]).mean(axis=-1),
            "components": split.components,
            "observations": a.observations[layers],
        }
    )


class SubspaceAtlas:
    """The subspaces known so far under one split; each new language is compared with the dominant one, added first.

    Args:
        split: the split.
        config: settings.
        pairs: also compare each new language with all others before it.
    """

    def __init__(self, split: Split, config: ShifConConfig, pairs: bool) -> None:
        self._split = split
        self._config = config
        self._pairs = pairs
        self._known: dict[str, Subspace] = {}

    def add(self, language: str, states: LanguageStates) -> pd.DataFrame:
        """Return `SubspaceDistance` rows: its noise floor, its distance from the dominant language and from others."""
        estimation, judged = self._split.subspaces(language, states, self._config)
        layers = np.arange(len(estimation.covariance))
        frames = [distance_rows(self._split, (language, language), (estimation, judged), layers)]
        for number, (other, known) in enumerate(self._known.items()):
            at = layers if number == 0 else self._pair_layers(layers)
            frames.append(distance_rows(self._split, (language, other), (estimation, known), at))
        if self._pairs or not self._known:
            self._known[language] = estimation
        return pd.concat(frames, ignore_index=True)

    def _pair_layers(self, layers: np.ndarray) -> np.ndarray:
        if self._split.components <= NARROW:
            return layers
        return np.unique(np.linspace(layers[0], layers[-1], PAIR_LAYERS).round().astype(int))

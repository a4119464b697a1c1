"""What an arm does to the judged sentences, and how they then lie to their translations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from engines.shifcon.config import ShifConConfig
from engines.shifcon.language_vectors import halves, language_vector, mean_shift, random_shift
from engines.shifcon.retrieval import pair_cosine, retrieved, shifted_cosines, unrelated_cosine
from workbench.contract import RunCell, RunLog


@dataclass(frozen=True)
class JudgedHalf:
    """The sentence means of one split, ready to be shifted by any arm.

    Attributes:
        estimation: which sentences estimate the language vectors, shape (n,).
        means: per language, sentence means (n, L, D).
        ids: sentence ids, shape (n,).
    """

    seed: int
    dominant: str
    ids: tuple[str, ...]
    means: Mapping[str, np.ndarray]

    @property
    def estimation(self) -> np.ndarray:
        """Return which sentences estimate the language vectors, shape (n,), bool."""
        return halves(len(self.ids), self.seed)

    @property
    def judged_ids(self) -> list[str]:
        """Return the ids of the judged sentences."""
        return [name for name, estimates in zip(self.ids, self.estimation, strict=True) if not estimates]

    def states(self, language: str) -> np.ndarray:
        """Return the judged sentences of a language by layer, shape (L, n, D)."""
        return self.means[language][~self.estimation].swapaxes(0, 1)

    def vector(self, language: str) -> np.ndarray:
        """Return the language vector, shape (L, D)."""
        return language_vector(self.means[language], self.estimation)

    def shift_toward(self, language: str) -> np.ndarray:
        """Return v_d - v_l, shape (L, D)."""
        return mean_shift(self.vector(language), self.vector(self.dominant))


@dataclass(frozen=True)
class Scores:
    """How one language's judged sentences lie to their translations under one arm.

    Attributes:
        retrieval, cosine: per sentence, shape (L, n).
        unrelated, mean_term: shape (L,).
    """

    retrieval: np.ndarray
    cosine: np.ndarray
    unrelated: np.ndarray
    mean_term: np.ndarray


def shifts(half: JudgedHalf, language: str, config: ShifConConfig) -> list[np.ndarray]:
    """Return what the arm adds to every state of the language: one array (L, D), or one for each random draw."""
    toward = half.shift_toward(language)
    if config.shift == "none":
        return [np.zeros_like(toward)]
    if config.shift == "mean":
        return [toward]
    return [random_shift(toward, language, half.seed, draw) for draw in range(config.draws)]


def scores(half: JudgedHalf, language: str, config: ShifConConfig) -> Scores:
    """Judge one language under one arm; random shifts are averaged over their draws."""
    dominant, own, moves = half.states(half.dominant), half.states(language), shifts(half, language, config)
    apart = own.mean(axis=1, dtype=np.float64) - dominant.mean(axis=1, dtype=np.float64)
    found = [
        _scores_of(similarity, apart + move, config.both_ways)
        for similarity, move in zip(shifted_cosines(own, dominant, moves), moves, strict=True)
    ]
    parts = zip(*((one.retrieval, one.cosine, one.unrelated, one.mean_term) for one in found), strict=True)
    return Scores(*(np.mean(part, axis=0) for part in parts))


def _scores_of(similarity: np.ndarray, apart: np.ndarray, both_ways: bool) -> Scores:
    length = np.linalg.norm(apart, axis=-1)
    return Scores(retrieved(similarity, both_ways), pair_cosine(similarity), unrelated_cosine(similarity), length)


def layer_rows(arm: str, seed: int, language: str, found: Scores) -> pd.DataFrame:
    """Return `ArmAtLayer` rows of one language."""
    return pd.DataFrame(
        {
            "seed": seed,
            "arm": arm,
            "language": language,
            "layer": np.arange(len(found.retrieval)),
            "retrieval": found.retrieval.mean(axis=1),
            "pair_cosine": found.cosine.mean(axis=1),
            "unrelated_cosine": found.unrelated,
            "mean_term": found.mean_term,
        }
    )


def report_outcomes(cell: RunCell, judged: Sequence[str], found: Mapping[str, Scores], layer: int, log: RunLog) -> None:
    """Report retrieval and cosine by sentence and the mean term by language, at the layer of the shift.

    The layer is no part of the slice: each split finds its own, and a sentence is the same item wherever it is judged.
    Items are sentences, as the setting counts them; under each language's slice a sentence is observed by itself.

    Args:
        cell: arm and split.
        judged: ids of the judged sentences.
        found: scores by language.
        layer: where the arms are judged.
        log: the run's.
    """
    languages = list(found)
    items, clusters = [*judged] * len(languages), np.repeat(languages, len(judged))
    slices = [f"language/{language}" for language in clusters]
    retrieval = np.concatenate([one.retrieval[layer] for one in found.values()])
    cosine = np.concatenate([one.cosine[layer] for one in found.values()])
    log.outcomes("retrieval_at_1", cell, retrieval, items, clusters, slices)
    log.outcomes("pair_cosine", cell, cosine, items, clusters, slices)
    apart = [one.mean_term[layer] for one in found.values()]
    log.outcomes("mean_term", cell, apart, languages, languages, [f"language/{language}" for language in languages])


def save_vectors(means: Mapping[str, np.ndarray], longest: np.ndarray, path: Path) -> None:
    """Write the language vectors of all sentences, for sentences that are asked later: language -> (L, D), float32.

    Args:
        means: per language, sentence means (n, L, D).
        longest: longer states are sinks and were left out, shape (L,); written beside them under its name.
        path: a safetensors file.
    """
    from safetensors.numpy import save_file

    vectors = {language: kept.mean(axis=0, dtype=np.float64).astype(np.float32) for language, kept in means.items()}
    save_file(vectors | {"longest": longest}, path)

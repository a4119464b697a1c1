"""What is kept of a language after one pass of the model: sentence means, and moments of each half of each split.

Design decisions:
- The pass does not depend on seed or arm: each language is read once, and all splits are summed at the same time.
- Every half of every language has the same number of observations, drawn at random among its tokens, because the
  distance of two covariances falls with their number.
- Moments live in a basis fixed beforehand from a sample of all languages, so that they are small and add up exactly.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import torch
from torch import Tensor

from engines.parts.hidden_states import (
    LayerReader,
    Moments,
    SentenceMeans,
    TokenBatch,
    counted_tokens,
    token_batches,
    without_sinks,
)
from engines.shifcon.config import ShifConConfig
from engines.shifcon.language_vectors import halves
from engines.shifcon.sentences import ParallelTokens
from engines.shifcon.subspace import pooled_basis
from workbench.errors import ModelError

SINK = 4.0
"""A state this many times longer than the median one of its layer is an attention sink: on the default model ordinary
ones stay under 3, sinks lie between 5 and 150."""
SAMPLE_TOKENS = 2_000
"""Tokens of all languages together that the pooled basis is found from; more where many components are asked."""
MOST_SAMPLE_BYTES = 2**28
MOST_COMPONENTS = 256

Arrays = dict[str, np.ndarray]
Tell = Callable[[int], None]
"""Told how far the work is, in tokens or languages."""


@dataclass(frozen=True)
class Reading:
    """How the sentences are read: the same for every language."""

    reader: LayerReader
    text: ParallelTokens
    config: ShifConConfig
    seeds: tuple[int, ...]

    @property
    def keep_first(self) -> bool:
        """Whether the first token of a sentence counts."""
        return self.config.sinks == "keep"

    def observations(self, seed: int) -> int:
        """Observations per half, the same for every language: as many as the smallest half has."""
        estimation = halves(len(self.text.ids), seed)
        if self.config.pooling == "sentence":
            return int(min(estimation.sum(), (~estimation).sum()))
        counted = [self.text.pooled(language, self.keep_first) for language in self.text.all_languages]
        return int(min(tokens[half].sum() for tokens in counted for half in (estimation, ~estimation)))

    def most_components(self) -> int:
        """Largest useful width of the pooled basis, whatever the seed: one for twenty observations of half the text."""
        if self.config.estimator != "pooled_pca":
            return self.reader.width
        if self.config.pooling == "sentence":
            total = len(self.text.ids)
        else:
            counted = [self.text.pooled(language, self.keep_first) for language in self.text.all_languages]
            total = int(min(tokens.sum() for tokens in counted))
        return max(2, min(total // 40, MOST_COMPONENTS, self.reader.width))

    def batches(self, language: str, chosen: Sequence[int] | None = None) -> list[TokenBatch]:
        """Batches of one language's sentences, or of `chosen` ones."""
        tokens = self.text.tokens[language]
        wanted = [tokens[at] for at in (range(len(tokens)) if chosen is None else chosen)]
        return token_batches(wanted, self.config.batch_tokens)

    def members(self, language: str) -> Tensor:
        """Which observation belongs to which half of which split, shape (2 x seeds, observations), bool.

        Rows alternate between the estimation and the judged half of each seed.
        """
        sentences = len(self.text.ids)
        per_sentence = self.config.pooling == "sentence"
        repeats = 1 if per_sentence else self.text.pooled(language, self.keep_first)
        sentence_of = np.repeat(np.arange(sentences), repeats)
        rows = []
        for seed in self.seeds:
            estimation, count = halves(sentences, seed), self.observations(seed)
            for number, half in enumerate((estimation, ~estimation)):
                random = np.random.default_rng([seed, 2 + number, crc32(language.encode())])
                places = np.flatnonzero(half[sentence_of])
                row = np.zeros(len(sentence_of), dtype=bool)
                row[random.permutation(places)[:count]] = True
                rows.append(row)
        return torch.from_numpy(np.stack(rows))


def sample_basis(reading: Reading, tell: Tell) -> Arrays:
    """What is fixed before any language is measured, from a sample of all of them; `tell` hears of each language.

    Returns:
        `longest` (L,): longer states are sinks; `mean` (L, D); with pooled_pca also `axes` (L, D, K) and cumulative
        variance `shares` (L, K). The shrinkage estimators keep all dimensions.
    """
    states = _sample(reading, tell)
    lengths = np.linalg.norm(states, axis=-1)
    sinks = SINK if reading.config.sinks == "leave_out" else np.inf
    longest = sinks * np.median(lengths, axis=1)
    kept = [layer[length <= most] for layer, length, most in zip(states, lengths, longest, strict=True)]
    if reading.config.estimator != "pooled_pca":
        return {"longest": longest, "mean": np.stack([layer.mean(axis=0) for layer in kept])}
    width = min(reading.most_components(), min(map(len, kept)) - 1)
    mean, axes, shares = zip(*(pooled_basis(layer, width) for layer in kept), strict=True)
    return {"longest": longest, "mean": np.stack(mean), "axes": np.stack(axes), "shares": np.stack(shares)}


def _sample(reading: Reading, tell: Tell) -> np.ndarray:
    """States of a sample of sentences, the same number of tokens of each language, shape (L, n, D)."""
    reader, languages = reading.reader, reading.text.all_languages
    most = MOST_SAMPLE_BYTES // (4 * reader.layers * reader.width)
    width = reading.most_components() if reading.config.estimator == "pooled_pca" else 1
    share = max(2, min(max(SAMPLE_TOKENS, 12 * width), most) // len(languages))
    found = []
    for language in languages:
        found.append(_sample_of(reading, language, share))
        tell(len(found))
    return np.concatenate(found, axis=1)


def _sample_of(reading: Reading, language: str, tokens: int) -> np.ndarray:
    counted = reading.text.pooled(language, reading.keep_first)
    count = int(np.searchsorted(np.cumsum(counted), tokens)) + 1
    found: list[list[Tensor]] = [[] for _ in range(reading.reader.layers)]
    for batch in reading.batches(language, range(min(count, len(counted)))):
        pooled = counted_tokens(batch.mask, reading.keep_first)
        reading.reader.read(batch, lambda layer, states, pooled=pooled: found[layer].append(_rows(states, pooled)))
    return torch.stack([torch.cat(layer)[:tokens] for layer in found]).numpy()


def _rows(states: Tensor, pooled: Tensor) -> Tensor:
    return states[pooled.to(states.device)].float().cpu()


def read_language(reading: Reading, language: str, basis: Mapping[str, np.ndarray], tell: Tell) -> Arrays:
    """One pass over a language.

    Returns:
        `sentences` (n, L, D) sentence means; and for each half of each split `count` (G, L), `mean` (G, L, D),
        `covariance` (G, L, K, K) and `fourth` (G, L), as `Moments` describes them, in the pooled basis.

    Raises:
        ModelError: the model's states are not finite numbers.
    """
    sums = _HalfSums(reading, language, basis)
    means = SentenceMeans(len(reading.text.ids), reading.reader.layers, reading.reader.width)
    by_token, done = reading.config.pooling == "token", 0
    for batch in reading.batches(language):
        counted = counted_tokens(batch.mask, reading.keep_first)
        positions = sums.positions(batch, counted)

        def visit(
            layer: int, states: Tensor, batch: TokenBatch = batch, counted: Tensor = counted, at: Tensor = positions
        ) -> None:
            pooled = without_sinks(states, counted, float(basis["longest"][layer]))
            means.add(layer, states, batch, pooled)
            if by_token:
                sums.add(layer, _rows(states, pooled), at[pooled])

        reading.reader.read(batch, visit)
        done += int(batch.mask.sum())
        tell(done)
    _require_finite(means.means, language, reading.config)
    if not by_token:
        everything = torch.arange(len(reading.text.ids))
        for layer in range(reading.reader.layers):
            sums.add(layer, means.means[:, layer], everything)
    return {"sentences": means.means.numpy(), **sums.arrays()}


class _HalfSums:
    """Running moments of every half of every split, at every layer."""

    def __init__(self, reading: Reading, language: str, basis: Mapping[str, np.ndarray]) -> None:
        self.members = reading.members(language)
        self.pivot = torch.from_numpy(np.ascontiguousarray(basis["mean"])).float()
        self.axes = torch.from_numpy(np.ascontiguousarray(basis["axes"])).float() if "axes" in basis else None
        counts = reading.text.pooled(language, reading.keep_first)
        self.starts = torch.from_numpy(np.concatenate([[0], np.cumsum(counts)[:-1]]))
        groups, layers = len(self.members), reading.reader.layers
        width = self.axes.shape[-1] if self.axes is not None else reading.reader.width
        self.moments = [Moments(groups, width) for _ in range(layers)]
        self.totals = torch.zeros((groups, layers, reading.reader.width), dtype=torch.float64)

    def positions(self, batch: TokenBatch, counted: Tensor) -> Tensor:
        """Where the batch's counted tokens stand among all counted tokens of the language, shape (B, T)."""
        return counted.cumsum(dim=1) - 1 + self.starts[torch.from_numpy(batch.sentences)][:, None]

    def add(self, layer: int, rows: Tensor, positions: Tensor) -> None:
        """Take up observations (N, D) of one layer."""
        members = self.members[:, positions]
        centred = rows - self.pivot[layer]
        self.totals[:, layer] += members.float() @ centred
        self.moments[layer].add(centred if self.axes is None else centred @ self.axes[layer], members)

    def arrays(self) -> Arrays:
        """The moments as arrays; see `read_language`."""
        count = torch.stack([moments.count for moments in self.moments], dim=1)
        return {
            "count": count.numpy(),
            "mean": (self.totals / count.clamp(min=1)[..., None] + self.pivot).numpy(),
            "covariance": np.stack([moments.covariance() for moments in self.moments], axis=1),
            "fourth": np.stack([moments.fourth_moment() for moments in self.moments], axis=1),
        }


def _require_finite(means: Tensor, language: str, config: ShifConConfig) -> None:
    broken = ~torch.isfinite(means).all(dim=2).all(dim=0)
    if broken.any():
        layer = int(broken.nonzero()[0])
        raise ModelError(
            f"At layer {layer} the model's states for {language!r} are not finite numbers.",
            "Choose dtype float32." if config.dtype != "float32" else "The model's weights are damaged or overflow.",
        )

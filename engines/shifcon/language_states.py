"""What is kept of a language after one pass of the model: its sentence means, and a sample of its states.

Design decisions:
- The pass depends neither on seed nor on arm: every split is computed from what was kept, without the model.
- Sentences are read in blocks in the order they were drawn. What a block gives depends on its own sentences alone, so
  that a run that goes on with more sentences reads the blocks that it lacks, and equals one that had them at once.
- The distance of two covariances falls with the number of observations. So of each sentence as many tokens are kept
  in every language as count in the one that needs the fewest: whichever sentences make a half, it has as many
  observations in all languages.
- States are kept in a basis fixed beforehand from a sample of all languages, in units of their layer's median length
  and in 16 bits (float16, eight times as fine as bfloat16); angles and distances know no unit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
import torch
from torch import Tensor

from engines.parts.hidden_states import (
    LayerReader,
    SentenceMeans,
    TokenBatch,
    counted_tokens,
    token_batches,
    without_sinks,
)
from engines.shifcon.config import ShifConConfig
from engines.shifcon.sentences import ParallelTokens
from engines.shifcon.subspace import pooled_basis
from workbench.contract import ModelError

SINK = 4.0
"""A state this many times longer than the median one of its layer is an attention sink: on the default model ordinary
ones stay under 3, sinks lie between 5 and 150."""
BLOCK = 64
"""Sentences of a language that are read together."""
SAMPLE_TOKENS = 2_000
"""Tokens of all languages together that the pooled basis is found from, and at least twelve for every component."""
MOST_SAMPLE_BYTES = 2**28
MOST_COMPONENTS = 128
"""Dimensions that states are kept in with pooled_pca, whatever the number of sentences."""

Arrays = dict[str, np.ndarray]
Tell = Callable[[int], None]
"""Told how far the work is, in tokens or languages."""


@dataclass(frozen=True)
class Reading:
    """How the sentences are read: the same for every language, seed and arm."""

    reader: LayerReader
    text: ParallelTokens
    config: ShifConConfig

    @property
    def keep_first(self) -> bool:
        """Whether the first token of a sentence counts."""
        return self.config.sinks == "keep"

    @property
    def by_token(self) -> bool:
        """Whether an observation is a token, or else a sentence's mean."""
        return self.config.pooling == "token"

    @cached_property
    def per_sentence(self) -> np.ndarray:
        """Count the observations kept of each sentence, the same in every language, shape (n,)."""
        if self.by_token:
            return self.text.shared(self.keep_first)
        return np.ones(len(self.text.ids), dtype=int)

    @property
    def sentence_of(self) -> np.ndarray:
        """Return the sentence of every kept observation, shape (M,)."""
        return np.repeat(np.arange(len(self.text.ids)), self.per_sentence)

    @property
    def width(self) -> int:
        """Return the most dimensions that states are kept in, K."""
        pooled = self.config.estimator == "pooled_pca"
        return min(MOST_COMPONENTS, self.reader.width) if pooled else self.reader.width

    def blocks(self) -> list[range]:
        """Return the sentences in the order drawn, in blocks."""
        count = len(self.text.ids)
        return [range(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]

    def batches(self, language: str, chosen: Sequence[int]) -> list[TokenBatch]:
        """Return batches of `chosen` sentences of a language; positions in a batch count within the chosen ones."""
        tokens = self.text.tokens[language]
        return token_batches([tokens[at] for at in chosen], self.config.batch_tokens)

    def places(self, language: str, block: range) -> tuple[Tensor, Tensor]:
        """Choose which tokens of a block are kept.

        Drawn by the names of language and sentence alone, so that they stay the same in any run.

        Returns:
            For each: its sentence, counted within the block, and its position in it, both of shape (m,).
        """
        counted = self.text.pooled(language, self.keep_first)
        sentences, positions = [], []
        for row, at in enumerate(block):
            first = len(self.text.tokens[language][at]) - int(counted[at])
            random = np.random.default_rng([4, crc32(language.encode()), crc32(self.text.ids[at].encode())])
            kept = np.sort(random.permutation(int(counted[at]))[: self.per_sentence[at]])
            sentences.append(np.full(len(kept), row))
            positions.append(first + kept)
        return torch.from_numpy(np.concatenate(sentences)), torch.from_numpy(np.concatenate(positions))


@dataclass(frozen=True)
class LanguageStates:
    """What was kept of a language.

    Attributes:
        sentences: mean of each sentence's counted tokens, shape (n, L, D), float32.
        states: kept observations in the pooled basis, in units of the layer's median length, shape (L, M, K), float16.
        counted: false where an observation is an attention sink at that layer, shape (L, M).
    """

    sentences: np.ndarray
    states: np.ndarray
    counted: np.ndarray


def joined(blocks: Sequence[Mapping[str, np.ndarray]]) -> LanguageStates:
    """Join a language's states from those of its blocks."""
    return LanguageStates(
        np.concatenate([block["sentences"] for block in blocks]),
        np.concatenate([block["states"] for block in blocks], axis=1),
        np.concatenate([block["counted"] for block in blocks], axis=1),
    )


def sample_counts(reading: Reading) -> dict[str, int]:
    """Count the sentences of each language, the first ones drawn, that the pooled basis is found from."""
    tokens = _sample_share(reading)
    counts = {}
    for language in reading.text.all_languages:
        counted = reading.text.pooled(language, reading.keep_first)
        counts[language] = min(int(np.searchsorted(np.cumsum(counted), tokens)) + 1, len(counted))
    return counts


def _sample_share(reading: Reading) -> int:
    """Tokens of each language."""
    most = MOST_SAMPLE_BYTES // (4 * reading.reader.layers * reading.reader.width)
    width = reading.width if reading.config.estimator == "pooled_pca" else 1
    return max(2, min(max(SAMPLE_TOKENS, 12 * width), most) // len(reading.text.all_languages))


def sample_basis(reading: Reading, tell: Tell) -> Arrays:
    """Find what is fixed before any language is measured, from a sample of all of them; `tell` hears of each language.

    Returns:
        `longest` (L,): longer states are sinks; `unit` (L,): median length; `mean` (L, D); with pooled_pca also `axes`
        (L, D, K) and cumulative variance `shares` (L, K). The shrinkage estimators keep all dimensions.
    """
    states = _sample(reading, tell)
    lengths = np.linalg.norm(states, axis=-1)
    unit = np.median(lengths, axis=1)
    longest = (SINK if reading.config.sinks == "leave_out" else np.inf) * unit
    kept = [layer[length <= most] for layer, length, most in zip(states, lengths, longest, strict=True)]
    fixed = {"longest": longest, "unit": np.where(unit > 0, unit, 1)}
    if reading.config.estimator != "pooled_pca":
        return {**fixed, "mean": np.stack([layer.mean(axis=0) for layer in kept])}
    width = min(reading.width, min(map(len, kept)) - 1)
    mean, axes, shares = zip(*(pooled_basis(layer, width) for layer in kept), strict=True)
    return {**fixed, "mean": np.stack(mean), "axes": np.stack(axes), "shares": np.stack(shares)}


def _sample(reading: Reading, tell: Tell) -> np.ndarray:
    """States of a sample of sentences, the same number of tokens of each language, shape (L, n, D)."""
    found = []
    for language, count in sample_counts(reading).items():
        found.append(_sample_of(reading, language, count, _sample_share(reading)))
        tell(len(found))
    return np.concatenate(found, axis=1)


def _sample_of(reading: Reading, language: str, count: int, tokens: int) -> np.ndarray:
    found: list[list[Tensor]] = [[] for _ in range(reading.reader.layers)]
    for batch in reading.batches(language, range(count)):
        pooled = counted_tokens(batch.mask, reading.keep_first)
        reading.reader.read(batch, lambda layer, states, pooled=pooled: found[layer].append(_rows(states, pooled)))
    return torch.stack([torch.cat(layer)[:tokens] for layer in found]).numpy()


def _rows(states: Tensor, pooled: Tensor) -> Tensor:
    return states[pooled.to(states.device)].float().cpu()


def read_block(reading: Reading, language: str, block: range, basis: Mapping[str, np.ndarray], tell: Tell) -> Arrays:
    """Read a block of a language's sentences in one pass.

    Returns:
        `sentences` (b, L, D), `states` (L, m, K) and `counted` (L, m), as in `LanguageStates`.

    Raises:
        ModelError: the model's states are not finite numbers.
    """
    sample = _Sample(reading, language, block, basis)
    means = SentenceMeans(len(block), reading.reader.layers, reading.reader.width)
    done = 0
    for batch in reading.batches(language, block):
        counted = counted_tokens(batch.mask, reading.keep_first)
        chosen = sample.of_batch(batch)

        def visit(
            layer: int, states: Tensor, batch: TokenBatch = batch, counted: Tensor = counted, chosen: _Chosen = chosen
        ) -> None:
            pooled = without_sinks(states, counted, float(basis["longest"][layer]))
            means.add(layer, states, batch, pooled)
            if reading.by_token:
                slots, rows, at = chosen
                sample.keep(layer, slots, _picked(states, rows, at), pooled[rows, at])

        reading.reader.read(batch, visit)
        done += int(batch.mask.sum())
        tell(done)
    _require_finite(means.means, language, reading.config)
    if not reading.by_token:
        everything = torch.arange(len(block))
        for layer in range(reading.reader.layers):
            sample.keep(layer, everything, means.means[:, layer], torch.ones(len(block), dtype=torch.bool))
    return {"sentences": means.means.numpy(), "states": sample.states.numpy(), "counted": sample.counted.numpy()}


_Chosen = tuple[Tensor, Tensor, Tensor]
"""Kept tokens of a batch: where they are kept, their row in the batch, their position in the sentence."""


def _picked(states: Tensor, rows: Tensor, positions: Tensor) -> Tensor:
    return states[rows.to(states.device), positions.to(states.device)].float().cpu()


class _Sample:
    """Kept observations of a block, filled layer by layer."""

    def __init__(self, reading: Reading, language: str, block: range, basis: Mapping[str, np.ndarray]) -> None:
        self.pivot = torch.from_numpy(np.ascontiguousarray(basis["mean"])).float()
        self.axes = torch.from_numpy(np.ascontiguousarray(basis["axes"])).float() if "axes" in basis else None
        self.unit = basis["unit"]
        self.sentence, self.position = reading.places(language, block)
        width = reading.reader.width if self.axes is None else self.axes.shape[-1]
        count = int(reading.per_sentence[block.start : block.stop].sum())
        self.states = torch.zeros((reading.reader.layers, count, width), dtype=torch.float16)
        self.counted = torch.zeros((reading.reader.layers, count), dtype=torch.bool)

    def of_batch(self, batch: TokenBatch) -> _Chosen:
        """Return the kept tokens that are in a batch."""
        row_of = torch.full((int(self.sentence.max()) + 1,), -1)
        row_of[torch.from_numpy(batch.sentences)] = torch.arange(len(batch.sentences))
        slots = (row_of[self.sentence] >= 0).nonzero()[:, 0]
        return slots, row_of[self.sentence[slots]], self.position[slots]

    def keep(self, layer: int, slots: Tensor, states: Tensor, counted: Tensor) -> None:
        """Take up observations (N, D) of one layer in their slots (N,)."""
        centred = states - self.pivot[layer]
        reduced = centred if self.axes is None else centred @ self.axes[layer]
        self.states[layer, slots] = (reduced / float(self.unit[layer])).half()
        self.counted[layer, slots] = counted


def _require_finite(means: Tensor, language: str, config: ShifConConfig) -> None:
    broken = ~torch.isfinite(means).all(dim=2).all(dim=0)
    if broken.any():
        layer = int(broken.nonzero()[0])
        raise ModelError(
            f"At layer {layer} the model's states for {language!r} are not finite numbers.",
            "Choose dtype float32." if config.dtype != "float32" else "The model's weights are damaged or overflow.",
        )

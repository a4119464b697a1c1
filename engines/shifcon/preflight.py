"""What a run would take: real tokens read, one language split and judged, one pair compared, times their number."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import psutil

from engines.parts.hidden_states import LayerReader, SentenceMeans, TokenBatch, counted_tokens, token_batches
from engines.parts.models import missing_bytes
from engines.shifcon.config import ShifConConfig
from engines.shifcon.language_states import SAMPLE_TOKENS, Reading
from engines.shifcon.language_vectors import halves
from engines.shifcon.material import open_model, open_sentences
from engines.shifcon.retrieval import retrieved, shifted_cosines
from engines.shifcon.subspace import moments, pooled_basis, riemannian_distance
from workbench.contract import Estimate, EstimatePart

if TYPE_CHECKING:
    from torch import Tensor

    from workbench.contract import RunLog

PROBE_TOKENS = 600
LONGEST = 3600.0
"""Seconds above which fewer tokens are proposed."""
PLENTY = 0.8
"""Share of the free memory that a run may take before something smaller is proposed."""


def preflight(config: ShifConConfig, log: "RunLog") -> None:
    """Emit one `Estimate` and its parts.

    Raises:
        WorkbenchError: as the run itself would, for a model or data that cannot be used.
    """
    missing = missing_bytes(config.model)
    with log.phase("Probe"):
        begin = time.perf_counter()
        model = open_model(config, log)
        loading = time.perf_counter() - begin
        text, _ = open_sentences(config, model, log)
        reading = Reading(LayerReader(model.model), text, config)
        parts = [
            EstimatePart(phase="Open the model", seconds=loading, basis="loaded now"),
            _basis_part(reading),
            _read_part(reading),
            _compare_part(reading, len(log.seeds)),
            _judge_part(reading, [arm for arm in log.arms.values() if isinstance(arm, ShifConConfig)], len(log.seeds)),
        ]
    for part in parts:
        log.row(part)
    kept = kept_bytes(reading)
    memory = psutil.Process().memory_info().rss + working_bytes(reading) + sum(kept)
    proposal, reason = proposed(config, sum(part.seconds for part in parts), memory)
    log.row(
        Estimate(
            seconds=sum(part.seconds for part in parts),
            memory_bytes=memory,
            disk_bytes=missing + kept[0] + kept[1],
            proposal=proposal,
            proposal_reason=reason,
        )
    )


def _basis_part(reading: Reading) -> EstimatePart:
    states = np.random.default_rng(0).standard_normal((SAMPLE_TOKENS, reading.reader.width), dtype=np.float32)
    seconds = seconds_of(lambda: pooled_basis(states, 2))
    return EstimatePart(
        phase="Find the pooled basis",
        seconds=seconds * reading.reader.layers,
        basis=f"one layer in {1000 * seconds:.0f} ms, {reading.reader.layers} layers",
    )


def _read_part(reading: Reading) -> EstimatePart:
    language = reading.text.languages[0]
    tokens = reading.text.tokens[language]
    probe = token_batches(list(_probe(tokens)), min(reading.config.batch_tokens, PROBE_TOKENS))
    means = SentenceMeans(len(tokens), reading.reader.layers, reading.reader.width)

    def read() -> None:
        for batch in probe:
            pooled = counted_tokens(batch.mask, reading.keep_first)
            reading.reader.read(batch, partial(_pool, means, batch, pooled))

    count = sum(int(batch.mask.sum()) for batch in probe)
    # The sample that finds the pooled basis is read beside the sentences.
    total = max(SAMPLE_TOKENS, 12 * reading.width) + sum(
        reading.text.length(language) for language in reading.text.all_languages
    )
    seconds = seconds_of(read)
    return EstimatePart(
        phase="Measure the subspace distance",
        seconds=seconds * total / count,
        basis=f"{count:,} tokens in {seconds:.2f} s, {total:,} tokens in all",
    )


def _pool(means: SentenceMeans, batch: TokenBatch, pooled: "Tensor", layer: int, states: "Tensor") -> None:
    means.add(layer, states, batch, pooled)


def _probe(tokens: Sequence[Sequence[int]]) -> Iterator[Sequence[int]]:
    count = 0
    for sentence in tokens:
        yield sentence
        count += len(sentence)
        if count >= PROBE_TOKENS:
            return


def _compare_part(reading: Reading, splits: int) -> EstimatePart:
    layers, languages = reading.reader.layers, len(reading.text.all_languages)
    half = max(1, int(reading.per_sentence[halves(len(reading.text.ids), 0)].sum()))
    width = min(reading.width, max(2, half // 20)) if reading.config.estimator == "pooled_pca" else reading.width
    rows = np.random.default_rng(0).standard_normal((1, half, width)).astype(np.float16)
    inside = np.ones((1, half), dtype=bool)
    covariance = moments(rows, inside)[1] + np.eye(width)
    summing = seconds_of(lambda: moments(rows, inside))
    comparing = seconds_of(lambda: riemannian_distance(covariance, covariance))
    sums = 2 * splits * languages * layers
    # Floors and distances from the dominant language in every split, all pairs in the first.
    pairs = ((2 * languages - 1) * splits + (languages - 1) * (languages - 2) // 2) * layers
    return EstimatePart(
        phase="Compare the subspaces",
        seconds=summing * sums + 3 * comparing * pairs,  # the principal angles take about twice as long again
        basis=f"one pair of {width} dimensions in {1000 * comparing:.1f} ms, {pairs:,} pairs in {splits} splits",
    )


def _judge_part(reading: Reading, arms: list[ShifConConfig], splits: int) -> EstimatePart:
    half, layers = max(1, len(reading.text.ids) // 2), reading.reader.layers
    states = np.random.default_rng(0).standard_normal((2, 2, half, reading.reader.width), dtype=np.float32)

    def seconds_with(shifts: int) -> float:
        moves = [states[0, :, 0]] * shifts
        return seconds_of(lambda: [retrieved(found) for found in shifted_cosines(states[0], states[1], moves)]) / 2

    seconds = sum(seconds_with(arm.draws if arm.shift == "random" else 1) for arm in arms)
    count = len(reading.text.languages) * splits * layers
    return EstimatePart(
        phase="Shift and retrieve",
        seconds=2 * seconds * count,  # cosines of pairs and rows take about as long again
        basis=f"{half:,} sentences under {len(arms)} arms in {1000 * seconds:.1f} ms, {count:,} times",
    )


def seconds_of(work: Callable[[], object]) -> float:
    """Seconds of the faster of two calls, after one that warms caches; the slower one may have been interrupted."""
    work()
    taken = []
    for _ in range(2):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return min(taken)


def kept_bytes(reading: Reading) -> tuple[int, int]:
    """Bytes of the sentence means and of the kept states of all languages."""
    layers, languages = reading.reader.layers, len(reading.text.all_languages)
    means = 4 * len(reading.text.ids) * layers * reading.reader.width * languages
    states = 2 * int(reading.per_sentence.sum()) * layers * reading.width * languages
    return means, states


def working_bytes(reading: Reading) -> int:
    """Bytes of the largest batch inside the model, beyond its weights: a feed-forward layer and attention scores."""
    longest = max(len(sentence) for language in reading.text.tokens.values() for sentence in language)
    tokens = max(reading.config.batch_tokens, longest)
    return 4 * tokens * (12 * reading.reader.width + longest)


def proposed(config: ShifConConfig, seconds: float, memory: int) -> tuple[dict[str, object], str]:
    """Settings that make the run fit, and why; nothing where it fits."""
    free = psutil.virtual_memory().available
    if memory > PLENTY * free:
        smaller: dict[str, object] = {"estimator": "pooled_pca", "batch_tokens": min(config.batch_tokens, 512)}
        smaller["sentences"] = max(8, int(config.sentences * PLENTY * free / memory))
        return smaller, f"The run would take {memory / 1e9:.1f} GB, {free / 1e9:.1f} GB are free."
    if seconds > LONGEST:
        return {
            "token_cap": max(500, int(config.token_cap * LONGEST / seconds)),
            "estimator": "pooled_pca",
        }, f"The run would take {seconds / 60:.0f} minutes; fewer tokens end within an hour."
    return {}, ""

"""What a run would take here: some real tokens read, one pair compared, one language judged, times their number."""

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
from engines.shifcon.material import open_model, open_sentences
from engines.shifcon.retrieval import cosines
from engines.shifcon.subspace import pooled_basis, riemannian_distance
from workbench.schema import Estimate, EstimatePart

if TYPE_CHECKING:
    from torch import Tensor

    from workbench.engine import RunLog

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
        text = open_sentences(config, model, log)
        reading = Reading(LayerReader(model.model), text, config, tuple(log.seeds))
        parts = [
            EstimatePart(phase="Open the model", seconds=loading, basis="loaded now"),
            _basis_part(reading),
            _read_part(reading),
            _compare_part(reading),
            _judge_part(reading, [arm for arm in log.arms.values() if isinstance(arm, ShifConConfig)]),
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
    total = SAMPLE_TOKENS + sum(reading.text.length(language) for language in reading.text.all_languages)
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


def _compare_part(reading: Reading) -> EstimatePart:
    width = reading.most_components()
    random = np.random.default_rng(0).standard_normal((2, width, width))
    covariance = random @ random.swapaxes(1, 2) + width * np.eye(width)
    seconds = seconds_of(lambda: riemannian_distance(covariance, covariance[::-1])) / 2
    languages = len(reading.text.all_languages)
    count = languages * (languages + 1) // 2 * reading.reader.layers * len(reading.seeds)
    return EstimatePart(
        phase="Compare the subspaces",
        seconds=3 * seconds * count,  # the principal angles take about twice as long again
        basis=f"one pair of {width} dimensions in {1000 * seconds:.1f} ms, {count:,} pairs",
    )


def _judge_part(reading: Reading, arms: list[ShifConConfig]) -> EstimatePart:
    half = max(1, len(reading.text.ids) // 2)
    random = np.random.default_rng(0).standard_normal((2, half, reading.reader.width), dtype=np.float32)
    seconds = seconds_of(lambda: cosines(random[:1], random[1:]))
    shifts = sum(arm.draws if arm.shift == "random" else 1 for arm in arms) or 1
    count = shifts * len(reading.text.languages) * len(reading.seeds) * reading.reader.layers
    return EstimatePart(
        phase="Shift and retrieve",
        seconds=3 * seconds * count,  # shifting and ranking take about twice as long again
        basis=f"{half:,} sentences in {1000 * seconds:.1f} ms, {count:,} times",
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
    """Bytes of the sentence means and of the covariances of all languages."""
    layers, width, languages = reading.reader.layers, reading.reader.width, len(reading.text.all_languages)
    means = 4 * len(reading.text.ids) * layers * width * languages
    moments = 8 * 2 * len(reading.seeds) * layers * (width + reading.most_components() ** 2) * languages
    return means, moments


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

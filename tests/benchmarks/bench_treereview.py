"""TreeReview's costs: ranking a further question against chunks kept as prefixes, and answering nodes in batches.

Run `python -m tests.benchmarks.bench_treereview` or `pytest -m benchmark tests/benchmarks/bench_treereview.py`. Both
sides run in one process, in turns, on the same weights, texts and number format, at one thread; equality is asserted
first.

Ranking: the usual way scores each question after each chunk from the beginning (the shared prefix tree, on one question
at a time); ours reads the chunks for the first question and keeps their keys and values for the others.
"""

import statistics
import time
from collections.abc import Callable

import pytest

MODEL = "smollm2-135m-instruct"
CHUNKS, CHUNK_WORDS = 4, 700
ROUNDS = 3
LEAST = 8.0
AGREE = 0.03
"""Nats per token, in bfloat16."""
QUESTIONS = (
    "Which baseline is the method compared with?",
    "How many sentences were used to estimate the shift?",
    "What do the authors say about languages without spaces?",
    "Is the noise floor measured on the same sentences?",
)
RESTRICTION = " We can get the answer to this question in the given documents."


def cpu_seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def made_chunks() -> list[str]:
    """Chunks of about 1,024 tokens: what they say takes no time."""
    import numpy as np

    words = ["the", "model", "layer", "of", "shift", "and", "in", "language", "which"]
    words += ["is", "a", "distance", "measured", "by", "tokens", "we", "find", "that"]
    draw = np.random.default_rng(0)
    return [" ".join(draw.choice(words, CHUNK_WORDS)) + f" part {at}" for at in range(CHUNKS)]


def measured_ranking() -> float:
    """Usual over ours, CPU seconds of one further question: the ratio of medians."""
    import numpy as np
    import torch

    from engines.parts.passage_prefixes import PassagePrefixes
    from engines.parts.retrieval import perplexity_ranking
    from engines.parts.scoring import open_scorer

    torch.set_num_threads(1)
    chunks, scorer = made_chunks(), open_scorer(MODEL)
    kept = PassagePrefixes(scorer, chunks, RESTRICTION)
    first = cpu_seconds(lambda: kept.relevance(QUESTIONS[:1]))
    usual, ours, apart = [], [], 0.0
    for question in QUESTIONS[1 : ROUNDS + 1]:
        usual.append(cpu_seconds(lambda q=question: perplexity_ranking(scorer, chunks, [q], RESTRICTION)))
        ours.append(cpu_seconds(lambda q=question: kept.relevance([q])))
        direct = perplexity_ranking(scorer, chunks, [question], RESTRICTION)
        apart = max(apart, float(np.abs(direct - kept.relevance([question])).max()))
    assert apart <= AGREE, f"{apart} nats apart"
    ratio = statistics.median(usual) / statistics.median(ours)
    tokens = scorer.model.tokenizer(chunks[0])["input_ids"]
    print(
        f"{CHUNKS} chunks of {len(tokens):,} tokens, {scorer.model.dtype}: first question {first:.2f} CPU s, a further "
        f"one {statistics.median(ours):.3f} CPU s, the usual way {statistics.median(usual):.2f} CPU s: {ratio:.1f}x "
        f"({min(a / b for a, b in zip(usual, ours, strict=True)):.1f} to "
        f"{max(a / b for a, b in zip(usual, ours, strict=True)):.1f}); at most {apart:.1e} nats a token apart"
    )
    return ratio


@pytest.mark.benchmark
def test_a_further_question_costs_at_most_an_eighth():
    assert measured_ranking() >= LEAST


if __name__ == "__main__":
    measured_ranking()

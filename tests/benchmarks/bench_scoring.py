"""Scoring: pairs per CPU second against the usual way (right-padded batches of 8, all logits, log-softmax).

Run `python -m tests.benchmarks.bench_scoring` or `pytest -n0 -m benchmark tests/benchmarks/bench_scoring.py`. Both
sides run in one process, in turns, on the same weights, token ids and number format, at one thread; equality is
asserted first. The usual way gets its pairs sorted by length, so that nothing is padded where lengths are equal.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from engines.parts.models.dtype import DtypeName

ROUNDS = 5
BATCH = 8
KINDS: tuple[DtypeName, ...] = ("float32", "bfloat16")
MODEL = "smollm2-135m-instruct"
AGREE = {"float32": 1e-4, "bfloat16": 0.35}
"""Nats per token."""


@dataclass(frozen=True)
class Shape:
    """How many responses a prompt has, and how long both are, in tokens."""

    prompts: int
    responses: int
    prompt_tokens: int
    response_tokens: int
    least: float
    """Ratio asked for; 0 where it is only reported."""


SHAPES = (Shape(3, 6, 256, 64, 2.5), Shape(3, 6, 90, 120, 0), Shape(8, 1, 256, 64, 1.3))


def made_pairs(shape: Shape):
    """Token ids drawn at random: what a token means takes no time."""
    import numpy as np

    draw = np.random.default_rng(0)
    pairs = []
    for _ in range(shape.prompts):
        prompt = draw.integers(100, 40_000, shape.prompt_tokens).tolist()
        for _ in range(shape.responses):
            pairs.append((prompt, draw.integers(100, 40_000, shape.response_tokens).tolist()))
    return pairs


def by_usual_way(model, pairs):
    """All logits of right-padded batches, float32 log-softmax, the responses' tokens gathered."""
    import torch

    found = []
    for start in range(0, len(pairs), BATCH):
        rows = [[*prompt, *response] for prompt, response in pairs[start : start + BATCH]]
        width = max(map(len, rows))
        ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
        logits = model.model(input_ids=ids, attention_mask=mask, use_cache=False).logits[:, :-1].float()
        chosen = logits.log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
        for row, (prompt, response) in enumerate(pairs[start : start + BATCH]):
            found.append(chosen[row, len(prompt) - 1 : len(prompt) + len(response) - 1].numpy())
    return found


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of the process."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def measured(shape: Shape, dtype: DtypeName, peer: DtypeName) -> tuple[float, float, float]:
    """Ratio of medians (usual over ours), and the lowest and highest ratio of neighbouring rounds."""
    import numpy as np
    import torch

    from engines.parts.models.models import load_causal
    from engines.parts.scoring.scoring import Scorer

    torch.set_num_threads(1)
    pairs = made_pairs(shape)
    with torch.inference_mode():
        usual_model = load_causal(MODEL, peer)
        usual = by_usual_way(usual_model, pairs)
        scorer = Scorer(load_causal(MODEL, dtype))
        worst = max(np.abs(a.by_token - b).max() for a, b in zip(scorer.score_ids(pairs), usual, strict=True))
        assert worst <= AGREE[dtype], f"{worst} nats apart"
        theirs, ours = [], []
        for _ in range(ROUNDS):
            theirs.append(seconds(lambda: by_usual_way(usual_model, pairs)))
            ours.append(seconds(lambda: scorer.score_ids(pairs)))
    ratios = [a / b for a, b in zip(theirs, ours, strict=True)]
    rate = len(pairs) / statistics.median(ours)
    print(
        f"{shape.responses} response(s) a prompt, {shape.prompt_tokens} / {shape.response_tokens} tokens: ours {dtype} "
        f"{rate:.2f} pairs per CPU second, {statistics.median(theirs) / statistics.median(ours):.2f}x of the usual way "
        f"in {peer}, batch {BATCH} ({min(ratios):.2f} to {max(ratios):.2f}); at most {worst:.1e} nats a token apart"
    )
    return statistics.median(theirs) / statistics.median(ours), min(ratios), max(ratios)


@pytest.mark.benchmark
@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: f"{s.responses}x{s.prompt_tokens}/{s.response_tokens}")
def test_scoring_is_faster_than_the_usual_way(shape: Shape, dtype: DtypeName):
    assert measured(shape, dtype, dtype)[0] >= shape.least


@pytest.mark.benchmark
def test_bf16_against_the_usual_float32():
    assert measured(SHAPES[0], "bfloat16", "float32")[0] >= SHAPES[0].least


if __name__ == "__main__":
    for each in SHAPES:
        for kind in KINDS:
            measured(each, kind, kind)
    measured(SHAPES[0], "bfloat16", "float32")

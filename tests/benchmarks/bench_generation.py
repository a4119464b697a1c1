"""Generation: useful tokens per CPU second against transformers' `generate` in sensibly padded batches.

Run `python -m tests.benchmarks.bench_generation` or `pytest -n0 -m benchmark tests/benchmarks/bench_generation.py`.
Both sides run in one process, in turns, on the same weights and token ids, greedy, in float32 at one thread; equal
answers are asserted in every round. The peer gets its prompts sorted by length in batches of 8, which of 4, 8 and 16
were the fastest for it with prompts of mixed length. `generate_batch` (transformers' continuous batching) is tried once
beside it; llama.cpp is not installed here.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

MODEL = "smollm2-135m-instruct"
DTYPE = "float32"
ROUNDS = 3
BATCH = 8
PAD = 2


@dataclass(frozen=True)
class Case:
    """Prompts, how long answers get, and the ratio asked for.

    Attributes:
        ends: token ids that end an answer.
    """

    name: str
    prompts: Sequence[list[int]]
    tokens: int
    ends: frozenset[int]
    least: float


FACTS = (
    "What is the capital of France?",
    "Name a colour of the rainbow.",
    "How many days has a week?",
    "Who wrote Hamlet?",
    "Is water wet? Answer yes or no.",
    "What do bees make?",
    "Which planet is the largest?",
    "What is the opposite of hot?",
)
TASK = "Here are notes from a walk. The river was high, the bridge was closed, and we saw two herons by the mill. "


def mixed() -> Case:
    """16 prompts of 20 to 400 tokens, drawn at random: what a token means takes no time. None ends early."""
    import numpy as np

    draw = np.random.default_rng(0)
    lengths = draw.permutation(np.geomspace(20, 400, 16).astype(int))
    prompts = [draw.integers(100, 40_000, length).tolist() for length in lengths]
    return Case("16 prompts of 20 to 400 tokens, 64 new tokens", prompts, 64, frozenset(), 1.5)


def chats() -> Case:
    """8 short questions and 8 longer tasks, as chats; answers end where the model ends them."""
    from engines.parts.completions.prompts import chat, prompt_ids
    from engines.parts.models.models import load_causal

    tokenizer = load_causal(MODEL, DTYPE).tokenizer
    tasks = [f"{TASK * (2 + 2 * at)}Write a short story about day {at + 1}." for at in range(8)]
    prompts = [prompt_ids(chat(text), tokenizer) for text in (*FACTS, *tasks)]
    return Case("16 chats, up to 64 new tokens, ended by the model", prompts, 64, frozenset({2}), 1.5)


def questions() -> Case:
    """16 questions of 12 to 27 tokens on one document of 1,500."""
    import numpy as np

    draw = np.random.default_rng(1)
    document = draw.integers(100, 40_000, 1500).tolist()
    prompts = [[*document, *draw.integers(100, 40_000, 12 + at).tolist()] for at in range(16)]
    return Case("16 questions on a document of 1,500 tokens, 32 new tokens", prompts, 32, frozenset(), 4.0)


def by_ours(model, case: Case) -> list[list[int]]:
    """Our decoding loop."""
    from engines.parts.completions.generation import Request, Sampling
    from engines.parts.decoding.decoding import Decoder
    from engines.parts.decoding.growing_answer import AnswerRules, AskedPrompt, GrowingAnswer

    rules = AnswerRules(Sampling(max_tokens=case.tokens), model.tokenizer, case.ends)
    asked = [AskedPrompt(at, Request(str(at)), ids, 0, case.tokens) for at, ids in enumerate(case.prompts)]
    answers = [GrowingAnswer(one, rules) for one in asked]
    for _ in Decoder(model).written(answers):
        pass
    return [answer.ids for answer in answers]


def by_generate(model, case: Case, batch: int = BATCH) -> list[list[int]]:
    """`generate` with a key-value cache, batches sorted by length and padded on the left."""
    import torch

    found: list[list[int]] = [[] for _ in case.prompts]
    order = sorted(range(len(case.prompts)), key=lambda at: -len(case.prompts[at]))
    for start in range(0, len(order), batch):
        rows = [case.prompts[at] for at in order[start : start + batch]]
        width = max(map(len, rows))
        with torch.inference_mode():
            written = model.model.generate(
                torch.tensor([[PAD] * (width - len(row)) + row for row in rows]),
                attention_mask=torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows]),
                max_new_tokens=case.tokens,
                do_sample=False,
                eos_token_id=sorted(case.ends) or None,
                pad_token_id=PAD,
            )
        for at, row in zip(order[start : start + batch], written, strict=False):
            found[at] = useful(row[width:].tolist(), case)
    return found


def useful(ids: list[int], case: Case) -> list[int]:
    """Up to the token that ended it."""
    end = next((at for at, token in enumerate(ids) if token in case.ends), len(ids) - 1)
    return ids[: end + 1]


def by_continuous_batching(model, case: Case) -> list[list[int]]:
    """`generate_batch`, with room for all prompts and answers: by itself it takes most of the machine's memory."""
    from transformers import ContinuousBatchingConfig, GenerationConfig

    asked = GenerationConfig(
        max_new_tokens=case.tokens, do_sample=False, eos_token_id=sorted(case.ends) or -1, pad_token_id=PAD
    )
    room = ContinuousBatchingConfig(num_blocks=64, max_batch_tokens=512)
    said = model.model.generate_batch(list(case.prompts), generation_config=asked, continuous_batching_config=room)
    return [one.generated_tokens for _, one in sorted(said.items(), key=lambda item: int(item[0].rpartition("_")[2]))]


def timed(work: Callable[[], list[list[int]]]) -> tuple[list[list[int]], float]:
    """What it answers, and CPU seconds of the process."""
    begun = time.process_time()
    found = work()
    return found, time.process_time() - begun


def measured(case: Case) -> float:
    """Ratio of medians (usual over ours)."""
    import torch

    from engines.parts.models.models import load_causal

    torch.set_num_threads(1)
    model = load_causal(MODEL, DTYPE)
    ours, theirs, found = [], [], []
    for _ in range(ROUNDS):
        usual, spent = timed(lambda: by_generate(model, case))
        theirs.append(spent)
        found, spent = timed(lambda: by_ours(model, case))
        ours.append(spent)
        assert found == usual, f"{sum(a == b for a, b in zip(found, usual, strict=True))} answers are equal"
    ratios = [a / b for a, b in zip(theirs, ours, strict=True)]
    ratio = statistics.median(theirs) / statistics.median(ours)
    tokens = sum(map(len, found))
    print(
        f"{case.name}: ours {tokens / statistics.median(ours):.1f} useful tokens per CPU second, {ratio:.2f}x of "
        f"`generate` ({min(ratios):.2f} to {max(ratios):.2f}), both {DTYPE}, the peer in sorted batches of {BATCH}",
        flush=True,
    )
    return ratio


@pytest.mark.benchmark
@pytest.mark.parametrize("made", [mixed, chats, questions])
def test_generation_is_faster_than_generate(made: Callable[[], Case]):
    case = made()
    assert measured(case) >= case.least


def report_continuous_batching(case: Case) -> None:
    """Time `generate_batch` once, where it runs."""
    from engines.parts.models.models import load_causal

    model = load_causal(MODEL, DTYPE)
    try:
        found, spent = timed(lambda: by_continuous_batching(model, case))
    except (RuntimeError, ValueError, ImportError, AttributeError, TypeError, NotImplementedError, OSError) as error:
        print(f"{case.name}: generate_batch does not run here: {type(error).__name__}: {str(error)[:150]}")
        return
    tokens = sum(len(useful(ids, case)) for ids in found)
    print(f"{case.name}: generate_batch writes {tokens / spent:.1f} useful tokens per CPU second, {tokens} tokens")


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["mixed", "chats", "questions"]
    for each in (mixed, chats, questions):
        if each.__name__ in chosen:
            measured(each())
    if "continuous" in chosen or not sys.argv[1:]:
        report_continuous_batching(mixed())

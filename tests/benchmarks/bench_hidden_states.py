"""Sentence representations of every layer: sentences per CPU second and peak memory, against transformers' own way.

Run `python -m tests.benchmarks.bench_hidden_states` or `pytest -n0 -m benchmark
tests/benchmarks/bench_hidden_states.py`. Both sides run in one process, in turns, on the same sorted batches, weights
and number format, at one thread; equality is asserted first. Peak memory is that of a fresh process each, over what it
held with model and batches loaded.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROUNDS = 5
SENTENCES = 96
COUNTS = (300, 1200)
BUDGET = 512
MODEL = "smollm2-135m-instruct"
ROOT = Path(__file__).resolve().parents[2]


def sentences(count: int) -> list[str]:
    from engines.parts.datasets.datasets import parallel_sentences

    rows = parallel_sentences("django-messages", ("en", "fr", "de", "es", "it", "nl", "sv", "pl")).rows
    texts = [text for row in rows for text in row.values()]
    return [texts[at % len(texts)] for at in range(count)]


def load(model: str):
    import torch

    from engines.parts.models.models import load_causal

    torch.set_num_threads(1)
    return load_causal(model)


def by_hooks(model, batches, means):
    from engines.parts.hidden_states.hidden_states import LayerReader

    reader = LayerReader(model)
    for batch in batches:
        reader.read(batch, lambda layer, states, batch=batch: means.add(layer, states, batch, batch.mask))


def by_transformers(model, batches, means):
    import torch

    body = model.base_model
    for batch in batches:
        with torch.inference_mode():
            states = body(
                input_ids=batch.ids, attention_mask=batch.mask.long(), output_hidden_states=True, use_cache=False
            ).hidden_states
        for layer, states_of_layer in enumerate(states):
            means.add(layer, states_of_layer, batch, batch.mask)


def the_usual_way(model, batches, means):
    import torch

    for batch in batches:
        with torch.inference_mode():
            states = model(
                input_ids=batch.ids, attention_mask=batch.mask.long(), output_hidden_states=True
            ).hidden_states
        for layer, states_of_layer in enumerate(states):
            means.add(layer, states_of_layer, batch, batch.mask)


SIDES = {"hooks": by_hooks, "transformers": by_transformers, "usual": the_usual_way}


def material(loaded, count: int):
    """Sorted batches, batches in the order of the text, and a maker of empty sentence means."""
    from engines.parts.hidden_states.hidden_states import SentenceMeans, padded_batch, token_batches

    encoded = loaded.tokenizer(sentences(count))["input_ids"]
    places = [range(start, min(count, start + 16)) for start in range(0, count, 16)]
    in_order = [padded_batch(encoded, chosen) for chosen in places]
    return token_batches(encoded, BUDGET), in_order, lambda: SentenceMeans(count, loaded.layers + 1, loaded.hidden)


def seconds_per_side(model: str = MODEL) -> dict[str, list[float]]:
    """Process CPU seconds of each side, in turns; equality is asserted before."""
    import torch

    loaded = load(model)
    in_groups, in_order, empty = material(loaded, SENTENCES)
    batches = {"hooks": in_groups, "transformers": in_groups, "usual": in_order}
    found = {}
    for side, work in SIDES.items():
        work(loaded.model, batches[side], means := empty())
        found[side] = means.means
    assert torch.equal(found["hooks"], found["transformers"])
    close = torch.nn.functional.cosine_similarity(found["hooks"], found["usual"], dim=-1)
    assert close.min() > 0.99, close.min()
    seconds: dict[str, list[float]] = {side: [] for side in SIDES}
    for _ in range(ROUNDS):
        for side, work in SIDES.items():
            means, begin = empty(), time.process_time()
            work(loaded.model, batches[side], means)
            seconds[side].append(time.process_time() - begin)
    return seconds


def peak_bytes(side: str, count: int, model: str = MODEL) -> int:
    """Peak memory of one side over what the process held before, in a fresh process."""
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.bench_hidden_states",
        "--peak",
        side,
        str(count),
        "--model",
        model,
    ]
    # A fixed threshold makes the allocator give every freed tensor back, so that what is measured is what is held.
    surroundings = os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=True, timeout=600)
    return json.loads(done.stdout.strip().splitlines()[-1])["bytes"]


def tell_peak(side: str, count: int, model: str) -> None:
    loaded = load(model)
    batches, _, empty = material(loaded, count)
    means = empty()
    means.means.fill_(1.0)  # pages of the result are taken before, so that only the work itself counts
    SIDES[side](loaded.model, batches, means)
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    SIDES[side](loaded.model, batches, means)
    print(json.dumps({"bytes": memory("VmHWM") - before}))


def memory(name: str) -> int:
    """A line of /proc/self/status in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(name)).split()[1])


def report(model: str = MODEL) -> dict[str, float]:
    seconds = seconds_per_side(model)
    middle = {side: statistics.median(times) for side, times in seconds.items()}
    for side, times in seconds.items():
        rates = [SENTENCES / taken for taken in times]
        print(
            f"{side:13} {SENTENCES / middle[side]:6.2f} sentences per CPU second ({min(rates):.2f} to {max(rates):.2f})"
        )
    peaks = {(side, count): peak_bytes(side, count, model) for side in ("hooks", "transformers") for count in COUNTS}
    for (side, count), taken in peaks.items():
        print(f"{side:13} {taken / 1e6:6.1f} MB at the peak with {count} sentences")
    ratios = {
        "speed": statistics.median(b / a for a, b in zip(seconds["hooks"], seconds["transformers"], strict=True)),
        "speed over the usual way": statistics.median(
            b / a for a, b in zip(seconds["hooks"], seconds["usual"], strict=True)
        ),
        "memory": peaks["hooks", COUNTS[1]] / peaks["transformers", COUNTS[1]],
        "growth": peaks["hooks", COUNTS[1]] / peaks["hooks", COUNTS[0]],
    }
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.2f}x")
    return ratios


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
def test_hooks_cost_no_time_and_little_memory():
    from tests.engines.parts.fetched import require_fetched

    require_fetched(MODEL, "django-messages")
    ratios = report()
    assert ratios["speed"] >= 0.95
    assert ratios["memory"] <= 0.3
    assert ratios["growth"] <= 1.2


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--peak", nargs=2, metavar=("SIDE", "SENTENCES"))
    options.add_argument("--model", default=MODEL)
    asked = options.parse_args()
    if asked.peak:
        tell_peak(asked.peak[0], int(asked.peak[1]), asked.model)
    else:
        report(asked.model)

"""A training through the run log against TRL's bare trainer, and the estimate against what the training then took.

Run `python -m tests.benchmarks.bench_training` or `pytest -n0 -m benchmark tests/benchmarks/bench_training.py`. Both
sides run in one process, in turns, on the same weights, tokens, dtype and settings, at one thread; equal losses are
asserted first. The peer is told what it must be told on a CPU (no bf16 autocast, no checkpointing) and keeps its own
logging.
"""

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path

import pytest

MODEL = "smollm2-135m-instruct"
ROUNDS, STEPS, BATCH = 3, 3, 4
MOST_OVERHEAD = 1.05


def examples(count: int):
    from engines.parts.training.training_examples import Example

    draw = random.Random(0)
    pairs = [(draw.randrange(100), draw.randrange(100)) for _ in range(count)]
    story = "Ann picks {} apples in the morning and {} apples in the afternoon. How many apples does she have? "
    return [Example(3 * story.format(a, b), f"{a} + {b} = {a + b}. The answer is {a + b}.") for a, b in pairs]


def settings():
    from engines.parts.training.training_setup import TrainingSettings

    return TrainingSettings(max_steps=STEPS, batch=BATCH, longest=128)


def ours(folder: Path):
    from functools import partial

    from engines.parts.models.models import load_own, resolve_model
    from engines.parts.rows.training_step import TrainingStep
    from engines.parts.training.trainers import Watch
    from engines.parts.training.training_setup import encoded_for, make_trainer
    from tests.engines.parts.training_runs import attempt
    from workbench.contract.runs import RunFolder

    run = RunFolder(folder, "bench")
    run.make(_spec())
    base = load_own(resolve_model(MODEL))
    trainer = make_trainer(
        "supervised", base, encoded_for("supervised", base, examples(24), settings()), settings(), run.path
    )
    with attempt(run) as log:
        watch = Watch(log, partial(TrainingStep, arm="method", seed=0, adapter="student"), 60.0, [])
        trainer.add_callback(watch)
        begun = time.process_time()
        trainer.train()
        seconds = time.process_time() - begun
    return seconds, [step.loss for step in watch.steps]


def bare(folder: Path):
    from datasets import Dataset
    from peft import LoraConfig
    from trl import SFTConfig, SFTTrainer

    from engines.parts.models.models import load_own, resolve_model
    from engines.parts.training.training_examples import encode_examples

    base = load_own(resolve_model(MODEL))
    told = SFTConfig(
        output_dir=str(folder),
        max_steps=STEPS,
        per_device_train_batch_size=BATCH,
        learning_rate=2e-4,
        bf16=False,
        activation_checkpointing=False,
        use_cpu=True,
        dataloader_pin_memory=False,
        max_length=None,
        seed=0,
        data_seed=0,
        logging_steps=1,
        report_to="none",
        save_strategy="no",
        dataset_kwargs={"skip_prepare_dataset": True},
    )
    trainer = SFTTrainer(
        model=base.model,
        args=told,
        train_dataset=Dataset.from_list(encode_examples(base.tokenizer, examples(24), 128).rows),
        processing_class=base.tokenizer,
        peft_config=LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"),
    )
    begun = time.process_time()
    trainer.train()
    seconds = time.process_time() - begun
    return seconds, [line["loss"] for line in trainer.state.log_history if "loss" in line]


def _spec():
    from tests.rooms import ENGINES
    from workbench.contract.fields import read_spec

    return read_spec(ENGINES["counting"])


def ratio(rounds: int) -> float:
    """Median CPU seconds of ours over the peer's, printed with their spread."""
    import torch

    torch.set_num_threads(1)
    taken: dict[str, list[float]] = {"ours": [], "bare": []}
    losses = {}
    for round_ in range(rounds):
        for name, side in (("ours", ours), ("bare", bare)) if round_ % 2 else (("bare", bare), ("ours", ours)):
            with tempfile.TemporaryDirectory() as folder:
                seconds, losses[name] = side(Path(folder))
            taken[name].append(seconds)
        assert losses["ours"] == losses["bare"]
    for name, seconds in taken.items():
        print(f"{name}: {STEPS} steps of {BATCH} examples in {sorted(round(one, 2) for one in seconds)} CPU s")
    found = statistics.median(taken["ours"]) / statistics.median(taken["bare"])
    print(f"through the run log / bare TRL, equal losses {losses['ours']}: {found:.3f}")
    return found


def estimate_error() -> float:
    """The estimated over the true seconds of a training of 6 steps, loading included."""
    from dataclasses import replace

    from engines.parts.training.training import supervised
    from engines.parts.training.training_estimate import training_estimate
    from tests.engines.parts.training_runs import attempt
    from workbench.contract.runs import RunFolder

    asked = replace(settings(), max_steps=6)
    estimate = training_estimate(MODEL, examples(24), asked)
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder), "bench")
        run.make(_spec())
        begun = time.monotonic()
        with attempt(run) as log:
            trained = supervised(MODEL, examples(24), asked, log, "student")
        took = time.monotonic() - begun
        size = trained.path.stat().st_size
    print(
        f"estimated {estimate.seconds:.1f} s ({estimate.basis}) and {estimate.memory_bytes / 1e9:.2f} GB; "
        f"took {took:.1f} s"
    )
    print(f"adapter {size / 1e6:.1f} MB; losses {[round(loss, 3) for loss in trained.record.losses]}")
    return estimate.seconds / took


@pytest.mark.benchmark
def test_the_run_log_costs_at_most_five_percent():
    assert ratio(ROUNDS) <= MOST_OVERHEAD
    assert 0.5 < estimate_error() < 2.0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    ratio(parser.parse_args().rounds)
    estimate_error()

"""Training the tiny model: what is learned, said and kept; stop, kill and resume."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch

from engines.parts.models.dtype import chosen_dtype
from engines.parts.models.models import load_causal, load_own, resolve_model
from engines.parts.training.training import preference, supervised
from engines.parts.training.training_examples import Example, encode_examples, encode_preferences
from tests.engines.parts.tiny_model import make_tiny_model
from tests.engines.parts.training_runs import EXAMPLES, PAIRS, SETTINGS, attempt, run_folder, steps_of, train, trained
from tests.source import ROOT
from workbench.contract.errors import ConfigError, DataError, ModelError, ResourceError, RunStopped
from workbench.storage.home import home, place


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))


@pytest.fixture
def tiny():
    return str(make_tiny_model(place("models") / "tiny"))


def response_logprob(loaded, prompt, response):
    """Plain float64 log-probability of the response tokens."""
    ids = torch.tensor([prompt + response])
    with torch.inference_mode():
        spread = loaded.model.double()(ids).logits[0].log_softmax(-1)
    return sum(spread[at - 1, ids[0, at]].item() for at in range(len(prompt), ids.shape[1]))


def test_a_supervised_training_learns_and_says_each_step(tiny):
    folder = run_folder("r1")
    result = trained("supervised", tiny, folder)
    steps = steps_of(folder)
    assert [step["step"] for step in steps] == list(range(1, 10))
    assert [step["loss"] for step in steps] == list(result.record.losses)
    assert result.record.losses[-1] < result.record.losses[0]
    assert {(step["arm"], step["seed"], step["adapter"]) for step in steps} == {("method", 0, "student")}
    whole = sum(len(example.prompt) + len(example.response) + 1 for example in EXAMPLES)
    assert sum(step["tokens"] for step in steps) == result.record.tokens == 3 * whole
    assert (result.record.examples, result.record.dropped, result.record.cut) == (8, 0, 0)
    assert result.ref == "run:r1/student.adapter.zip"
    assert list((folder.path / "checkpoints").iterdir()) == []


def test_the_loss_is_the_mean_over_the_response_and_its_end(tiny):
    settings = replace(SETTINGS, epochs=1, batch=8, dropout=0.0)
    loss = trained("supervised", tiny, run_folder("r1"), settings).record.losses[0]
    base = load_own(resolve_model(tiny), "float32")
    rows = encode_examples(base.tokenizer, EXAMPLES, 60).rows
    split = [(row["input_ids"], row["labels"].count(-100)) for row in rows]
    total = sum(response_logprob(base, ids[:begin], ids[begin:]) for ids, begin in split)
    assert loss == pytest.approx(-total / sum(len(ids) - begin for ids, begin in split), rel=1e-5)


def test_the_loss_of_a_preference_is_that_of_the_formula(tiny):
    # One update on one pair, then the loss of the second step by hand: policy against the untouched reference.
    settings = replace(SETTINGS, max_steps=2, batch=1, warmup_steps=0, schedule="constant", beta=0.3)
    pairs = PAIRS[:1]
    with attempt(run_folder("r1")) as log:
        losses = preference(tiny, pairs, settings, log, "student").record.losses
    with attempt(run_folder("r2")) as log:
        once = preference(tiny, pairs, replace(settings, max_steps=1), log, "student")
    assert once.record.losses == losses[:1]
    assert losses[0] == pytest.approx(math.log(2), rel=1e-6)

    policy = load_own(resolve_model(once.ref), "float32")
    reference = load_own(resolve_model(tiny), "float32")
    (row,) = encode_preferences(reference.tokenizer, pairs, 60).rows
    gains = [
        response_logprob(policy, row["prompt_ids"], row[name])
        - response_logprob(reference, row["prompt_ids"], row[name])
        for name in ("chosen_ids", "rejected_ids")
    ]
    expected = math.log1p(math.exp(-0.3 * (gains[0] - gains[1])))
    assert expected < math.log(2) - 0.001
    assert losses[1] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", ["supervised", "preference"])
def test_two_trainings_are_equal_and_another_seed_is_not(tiny, kind):
    first, second = trained(kind, tiny, run_folder("r1")), trained(kind, tiny, run_folder("r2"))
    assert first.record.losses == second.record.losses
    assert first.path.read_bytes() == second.path.read_bytes()
    other = trained(kind, tiny, run_folder("r3"), replace(SETTINGS, seed=1))
    assert other.record.losses != first.record.losses


def test_the_tuned_model_is_a_model_and_can_be_tuned_further(tiny):
    result = trained("supervised", tiny, run_folder("r1"))
    base, tuned = load_causal(tiny, "float32"), load_causal(result.ref, "float32")
    assert load_causal(tiny, "float32") is base
    (row,) = encode_examples(base.tokenizer, EXAMPLES[:1], 60).rows
    begin = row["labels"].count(-100)
    prompt, response = row["input_ids"][:begin], row["input_ids"][begin:]
    assert response_logprob(tuned, prompt, response) > response_logprob(base, prompt, response) + 0.5
    further = trained("supervised", result.ref, run_folder("r2"))
    assert further.record.losses[0] < result.record.losses[0]
    assert [adapter.base for adapter in resolve_model(further.ref).adapters] == [tiny, result.ref]


def test_a_finished_training_is_not_repeated(tiny):
    folder = run_folder("r1")
    first = trained("supervised", tiny, folder)
    with attempt(folder) as log:
        again = supervised("no/such-model", [], SETTINGS, log, "student", arm="method")
    assert again == first


def test_random_numbers_after_a_training_are_those_before_it(tiny):
    torch.manual_seed(5)
    expected = torch.rand(3).tolist()
    torch.manual_seed(5)
    trained("supervised", tiny, run_folder("r1"))
    assert torch.rand(3).tolist() == expected


@pytest.mark.parametrize("kind", ["supervised", "preference"])
def test_stop_saves_and_resume_goes_on(tiny, kind):
    whole = trained(kind, tiny, run_folder("whole"))
    folder = run_folder("r1")
    with attempt(folder) as log:
        progress = log.progress

        def stop_after_four(done, total, unit):
            progress(done, total, unit)
            if done == 4:
                folder.stop.touch()
                time.sleep(0.11)  # the log looks for the flag at most every 0.1 s

        log.progress = stop_after_four
        with pytest.raises(RunStopped):
            train(kind, tiny, log)
    saved = list((folder.path / "checkpoints" / "student").glob("*/checkpoint-*/steps.json"))
    assert [len(json.loads(path.read_bytes())) for path in saved] == [5]
    folder.stop.unlink()
    resumed = trained(kind, tiny, folder)
    assert resumed.record.losses == whole.record.losses
    assert resumed.path.read_bytes() == whole.path.read_bytes()
    assert steps_of(folder) == steps_of(run_folder("whole"))


def test_a_training_killed_in_the_middle_goes_on_as_if_it_had_not_been(tiny):
    whole = trained("supervised", tiny, run_folder("whole"))
    folder = run_folder("killed")
    command = [sys.executable, "-m", "tests.engines.parts.training_runs", tiny, folder.run]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "BENCHWRIGHT_HOME": str(home())}, stderr=subprocess.PIPE
    )
    ends = time.monotonic() + 200
    while not list(folder.path.glob("checkpoints/student/*/checkpoint-[3-9]/steps.json")):
        assert process.poll() is None and time.monotonic() < ends, process.communicate()[1].decode()[-3000:]
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    resumed = trained("supervised", tiny, folder)
    assert resumed.record.losses == whole.record.losses
    assert resumed.path.read_bytes() == whole.path.read_bytes()
    assert steps_of(folder) == steps_of(run_folder("whole"))


def test_a_checkpoint_of_other_data_is_not_used(tiny):
    folder = run_folder("r1")
    left = folder.path / "checkpoints" / "student" / "0123456789abcdef" / "checkpoint-3"
    left.mkdir(parents=True)
    (left / "steps.json").write_text("[]")
    assert (
        trained("supervised", tiny, folder).record.losses == trained("supervised", tiny, run_folder("r2")).record.losses
    )


def test_long_examples_are_told_in_a_note(tiny):
    folder = run_folder("r1")
    with attempt(folder) as log:
        examples = [*EXAMPLES, Example("a" * 70, "b")]
        record = supervised(tiny, examples, replace(SETTINGS, epochs=1, longest=9999), log, "student").record
    assert (record.examples, record.dropped) == (8, 1)
    assert b"Of 9 examples 1 were left out: more than 64 tokens." in folder.events.read_bytes()


def test_a_diverged_training_says_so(tiny):
    with pytest.raises(ModelError, match="diverged") as caught:
        trained("supervised", tiny, run_folder("r1"), replace(SETTINGS, learning_rate=1e30, max_grad_norm=1e30))
    assert "learning rate" in caught.value.hint


def test_memory_that_runs_out_is_a_resource_error(tiny, monkeypatch):
    def no_memory(*args, **kwargs):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("torch.optim.AdamW.step", no_memory)
    with pytest.raises(ResourceError) as caught:
        trained("supervised", tiny, run_folder("r1"))
    assert "batch" in caught.value.hint


def test_settings_and_data_that_cannot_be_used_are_refused(tiny):
    with pytest.raises(ConfigError) as caught:
        replace(SETTINGS, batch=0, learning_rate=-1.0)
    assert set(caught.value.problems) == {"batch", "learning_rate"}
    with attempt(run_folder("r1")) as log:
        with pytest.raises(DataError):
            supervised(tiny, [], SETTINGS, log, "student")
        with pytest.raises(ModelError, match="no layers named nothing") as caught:
            supervised(tiny, EXAMPLES, replace(SETTINGS, targets=("nothing",)), log, "other")
        assert caught.value.hint


def test_the_base_runs_in_the_dtype_of_this_machine(tiny):
    settings = replace(SETTINGS, max_steps=1, dtype="auto")
    trained("supervised", tiny, run_folder("r1"), settings)
    base = load_own(resolve_model(tiny), "auto")
    assert base.model.dtype == chosen_dtype("auto", base.device)

import random

import numpy as np
import pytest
import torch

from engines.parts.models.model_files import inspect_folder
from engines.parts.models.models import ModelSource, load_own
from engines.parts.training.training_examples import Example
from engines.parts.training.training_setup import (
    TrainingSettings,
    encoded_for,
    enough_memory,
    make_trainer,
    own_randomness,
)
from tests.engines.parts.tiny_model import make_tiny_model
from workbench.contract.errors import ConfigError, ResourceError


@pytest.fixture
def base(tmp_path):
    folder = inspect_folder(make_tiny_model(tmp_path / "tiny"))
    return load_own(ModelSource("tiny", "tiny", folder), "float32")


@pytest.mark.parametrize(
    ("name", "value"),
    [("batch", 0), ("accumulate", 0), ("rank", 0), ("longest", 1), ("epochs", 0.0), ("learning_rate", float("nan"))],
)
def test_a_setting_that_means_nothing_is_refused_by_name(name, value):
    with pytest.raises(ConfigError) as caught:
        TrainingSettings(**{name: value})
    assert list(caught.value.problems) == [name] and caught.value.hint


def test_the_trainer_is_told_to_be_repeatable_and_quiet(base, tmp_path):
    settings = TrainingSettings(dtype="float32", targets=("q_proj",), rank=2, seed=7)
    encoded = encoded_for("supervised", base, [Example("ab", "c")], settings)
    trainer = make_trainer("supervised", base, encoded, settings, tmp_path)
    told = trainer.args
    assert (told.seed, told.data_seed, told.bf16, told.fp16, told.report_to) == (7, 7, False, False, [])
    assert not told.gradient_checkpointing and not told.push_to_hub and not told.logging_nan_inf_filter
    assert told.use_cpu == (base.device.type == "cpu")
    learned = {name for name, weight in trainer.model.named_parameters() if weight.requires_grad}
    assert len(learned) == 4 and all("q_proj.lora_" in name for name in learned)
    printers = {type(callback).__name__ for callback in trainer.callback_handler.callbacks}
    assert not printers & {"PrinterCallback", "ProgressCallback"}


@pytest.mark.parametrize("schedule", ["constant", "linear"])
def test_every_schedule_heeds_the_warm_up(base, tmp_path, schedule):
    settings = TrainingSettings(
        dtype="float32", targets=("q_proj",), rank=2, warmup_steps=4, schedule=schedule, batch=1, epochs=8.0
    )
    encoded = encoded_for("supervised", base, [Example("ab", "c")], settings)
    trainer = make_trainer("supervised", base, encoded, settings, tmp_path)
    trainer.create_optimizer_and_scheduler(8)
    rates = []
    for _ in range(5):
        rates.append(trainer.lr_scheduler.get_last_lr()[0] / settings.learning_rate)
        trainer.optimizer.step()
        trainer.lr_scheduler.step()
    assert rates == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])


def test_examples_are_bounded_by_the_context(base):
    encoded = encoded_for("supervised", base, [Example("a" * 63, ""), Example("a" * 64, "")], TrainingSettings())
    assert (encoded.longest, len(encoded.rows), encoded.dropped) == (64, 1, 1)


def test_randomness_is_given_back():
    def draw():
        return random.random(), np.random.rand(), torch.rand(1).item()

    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(3)
    expected = draw()
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(3)
    with own_randomness():
        draw()
    assert draw() == expected


def test_no_memory_becomes_a_remedy():
    for error in (MemoryError(), torch.OutOfMemoryError("CUDA out of memory")):
        with pytest.raises(ResourceError) as caught, enough_memory():
            raise error
        assert "smaller batch" in caught.value.hint
    with pytest.raises(ValueError, match="other"), enough_memory():
        raise ValueError("other")

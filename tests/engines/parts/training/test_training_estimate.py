from dataclasses import replace

import pytest
import torch

from engines.parts.training.training_estimate import padded_tokens, training_estimate
from engines.parts.training.training_examples import Example
from engines.parts.training.training_setup import TrainingSettings
from tests.engines.parts.tiny_model import make_tiny_model
from tests.engines.parts.training_runs import EXAMPLES, PAIRS, SETTINGS
from workbench.contract.errors import DataError
from workbench.storage.home import place


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    return str(make_tiny_model(place("models") / "tiny"))


def test_padded_tokens_by_hand():
    settings = TrainingSettings(batch=2, epochs=1)
    assert padded_tokens([5, 5, 5, 5], settings) == 20
    assert padded_tokens([3, 7], settings) == 14
    assert padded_tokens([3, 7], replace(settings, epochs=2.5)) == 35
    assert padded_tokens([4] * 10, replace(settings, max_steps=3, accumulate=2)) == 3 * 2 * 2 * 4


@pytest.mark.parametrize(("kind", "data"), [("supervised", EXAMPLES), ("preference", PAIRS)])
def test_an_estimate_rests_on_measured_steps(tiny, kind, data):
    torch.manual_seed(2)
    expected = torch.rand(1).item()
    torch.manual_seed(2)
    estimate = training_estimate(tiny, data, SETTINGS, kind)
    assert torch.rand(1).item() == expected
    weights = 4 * 2048
    assert estimate.disk_bytes == 10 * weights
    assert estimate.seconds > 0 and estimate.memory_bytes > 50_000_000
    assert "times" in estimate.basis
    twice = training_estimate(tiny, data, replace(SETTINGS, epochs=3000), kind)
    assert twice.seconds > 5 * estimate.seconds


def test_a_single_example_is_enough_and_none_is_not(tiny):
    assert training_estimate(tiny, [Example("a", "b")], SETTINGS).seconds > 0
    with pytest.raises(DataError):
        training_estimate(tiny, [], SETTINGS)

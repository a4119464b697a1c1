"""Which models may write side by side is found by trying."""

import pytest
import torch

from engines.parts.decoding import decoding_trial
from engines.parts.decoding.decoding_trial import writes_side_by_side
from tests.engines.parts.small_models import architectures, small_model


@pytest.mark.parametrize("name", architectures())
def test_every_architecture_but_the_recurrent_one(name: str):
    assert writes_side_by_side(small_model(architectures()[name])) == (name != "mamba")


def test_a_model_is_tried_once(monkeypatch):
    model = small_model(architectures()["llama"])
    assert writes_side_by_side(model)
    monkeypatch.setattr(decoding_trial, "_tried", lambda model: pytest.fail("tried again"))
    assert writes_side_by_side(model)


def test_other_numbers_than_the_models_own_are_noticed():
    model = small_model(architectures()["llama"])
    own = model.model.forward

    def other(*args, **kwargs):
        said = own(*args, **kwargs)
        said.logits = said.logits + torch.linspace(0, 1, said.logits.shape[-1])
        return said

    model.model.forward = other
    assert not writes_side_by_side(model)

"""Which models may write side by side is found by trying; others are asked one answer at a time."""

import pytest
import torch

from engines.parts.decoding import fallback
from engines.parts.decoding.fallback import PlainDecoding, writes_side_by_side
from tests.engines.parts.small_models import architectures, small_model


@pytest.mark.parametrize("name", architectures())
def test_every_architecture_but_the_recurrent_one(name: str):
    assert writes_side_by_side(small_model(architectures()[name])) == (name != "mamba")


def test_a_model_is_tried_once(monkeypatch):
    model = small_model(architectures()["llama"])
    assert writes_side_by_side(model)
    monkeypatch.setattr(fallback, "_tried", lambda model: pytest.fail("tried again"))
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


IDS = [5, 9, 14, 3]


def usual(model, ids: list[int]) -> torch.Tensor:
    return model.model(input_ids=torch.tensor([ids]), use_cache=False).logits[:, -1]


@pytest.mark.parametrize("name", ["llama", "mamba"])
def test_a_cache_gives_what_reading_all_gives(name: str):
    model = small_model(architectures()[name])
    with torch.inference_mode():
        plain = PlainDecoding(model)
        first, read = plain.logits(IDS)
        assert read == 4
        assert torch.allclose(first, usual(model, IDS), atol=1e-5)
        for at in range(3):
            logits, read = plain.logits([20 + at])
            assert read == 1
            assert torch.allclose(logits, usual(model, [*IDS, *range(20, 21 + at)]), atol=1e-5)


def test_a_model_without_a_cache_reads_all_again():
    model = small_model(architectures()["llama"])
    own = model.model.forward

    def forgetful(*args, **kwargs):
        said = own(*args, **kwargs)
        return type(said)(logits=said.logits)

    model.model.forward = forgetful
    with torch.inference_mode():
        plain = PlainDecoding(model)
        plain.logits(IDS)
        logits, read = plain.logits([20])
    assert read == 5
    assert torch.allclose(logits, usual(model, [*IDS, 20]), atol=1e-5)

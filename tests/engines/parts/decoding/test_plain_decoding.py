"""One answer at a time with the model's own cache, or with none."""

import pytest
import torch

from engines.parts.decoding.plain_decoding import PlainDecoding
from tests.engines.parts.small_models import architectures, small_model

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

"""Reading behind a shared prefix equals reading the whole, for every way of attending; the prefix stays as it was."""

import pytest
import torch

from engines.parts.shared_prefix import SharedPrefix
from tests.engines.parts.small_models import architectures, small_model

ATTENDING = {name: config for name, config in architectures().items() if name != "mamba"}


@pytest.mark.parametrize("name", ATTENDING)
def test_states_are_those_of_the_whole_sequence(name: str):
    body = small_model(ATTENDING[name]).model.base_model
    ids = torch.randint(3, 60, (3, 40), generator=torch.Generator().manual_seed(1))
    ids[:, :25] = ids[0, :25]
    with torch.inference_mode():
        whole = body(input_ids=ids, use_cache=False).last_hidden_state
        prefix = SharedPrefix(body).extended(ids[0, :11].tolist())
        longer = prefix.extended(ids[0, 11:25].tolist())
        assert torch.allclose(prefix.states, whole[0, :11], atol=1e-5)
        assert torch.allclose(longer.states, whole[0, 11:25], atol=1e-5)
        assert torch.allclose(longer.read(ids[:, 25:]), whole[:, 25:], atol=1e-5)
        # Neither reading nor extending changed what was there before.
        assert torch.allclose(longer.read(ids[1:2, 25:]), whole[1:2, 25:], atol=1e-5)
        assert torch.allclose(prefix.read(ids[:2, 11:]), whole[:2, 11:], atol=1e-5)
        assert (prefix.length, longer.length) == (11, 25)


def test_an_empty_prefix_reads_as_the_body_does():
    body = small_model(ATTENDING["llama"]).model.base_model
    ids = torch.randint(3, 60, (2, 7))
    with torch.inference_mode():
        assert torch.equal(SharedPrefix(body).read(ids), body(input_ids=ids, use_cache=False).last_hidden_state)

"""Reading behind a shared prefix equals reading the whole, for every way of attending; the prefix stays as it was."""

import pytest
import torch

from engines.parts.prefixes.shared_prefix import SharedPrefix
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
        states, own = longer.continued(ids[:, 25:])
        assert torch.allclose(states, whole[:, 25:], atol=1e-5)
        assert [keys.shape[2] for keys, _ in longer.keys_values()] == [25] * len(own)
        # Neither reading nor extending changed what was there before.
        assert torch.allclose(longer.read(ids[1:2, 25:]), whole[1:2, 25:], atol=1e-5)
        assert torch.allclose(prefix.read(ids[:2, 11:]), whole[:2, 11:], atol=1e-5)
        assert (prefix.length, longer.length) == (11, 25)


def test_an_empty_prefix_reads_as_the_body_does():
    body = small_model(ATTENDING["llama"]).model.base_model
    ids = torch.randint(3, 60, (2, 7))
    with torch.inference_mode():
        assert torch.equal(SharedPrefix(body).read(ids), body(input_ids=ids, use_cache=False).last_hidden_state)


def test_keys_and_values_are_those_of_the_models_own_cache():
    model = small_model(ATTENDING["llama"])
    ids = torch.randint(3, 60, (2, 12))
    with torch.inference_mode():
        usual = model.model(input_ids=ids, use_cache=True).past_key_values.layers
        _, all_own = SharedPrefix(model.model.base_model).continued(ids)
        prefix = SharedPrefix(model.model.base_model).extended(ids[0, :5].tolist())
        _, own = prefix.continued(ids[:1, 5:])
    for layer, (keys, values), (later, _), (shared, _) in zip(usual, all_own, own, prefix.keys_values(), strict=True):
        assert torch.allclose(keys, layer.keys, atol=1e-5)
        assert torch.allclose(values, layer.values, atol=1e-5)
        assert torch.allclose(torch.cat([shared, later], dim=2), layer.keys[:1], atol=1e-5)

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from engines.parts.experts.expert_adapters import (
    attach_experts,
    expert_config,
    fill_experts,
    layout_of,
    load_experts,
    save_experts,
    saved_config,
)
from engines.parts.experts.expert_layout import ExpertLayout, ExpertSettings
from tests.engines.parts.tiny_experts import RANKS, acting_experts, ids, tiny_llama
from workbench.contract.errors import ConfigError, ModelError

ASKED = ExpertSettings(top_k=1, alpha=8, balance=0.01, scaling="last", scales=True)


@pytest.fixture
def saved(tmp_path):
    model = acting_experts(settings=ASKED).eval()
    save_experts(model, tmp_path / "adapter", "my/base")
    return model, tmp_path / "adapter"


def test_only_the_experts_learn():
    model = attach_experts(tiny_llama(), RANKS)
    names = {name.split(".")[-3] for name, one in model.named_parameters() if one.requires_grad}
    assert names == {"lora_A", "lora_B", "lora_router"}


def test_the_start_is_decided_by_the_seed_alone():
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    one, two, three = (attach_experts(tiny_llama(), RANKS, seed=seed).state_dict() for seed in (1, 1, 2))
    torch.manual_seed(3)
    assert torch.equal(before, torch.random.get_rng_state())
    key = next(name for name in one if "lora_A" in name)
    assert torch.equal(one[key], two[key]) and not torch.equal(one[key], three[key])


def test_saved_and_loaded_is_equal_to_the_bit(saved):
    model, folder = saved
    again = load_experts(tiny_llama(), folder)
    assert torch.equal(again(ids()).logits, model(ids()).logits)
    assert layout_of(again) == layout_of(model) == ExpertLayout(RANKS, ASKED)
    assert not any(one.requires_grad for one in again.parameters())
    assert any(one.requires_grad for one in load_experts(tiny_llama(), folder, trainable=True).parameters())


def test_saving_twice_gives_the_same_files(saved, tmp_path):
    model, folder = saved
    save_experts(model, tmp_path / "again", "my/base")
    for path in sorted(folder.iterdir()):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_a_folder_without_its_files_is_refused(saved, tmp_path):
    _, folder = saved
    with pytest.raises(ModelError, match="cannot be read"):
        load_experts(tiny_llama(), tmp_path)
    (folder / "adapter_model.safetensors").write_bytes(b"no")
    with pytest.raises(ModelError, match="cannot be read"):
        load_experts(tiny_llama(), folder)


def test_tensors_that_do_not_fit_are_named(saved):
    _, folder = saved
    state = load_file(folder / "adapter_model.safetensors")
    name = next(iter(state))
    save_file({one: weight for one, weight in state.items() if one != name}, folder / "adapter_model.safetensors")
    with pytest.raises(ModelError, match="missing"):
        load_experts(tiny_llama(), folder)
    with pytest.raises(ModelError, match="unknown"):
        fill_experts(attach_experts(tiny_llama(), RANKS, ASKED), {**state, "other": torch.zeros(1)})


def test_an_allocation_of_another_model_is_refused():
    with pytest.raises(ModelError, match="no layer"):
        expert_config(tiny_llama(), ExpertLayout({"model.layers.9.mlp.up_proj": (1, 1)}))
    with pytest.raises(ConfigError, match="one expert"):
        attach_experts(tiny_llama(), {"model.layers.0.mlp.up_proj": (2,)})
    with pytest.raises(ConfigError, match="1 to 16"):
        attach_experts(tiny_llama(), {"model.layers.0.mlp.up_proj": (2, 17)})


def test_a_model_without_experts_has_no_layout():
    with pytest.raises(ModelError, match="no routed experts"):
        layout_of(tiny_llama())


def test_the_saved_config_is_plain():
    config = saved_config(attach_experts(tiny_llama(), RANKS))
    assert json.loads(json.dumps(config)) == config
    assert config["target_modules"] == sorted(config["target_modules"])

"""Adapters put on a base: routed experts and DoRA compute what PEFT computes; what does not fit is refused."""

import json
import zipfile

import pytest
import torch

from engines.parts.expert_layers.lora_experts import expert_layers
from engines.parts.experts.expert_adapters import attach_experts
from engines.parts.experts.expert_layout import ALLOCATION, ExpertSettings
from engines.parts.models.adapter_use import attach_adapter, put_on
from engines.parts.models.adapters import read_adapter, write_adapter
from engines.parts.models.models import load_causal, load_own, resolve_model
from engines.parts.training.training_examples import Example
from engines.parts.training.training_setup import TrainingSettings, encoded_for, make_trainer
from tests.engines.parts.tiny_model import make_tiny_model
from workbench.contract.errors import ModelError
from workbench.storage.home import place

IDS = torch.tensor([[5, 9, 12, 20]])
RANKS = {"model.layers.0.self_attn.q_proj": (3, 1), "model.layers.1.mlp.down_proj": (1, 2, 2)}


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    return make_tiny_model(place("models") / "tiny")


def own(tiny):
    return load_own(resolve_model(str(tiny)), "float32").model


def stirred(model):
    torch.manual_seed(1)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_" in name:
                weight.copy_(weight.abs() + 0.1 if "magnitude" in name else torch.randn_like(weight))
    return model.eval()


def saved(tiny, model, name="student"):
    path = place("models") / f"{name}.adapter.zip"
    count = write_adapter(path, model, str(tiny), resolve_model(str(tiny)).fingerprint)
    return path, count


def test_routed_experts_come_back_bit_equal_as_a_model(tiny):
    model = stirred(attach_experts(own(tiny), RANKS, ExpertSettings(top_k=1, alpha=4)))
    path, count = saved(tiny, model)
    adapter = read_adapter(path)
    assert adapter.experts and adapter.experts.ranks == RANKS and adapter.parameters == count
    loaded = load_causal(str(path), "float32")
    with torch.inference_mode():
        assert torch.equal(loaded.model(IDS).logits, model(IDS).logits)
    assert list(expert_layers(loaded.model)) == list(RANKS) and type(loaded.model).__name__ == "LlamaForCausalLM"
    assert not any(weight.requires_grad for weight in loaded.model.parameters()) and not loaded.model.training


def test_dora_is_merged_as_peft_computes_it(tiny):
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=3, lora_alpha=12, target_modules=["q_proj", "down_proj"], use_dora=True, task_type="CAUSAL_LM"
    )
    model = stirred(get_peft_model(own(tiny), config))
    path, count = saved(tiny, model)
    assert read_adapter(path).dora and read_adapter(path).parameters == count
    merged = load_causal(str(path), "float32").model
    with torch.inference_mode():
        assert torch.allclose(merged(IDS).logits, model(IDS).logits, atol=1e-4)
        assert (merged(IDS).logits - own(tiny)(IDS).logits).abs().max() > 5e-3


def test_its_card_says_how_to_load_it(tiny):
    path, _ = saved(tiny, stirred(attach_experts(own(tiny), RANKS)))
    with zipfile.ZipFile(path) as packed:
        assert "PeftModel.from_pretrained" in packed.read("README.md").decode()
        assert json.loads(packed.read(ALLOCATION))["ranks"] == {name: list(one) for name, one in RANKS.items()}


def changed(path, ranks):
    with zipfile.ZipFile(path) as packed:
        content = {name: packed.read(name) for name in packed.namelist()}
    body = json.loads(content[ALLOCATION])
    content[ALLOCATION] = json.dumps({**body, "ranks": ranks}).encode()
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in content.items():
            packed.writestr(name, text)
    return path


@pytest.mark.parametrize(
    "ranks",
    [
        {"model.layers.0.self_attn.q_proj": [2, 1], "model.layers.1.mlp.down_proj": [1, 2, 2]},
        {"model.layers.0.self_attn.q_proj": [3, 1]},
        {"model.layers.0.self_attn.q_proj": [4], "model.layers.1.mlp.down_proj": [1, 2, 2]},
        {},
    ],
)
def test_an_allocation_that_does_not_fit_its_weights_is_refused(tiny, ranks):
    path, _ = saved(tiny, stirred(attach_experts(own(tiny), RANKS)))
    with pytest.raises(ModelError):
        read_adapter(changed(path, ranks))


def test_experts_of_another_model_are_refused(tiny, tmp_path):
    path, _ = saved(tiny, stirred(attach_experts(own(tiny), RANKS)))
    other = own(tiny)
    other.model.layers[0].self_attn.q_proj = torch.nn.Linear(16, 8, bias=False)
    with pytest.raises(ModelError, match="of shape"):
        put_on(other, read_adapter(path))
    del other.model.layers[1]
    with pytest.raises(ModelError):
        put_on(other, read_adapter(path))


def test_a_plain_adapter_holds_no_experts(tiny):
    from peft import LoraConfig, get_peft_model

    model = get_peft_model(own(tiny), LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM"))
    with pytest.raises(ModelError, match="no routed experts"):
        attach_adapter(own(tiny), read_adapter(saved(tiny, model)[0]))


def test_nothing_is_trained_on_top_of_routed_experts(tiny, tmp_path):
    path, _ = saved(tiny, stirred(attach_experts(own(tiny), RANKS)))
    base = load_own(resolve_model(str(path)), "float32")
    settings = TrainingSettings(batch=1, longest=60, dtype="float32")
    encoded = encoded_for("supervised", base, [Example("say red: ", "red")], settings)
    with pytest.raises(ModelError, match="routed experts"):
        make_trainer("supervised", base, encoded, settings, tmp_path)


def test_experts_are_trained_by_the_shared_trainer_and_padding_does_not_count(tiny, tmp_path):
    from engines.parts.experts.expert_layout import ExpertLayout

    base = load_own(resolve_model(str(tiny)), "float32")
    layout = ExpertLayout(RANKS, ExpertSettings(balance=0.1))
    settings = TrainingSettings(batch=2, max_steps=2, longest=60, dtype="float32", experts=layout, learning_rate=1e-2)
    examples = [Example("say red: ", "red"), Example("say something longer: ", "yellow")]
    trainer = make_trainer("supervised", base, encoded_for("supervised", base, examples, settings), settings, tmp_path)
    layers = expert_layers(trainer.model)
    before = {path: layer.lora_router["default"].weight.detach().clone() for path, layer in layers.items()}
    trainer.train()
    mask = next(iter(layers.values())).routing.mask
    assert mask is not None and mask.shape[0] == 2 and not mask.all(), "the shorter example is padded"
    assert all(not torch.equal(before[path], layer.lora_router["default"].weight) for path, layer in layers.items())
    assert {path: layer.ranks for path, layer in layers.items()} == RANKS

import shutil

import pytest
import torch

from engines.parts.models.model_files import inspect_folder
from engines.parts.models.model_loading import context_of, load_tokenizer, load_weights
from tests.engines.parts.tiny_model import change_json, make_tiny_model
from workbench.contract.errors import ModelError, ResourceError


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def folder(sound, tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    return shutil.copytree(sound, tmp_path / "tiny")


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_weights_load_as_asked(folder, attention, dtype):
    model, kind, device = load_weights(inspect_folder(folder), dtype, attention)
    assert kind == dtype
    assert model.dtype == getattr(torch, dtype)
    assert model.config._attn_implementation == attention
    assert not model.training
    assert model(torch.tensor([[1, 5, 6]], device=device)).logits.shape == (1, 3, 34)


def test_the_tokenizer_pads_with_its_end_where_it_has_no_padding(folder):
    found = inspect_folder(folder)
    tokenizer = load_tokenizer(found, load_weights(found, "float32", "sdpa")[0])
    assert tokenizer.pad_token == "</s>"
    assert tokenizer("ab")["input_ids"] == [3, 4]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"model_type": "no_such_architecture"}, "does not recognize this architecture"),
        ({"model_type": "t5"}, "cannot be read as a causal language model"),
        ({"intermediate_size": 64}, r"implies .*gate_proj.weight of shape \(64, 16\), the weights hold \(32, 16\)"),
        ({"intermediate_size": 1 << 20}, "implies .*gate_proj.weight"),
        ({"vocab_size": 33}, r"embed_tokens.weight of shape \(33, 16\), the weights hold \(34, 16\)"),
        ({"num_attention_heads": 3}, "multiple of the number of attention heads"),
        ({"hidden_act": "no_such_function"}, "no_such_function"),
        ({"rope_parameters": [1]}, "rope_parameters"),
        ({"dtype": "no_such_type"}, "no_such_type"),
    ],
)
def test_a_config_that_does_not_fit_is_refused_with_its_reason(folder, fields, reason):
    change_json(folder / "config.json", **fields)
    with pytest.raises(ModelError, match=reason) as caught:
        load_weights(inspect_folder(folder), "float32", "sdpa")
    assert "tiny" in str(caught.value) or "config.json" in str(caught.value)
    assert caught.value.hint


def test_missing_weights_are_never_filled_in(folder):
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights["model.norm.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"lack 1 tensors, model\.norm\.weight first"):
        load_weights(inspect_folder(folder), "float32", "sdpa")


def test_a_config_that_implies_more_weights_than_stored_is_refused(folder):
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    kept = {name: weight for name, weight in weights.items() if "mlp" not in name}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match="implies 5,232 weights, the files hold 2,160"):
        load_weights(inspect_folder(folder), "float32", "sdpa")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        '{"version":"1.0","added_tokens":[],"model":{"type":"evil"}}',
        '{"version":"1.0","added_tokens":[{}],"model":{"type":"BPE","vocab":{},"merges":[]}}',
        "[" * 100_000,
    ],
)
def test_a_broken_tokenizer_is_a_model_error(folder, text):
    model = load_weights(inspect_folder(folder), "float32", "sdpa")[0]
    (folder / "tokenizer.json").write_text(text)
    with pytest.raises(ModelError, match="tokenizer of tiny cannot be read"):
        load_tokenizer(inspect_folder(folder), model)


def test_a_tokenizer_with_ids_beyond_the_embeddings_is_refused(folder):
    found = inspect_folder(folder)
    model = load_weights(found, "float32", "sdpa")[0]
    change_json(folder / "tokenizer.json", model={"type": "WordLevel", "vocab": {"a": 0, "b": 34}, "unk_token": "a"})
    with pytest.raises(ModelError, match="makes ids up to 34; the model embeds 34"):
        load_tokenizer(found, model)


def test_a_model_larger_than_memory_is_refused_before_it_is_read(folder, monkeypatch):
    import psutil

    class Nearly:
        available = 10_000

    monkeypatch.setattr(psutil, "virtual_memory", lambda: Nearly)
    with pytest.raises(ResourceError, match="too little") as caught:
        load_weights(inspect_folder(folder), "float32", "sdpa")
    assert "smaller model" in caught.value.hint


def test_the_context_is_read_from_the_config():
    from transformers import GPT2Config, LlamaConfig, T5Config

    assert context_of(LlamaConfig(max_position_embeddings=77)) == 77
    assert context_of(GPT2Config(n_positions=33)) == 33
    assert context_of(T5Config()) == 2048

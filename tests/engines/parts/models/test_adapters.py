"""Adapter files: written, checked, merged as PEFT itself merges them; damaged and hostile ones refused."""

import json
import zipfile

import pytest
import torch
from safetensors.torch import save

from engines.parts.models.adapter_use import merge_adapter
from engines.parts.models.adapters import CONFIG, README, WEIGHTS, is_adapter, read_adapter, write_adapter
from engines.parts.models.models import load_causal, load_own, resolve_model
from tests.engines.parts.tiny_model import change_json, make_tiny_model
from workbench.contract.errors import ModelError
from workbench.storage.home import place

LAYER = "base_model.model.model.layers.0.self_attn.q_proj"


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    return make_tiny_model(place("models") / "tiny")


def peft_model(tiny, **fields):
    from peft import LoraConfig, get_peft_model

    told = {"r": 3, "lora_alpha": 12, "target_modules": ["q_proj", "down_proj"], "task_type": "CAUSAL_LM"} | fields
    model = get_peft_model(load_own(resolve_model(str(tiny)), "float32").model, LoraConfig(**told))
    torch.manual_seed(1)
    for name, weight in model.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(weight)
    return model


def saved(tiny, model, name="student"):
    path = place("models") / f"{name}.adapter.zip"
    write_adapter(path, model, str(tiny), resolve_model(str(tiny)).fingerprint)
    return path


def rewritten(path, compression=zipfile.ZIP_STORED, **members):
    with zipfile.ZipFile(path) as packed:
        content = {name: packed.read(name) for name in packed.namelist()}
    content |= {{"config": CONFIG, "weights": WEIGHTS}[name]: text for name, text in members.items()}
    with zipfile.ZipFile(path, "w", compression) as packed:
        for name, text in content.items():
            if text is not None:
                packed.writestr(name, text)
    return path


def changed_config(path, **fields):
    with zipfile.ZipFile(path) as packed:
        body = json.loads(packed.read(CONFIG))
    return rewritten(path, config=json.dumps(body | fields))


@pytest.mark.parametrize("fields", [{}, {"use_rslora": True}, {"target_modules": "all-linear"}])
def test_a_merged_adapter_computes_what_peft_computes(tiny, fields):
    model = peft_model(tiny, **fields).eval()
    path = saved(tiny, model)
    merged = load_causal(str(path), "float32").model
    ids = torch.tensor([[5, 9, 12, 20]])
    with torch.inference_mode():
        expected, found = model(ids).logits, merged(ids).logits
    assert (expected - load_causal(str(tiny), "float32").model(ids).logits).abs().max() > 0.1
    assert torch.allclose(found, expected, atol=1e-4)


def test_unpacked_it_is_a_folder_that_peft_loads(tiny, tmp_path):
    from peft import PeftModel

    model = peft_model(tiny).eval()
    with zipfile.ZipFile(saved(tiny, model)) as packed:
        packed.extractall(tmp_path / "unpacked")
    again = PeftModel.from_pretrained(load_own(resolve_model(str(tiny)), "float32").model, tmp_path / "unpacked")
    ids = torch.tensor([[5, 9, 12, 20]])
    assert torch.equal(again(ids).logits, model(ids).logits)


def test_a_folder_that_peft_saved_is_a_model(tiny):
    model = peft_model(tiny)
    folder = place("models") / "saved"
    model.save_pretrained(folder)
    merged = load_causal(str(folder), "float32")
    assert merged.source.name == "saved" and merged.source.adapters[0].base == str(tiny)
    assert merged.fingerprint != resolve_model(str(tiny)).fingerprint
    ids = torch.tensor([[5, 9, 12, 20]])
    assert torch.allclose(merged.model(ids).logits, model.eval()(ids).logits, atol=1e-4)


def test_a_folder_whose_weights_are_missing_or_elsewhere_is_refused(tiny, tmp_path):
    folder = place("models") / "saved"
    peft_model(tiny).save_pretrained(folder)
    (folder / WEIGHTS).rename(tmp_path / WEIGHTS)
    with pytest.raises(ModelError, match="cannot be read"):
        resolve_model(str(folder))
    (folder / WEIGHTS).symlink_to(tmp_path / WEIGHTS)
    with pytest.raises(ModelError, match="leaves the folder"):
        resolve_model(str(folder))


def test_a_layer_that_is_kept_transposed_is_merged_transposed(tiny):
    from transformers.pytorch_utils import Conv1D

    path = saved(tiny, peft_model(tiny, target_modules=["down_proj"]))
    plain, turned = (load_own(resolve_model(str(tiny)), "float32").model for _ in range(2))
    for block in turned.model.layers:
        kept = Conv1D(16, 32)
        kept.weight.data.copy_(block.mlp.down_proj.weight.T)
        block.mlp.down_proj = kept
    for model in (plain, turned):
        merge_adapter(model, read_adapter(path))
    for one, other in zip(plain.model.layers, turned.model.layers, strict=True):
        assert torch.equal(one.mlp.down_proj.weight, other.mlp.down_proj.weight.T)


def test_an_adapter_says_what_it_belongs_to(tiny):
    path = saved(tiny, peft_model(tiny))
    adapter = read_adapter(path)
    assert is_adapter(path) and not is_adapter(tiny)
    assert (adapter.base, adapter.base_fingerprint) == (str(tiny), resolve_model(str(tiny)).fingerprint)
    assert adapter.scale == 4.0 and len(adapter.layers) == 4
    assert adapter.layers["model.layers.0.mlp.down_proj"] == ((3, 32), (16, 3))
    with zipfile.ZipFile(path) as packed:
        assert set(packed.namelist()) == {CONFIG, WEIGHTS, README}
        assert adapter.base_fingerprint in packed.read(README).decode()
    source = resolve_model(str(path))
    assert source.name == "student" and source.fingerprint != resolve_model(str(tiny)).fingerprint
    again = saved(tiny, peft_model(tiny), "again")
    assert again.read_bytes() == path.read_bytes()


def test_a_base_that_has_changed_since_is_refused(tiny):
    path = saved(tiny, peft_model(tiny))
    change_json(tiny / "config.json", rms_norm_eps=1e-3)
    with pytest.raises(ModelError, match="fingerprint") as caught:
        resolve_model(str(path))
    assert caught.value.hint


def test_a_chain_of_adapters_without_an_end_is_refused(tiny):
    path = saved(tiny, peft_model(tiny))
    changed_config(path, base_model_name_or_path=str(path))
    with pytest.raises(ModelError, match="more than 4 adapters"):
        resolve_model(str(path))
    folder = place("models") / "saved"
    peft_model(tiny).save_pretrained(folder)
    change_json(folder / CONFIG, base_model_name_or_path=str(folder))
    with pytest.raises(ModelError, match="more than 4 adapters"):
        resolve_model(str(folder))


@pytest.mark.parametrize("base", ["", "/etc", "run:none/x.adapter.zip", "../../x", "upload:x"])
def test_a_base_that_cannot_be_had_is_refused(tiny, base):
    path = changed_config(saved(tiny, peft_model(tiny)), base_model_name_or_path=base)
    with pytest.raises(ModelError):
        resolve_model(str(path))


@pytest.mark.parametrize(
    "fields",
    [
        {"peft_type": "IA3"},
        {"use_dora": True},
        {"bias": "all"},
        {"modules_to_save": ["lm_head"]},
        {"alpha_pattern": {"q_proj": 3}},
        {"auto_mapping": {"parent_library": "os"}},
        {"lora_alpha": "many"},
        {"lora_alpha": float("inf")},
    ],
)
def test_what_is_not_plain_lora_is_refused(tiny, fields):
    path = changed_config(saved(tiny, peft_model(tiny)), **fields)
    with pytest.raises(ModelError) as caught:
        read_adapter(path)
    assert caught.value.hint


@pytest.mark.parametrize(
    "members",
    [
        {"config": None},
        {"weights": None},
        {"config": "["},
        {"config": "[" * 100_000},
        {"config": "[]"},
        {"config": " " * 1_000_001},
        {"weights": b"\x80\x04pickle"},
        {"weights": save({"x": torch.zeros(2)})},
        {"weights": save({})},
        {"weights": save({f"{LAYER}.lora_A.weight": torch.zeros(2, 16)})},
        {"weights": save({f"{LAYER}.lora_A.weight": torch.zeros(2, 16), f"{LAYER}.lora_B.weight": torch.zeros(16, 3)})},
    ],
)
def test_a_damaged_or_hostile_file_is_refused(tiny, members):
    path = rewritten(saved(tiny, peft_model(tiny)), **members)
    with pytest.raises(ModelError) as caught:
        read_adapter(path)
    assert caught.value.hint


def test_compressed_and_truncated_files_and_other_bytes_are_refused(tiny):
    path = saved(tiny, peft_model(tiny))
    whole = path.read_bytes()
    rewritten(path, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(ModelError, match="compressed"):
        read_adapter(path)
    for content in (whole[: len(whole) // 2], b"", b"PK\x03\x04", whole.replace(b"lora_A", b"lora_C", 1)):
        path.write_bytes(content)
        with pytest.raises(ModelError):
            read_adapter(path)


@pytest.mark.parametrize(
    ("layer", "shape", "told"),
    [
        ("model.layers.9.self_attn.q_proj", (16, 16), "lacks"),
        ("model.layers.0.self_attn.k_proj", (16, 16), "shape"),
        ("lm_head", (34, 16), "only inner linear layers"),
        ("model.norm", (16, 16), "only inner linear layers"),
        ("model.layers.0.self_attn.__class__", (16, 16), "lacks"),
    ],
)
def test_layers_that_do_not_fit_the_base_are_refused(tiny, layer, shape, told):
    name = f"base_model.model.{layer}"
    weights = {f"{name}.lora_A.weight": torch.zeros(2, shape[1]), f"{name}.lora_B.weight": torch.zeros(shape[0], 2)}
    path = rewritten(saved(tiny, peft_model(tiny)), weights=save(weights))
    with pytest.raises(ModelError, match=told):
        load_causal(str(path), "float32")

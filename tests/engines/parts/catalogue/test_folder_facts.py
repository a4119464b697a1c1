import json
import os

import pytest
import torch

from engines.parts.catalogue.folder_facts import adapter_facts, model_folder_facts
from engines.parts.models.adapters import write_adapter
from engines.parts.models.model_files import inspect_folder
from engines.parts.models.models import load_own, resolve_model
from tests.engines.parts.tiny_model import change_json, make_tiny_model
from workbench.storage.home import place

PARAMETERS = 34 * 16 + 2 * (2 * 256 + 2 * 128 + 3 * 512 + 2 * 16) + 16


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    return make_tiny_model(place("models") / "tiny")


def test_a_folder_tells_what_its_files_say(tiny):
    (tiny / "README.md").write_text("---\ntags: [x]\nlicense: mit\n---\n# Tiny\nlicense: apache-2.0\n")
    found = model_folder_facts(tiny)
    assert (found.role, found.parameters, found.context, found.licence) == ("causal", PARAMETERS, 64, "mit")
    assert found.disk_bytes == sum(path.stat().st_size for path in tiny.iterdir())
    assert found.dtype == "float32" and found.problem == ""


def test_the_fingerprint_is_there_once_somebody_has_read_the_weights(tiny):
    assert model_folder_facts(tiny).fingerprints == ()
    read = inspect_folder(tiny).fingerprint
    assert model_folder_facts(tiny).fingerprints == (read,)


def test_a_changed_file_is_looked_at_again(tiny):
    inspect_folder(tiny)
    assert model_folder_facts(tiny).context == 64
    change_json(tiny / "config.json", max_position_embeddings=128)
    os.utime(tiny / "config.json", ns=(1, 1))
    assert model_folder_facts(tiny).context == 128


@pytest.mark.parametrize(
    ("architectures", "role"),
    [
        (["GPT2LMHeadModel"], "causal"),
        (["Gemma3ForConditionalGeneration"], "causal"),
        (["BertModel"], "encoder"),
        ([], "causal"),
    ],
)
def test_what_a_model_can_do_is_read_from_its_architecture(tiny, architectures, role):
    change_json(tiny / "config.json", architectures=architectures)
    assert model_folder_facts(tiny).role == role


def test_the_number_format_is_counted_where_the_config_is_silent_or_odd(tiny):
    for said in (None, "<b>", 4):
        change_json(tiny / "config.json", dtype=said, torch_dtype=None, rms_norm_eps=1e-5 if said else 1e-4)
        assert model_folder_facts(tiny).dtype == "float32"


def test_the_context_of_a_nested_config_is_found(tiny):
    config = json.loads((tiny / "config.json").read_text())
    del config["max_position_embeddings"]
    (tiny / "config.json").write_text(json.dumps(config | {"text_config": {"max_position_embeddings": 512}}))
    assert model_folder_facts(tiny).context == 512
    (tiny / "config.json").write_text(json.dumps(config))
    assert model_folder_facts(tiny).context is None


def test_what_is_wrong_is_told_and_never_raised(tiny):
    (tiny / "model.safetensors").rename(tiny / "pytorch_model.bin")
    found = model_folder_facts(tiny)
    assert "pickle" in found.problem and "safetensors version" in found.problem
    assert "is not a folder" in model_folder_facts(tiny / "none").problem


def test_an_adapter_tells_its_base_and_its_size(tiny):
    from peft import LoraConfig, get_peft_model

    source = resolve_model(str(tiny))
    torch.manual_seed(0)
    model = get_peft_model(load_own(source, "float32").model, LoraConfig(r=2, target_modules=["q_proj"]))
    path = place("models") / "student.adapter.zip"
    write_adapter(path, model, str(tiny), source.fingerprint)
    found = adapter_facts(path)
    # two layers of A [2, 16] and B [16, 2]
    assert (found.role, found.base, found.parameters) == ("adapter", str(tiny), 2 * 2 * 2 * 16)
    assert len(found.fingerprints) == 1 and found.disk_bytes == path.stat().st_size
    path.write_bytes(b"PK damaged")
    assert "cannot be read as an adapter" in adapter_facts(path).problem


def test_a_folder_that_stays_as_it_is_is_read_once(tiny, monkeypatch):
    first = model_folder_facts(tiny)
    monkeypatch.setattr("engines.parts.catalogue.folder_facts.check_folder", None)
    assert model_folder_facts(tiny) is first

import json
import shutil

import pytest

from engines.parts.models.model_files import check_folder, inspect_folder, name_of
from tests.engines.parts.tiny_model import change_json, make_tiny_model
from workbench.contract.errors import ModelError


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def folder(sound, tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    return shutil.copytree(sound, tmp_path / "tiny")


def test_a_sound_folder_passes_with_its_shapes(folder):
    found = inspect_folder(folder)
    # embedding 34 x 16; per block q and o 16 x 16, k and v 8 x 16, three of 32 x 16, two norms; a last norm.
    assert found.parameters == 34 * 16 + 2 * (2 * 256 + 2 * 128 + 3 * 512 + 2 * 16) + 16
    assert found.tensors["model.embed_tokens.weight"].shape == (34, 16)
    assert found.config["model_type"] == "llama"
    assert found.name == "tiny"


def test_the_fingerprint_knows_weights_config_and_tokenizer_but_not_the_writer(folder):
    first = inspect_folder(folder).fingerprint
    assert len(first) == 16 and int(first, 16) >= 0
    change_json(folder / "config.json", transformers_version="9.9", _name_or_path="x")
    assert inspect_folder(folder).fingerprint == first
    seen = {first}
    change_json(folder / "config.json", rms_norm_eps=1e-3)
    seen.add(inspect_folder(folder).fingerprint)
    content = bytearray((folder / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (folder / "model.safetensors").write_bytes(content)
    seen.add(inspect_folder(folder).fingerprint)
    change_json(folder / "tokenizer.json", truncation={"max_length": 8})
    seen.add(inspect_folder(folder).fingerprint)
    assert len(seen) == 4


def test_a_list_checks_without_reading_the_weights(folder):
    assert check_folder(folder).fingerprint == ""
    read = inspect_folder(folder)
    assert check_folder(folder) == read
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="no weights"):
        check_folder(folder)


def test_shards_are_read_through_their_index(folder):
    (folder / "model.safetensors").rename(folder / "model-00001-of-00001.safetensors")
    index = {"weight_map": {"model.norm.weight": "model-00001-of-00001.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert len(inspect_folder(folder).tensors) == 20


def test_pickles_beside_safetensors_do_no_harm(folder):
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    assert inspect_folder(folder).parameters > 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [("config.json", "config.json is missing"), ("model.safetensors", "no weights"), ("tokenizer.json", "tokenizer")],
)
def test_a_missing_part_is_named(folder, name, reason):
    (folder / name).unlink()
    with pytest.raises(ModelError, match=reason) as caught:
        inspect_folder(folder)
    assert caught.value.hint


def test_a_file_is_no_folder(folder):
    with pytest.raises(ModelError, match="is not a folder"):
        inspect_folder(folder / "config.json")


@pytest.mark.parametrize("text", ["", "{", "[1]", "[" * 100_000, '"config"'])
def test_a_config_that_is_no_object_is_refused(folder, text):
    (folder / "config.json").write_text(text)
    with pytest.raises(ModelError, match=r"not (a )?JSON"):
        inspect_folder(folder)


def test_layers_must_agree_with_the_weights(folder):
    change_json(folder / "config.json", num_hidden_layers=3)
    with pytest.raises(ModelError, match="says 3 layers, the weights hold 2"):
        inspect_folder(folder)
    change_json(folder / "config.json", num_hidden_layers=1, num_nextn_predict_layers=1)
    assert inspect_folder(folder)


@pytest.mark.parametrize(
    "fields",
    [{"num_experts": 0}, {"vision_feature_layer": -2}, {"num_kv_shared_layers": 0}, {"hidden_size_per_head": "x"}],
)
def test_fields_that_real_models_have_are_not_refused(folder, fields):
    change_json(folder / "config.json", **fields)
    assert inspect_folder(folder)


def test_a_snapshot_of_the_hub_may_link_to_its_blobs(folder, tmp_path, monkeypatch):
    repository = tmp_path / "hub" / "models--some--tiny"
    snapshot = repository / "snapshots" / "0123abc"
    (repository / "blobs").mkdir(parents=True)
    snapshot.mkdir(parents=True)
    for path in folder.iterdir():
        path.rename(repository / "blobs" / path.name)
        (snapshot / path.name).symlink_to(f"../../blobs/{path.name}")
    assert inspect_folder(snapshot).name == name_of(snapshot) == "some/tiny"

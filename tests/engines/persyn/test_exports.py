import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engines.parts.completions.prompts import chat
from engines.parts.models.models import resolve_model
from engines.parts.retrieval.embeddings import open_encoder
from engines.persyn.exports import (
    EXAMPLE,
    HOW,
    TaughtExample,
    chat_lines,
    examples_of,
    open_router,
    pack_router,
    readme_of,
    router_folder_name,
    save_files,
    training_set_name,
    write_training_set,
)
from engines.persyn.policies import roles_for
from engines.persyn.routers import RouterFacts, artifact_name, write_router
from engines.persyn.routing import routed
from tests.engines.persyn.scenes import planted_matrix
from tests.engines.persyn.tiny_run import tiny_model
from workbench.contract.errors import DataError
from workbench.contract.runs import ARTIFACT_NAME

TEACHERS = ("adder", "taker", "silent")
ASKED = "Lena had 14 marbles and gave 5 of them away. How many are left?"


def example(**given) -> TaughtExample:
    return TaughtExample(
        **{"name": "p1", "prompt": "2 + 2?", "response": "4", "teacher": "adder", "how": "router"} | given
    )


def test_a_line_is_a_chat_with_its_origin():
    line = json.loads(next(chat_lines([example()])))
    assert line == {
        "messages": [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "4"}],
        "prompt": "p1", "teacher": "adder", "how": "router",
    }  # fmt: skip


def test_turns_of_a_prompt_keep_their_roles():
    line = json.loads(next(chat_lines([example(prompt=chat("2 + 2?", "Be brief."))])))
    assert [turn["role"] for turn in line["messages"]] == ["system", "user", "assistant"]


def test_a_training_set_reads_back_line_by_line(tmp_path):
    texts = ['Größe\u2028und "quotes"\nand lines', "数学", "", "half \ud800"]
    path = tmp_path / training_set_name("persyn", 0)
    assert write_training_set(path, (example(response=text) for text in texts)) == 4
    raw = path.read_bytes()
    assert raw.endswith(b"}\n") and b"\r" not in raw
    found = [json.loads(line)["messages"][-1]["content"] for line in raw.decode("utf-8").split("\n")[:-1]]
    assert found[:3] == texts[:3] and found[3] == "half ?"


def test_an_empty_training_set_is_an_empty_file(tmp_path):
    assert write_training_set(tmp_path / "x.jsonl", []) == 0 and (tmp_path / "x.jsonl").read_bytes() == b""


def test_names_are_those_of_artifacts():
    for name in (training_set_name("no_quality", 12), router_folder_name("my_arm", 0)):
        assert ARTIFACT_NAME.fullmatch(name)


def linear() -> tuple[RouterFacts, dict[str, np.ndarray]]:
    """A router on a tiny model, with weights by chance."""
    ref = tiny_model()
    draw, width = np.random.default_rng(0), open_encoder(ref, "float32").width
    arrays = {
        "weight": draw.normal(size=(width, 3)).astype(np.float32), "bias": np.array([0.0, 1.0, -1.0], np.float32),
        "centre": draw.normal(size=width).astype(np.float32) / 10, "losses": np.array([0.7, 0.5]),
        "seconds": np.array([0.1]),
    }  # fmt: skip
    return RouterFacts("linear", ref, resolve_model(ref).fingerprint, TEACHERS), arrays


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    write_router(folder / "weights.safetensors", *linear())
    pack_router(folder / router_folder_name("persyn", 0), folder / "weights.safetensors")
    return folder / router_folder_name("persyn", 0)


def test_the_five_lines_of_the_readme_load_the_router(packed, tmp_path, monkeypatch, capsys):
    with zipfile.ZipFile(packed) as archive:
        assert sorted(archive.namelist()) == ["README.md", "facts.json", "router.safetensors"]
        archive.extractall(tmp_path)
    code = re.search(r"```python\n(.*?)```", (tmp_path / "README.md").read_text(), re.DOTALL)
    assert code is not None and len(code[1].strip().splitlines()) == 5
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(code[1], names)
    facts, arrays = linear()
    vector = open_encoder(facts.backbone, "float32").embed([ASKED])
    wanted = (vector - arrays["centre"]) @ arrays["weight"] + arrays["bias"]
    assert np.allclose(names["scores"], wanted, atol=1e-5), "as the README tells it without Benchwright"
    assert names["best"] == TEACHERS[int(wanted[0].argmax())] and names["best"] in capsys.readouterr().out


def test_facts_can_be_read_without_a_library(packed):
    with zipfile.ZipFile(packed) as archive:
        facts = json.loads(archive.read("facts.json"))
        readme = archive.read("README.md").decode()
    assert facts["teachers"] == list(TEACHERS) and facts["kind"] == "linear"
    assert "0. adder\n1. taker\n2. silent" in readme and "(e(x) - centre) @ weight + bias" in readme


def test_equal_routers_are_equal_files(packed, tmp_path):
    write_router(tmp_path / "again.safetensors", *linear())
    pack_router(tmp_path / "again.zip", tmp_path / "again.safetensors")
    assert (tmp_path / "again.zip").read_bytes() == packed.read_bytes()


@pytest.mark.parametrize("kind", HOW)
def test_every_kind_has_its_readme(kind):
    text = readme_of(RouterFacts(kind, "m", "0" * 16, TEACHERS, 8))
    assert EXAMPLE in text and HOW[kind] in text


def test_a_folder_without_a_router_is_told(tmp_path):
    with pytest.raises(DataError, match=r"holds no router\.safetensors"):
        open_router(tmp_path)
    (tmp_path / "router.safetensors").write_bytes(b"\x80\x04pickle")
    with pytest.raises(DataError, match="no router that can be read"):
        open_router(tmp_path)
    with pytest.raises(DataError, match="no router"):
        pack_router(tmp_path / "x.zip", tmp_path / "router.safetensors")
    assert not (tmp_path / "x.zip").exists()


def test_a_backbone_that_changed_is_refused(tmp_path):
    facts, arrays = linear()
    other = RouterFacts(facts.kind, facts.backbone, "f" * 16, facts.teachers)
    write_router(tmp_path / "router.safetensors", other, arrays)
    with pytest.raises(DataError, match="fingerprint ffffffffffffffff"):
        open_router(tmp_path)


class Folder:
    """A log whose artifacts lie in a folder."""

    def __init__(self, path):
        self.path = path

    def artifact(self, name):
        return self.path / name


def arms():
    config, matrix = planted_matrix()
    roles, scores = roles_for(matrix, config), np.nan_to_num(matrix.rewards(config), nan=-1.0)
    learned = routed("persyn", 0, config, matrix, roles, scores)
    fixed = config.model_copy(update={"policy": "strong"})
    return config, matrix, [learned, routed("strong", 0, fixed, matrix, roles, None)]


def test_examples_are_the_chosen_responses():
    config, matrix, (learned, fixed) = arms()
    found = list(examples_of(learned, matrix, config))
    assert len(found) == len(matrix.pool.places("calibration", "routed"))
    assert {one.how for one in found} == {"reward", "router"}
    assert {one.teacher for one in examples_of(fixed, matrix, config)} == {"silent-3B"}


def test_training_sets_and_routers_are_saved(tmp_path):
    config, matrix, routings = arms()
    facts = RouterFacts("linear", "all-minilm-l6-v2", "f" * 16, tuple(matrix.pool.names))
    write_router(tmp_path / artifact_name("persyn", 0), facts, {"weight": np.zeros((384, 3), np.float32)})
    save_files(routings, matrix, config, Folder(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {
        "router-persyn-0.safetensors", "router-persyn-0.zip", "training-set-persyn-0.jsonl",
        "training-set-strong-0.jsonl",
    }  # fmt: skip
    line = json.loads((tmp_path / "training-set-persyn-0.jsonl").read_text().splitlines()[0])
    assert [turn["role"] for turn in line["messages"]] == ["user", "assistant"]

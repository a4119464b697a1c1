import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engines.parts.completions.prompts import chat
from engines.parts.models.models import resolve_model
from engines.parts.retrieval.embeddings import open_encoder
from engines.parts.rows.token_use import TokenUse
from engines.persyn import ENGINE
from engines.persyn.config import AskedPrompt
from engines.persyn.exports import (
    EXAMPLE,
    HOW,
    TrainingExample,
    chat_lines,
    examples_of,
    open_router,
    pack_router,
    readme_of,
    reference_of,
    router_folder_name,
    save_files,
    training_set_name,
    write_training_set,
)
from engines.persyn.policies import roles_for
from engines.persyn.routers import RouterFacts, artifact_name, write_router
from engines.persyn.routing import routed
from engines.persyn.rows import AskedAnswer, AskedTeacher, TeacherRow
from tests.engines.persyn.scenes import planted_matrix
from tests.engines.persyn.tiny_run import file_spec, start, tiny_model
from workbench.contract.errors import DataError
from workbench.contract.runs import ARTIFACT_NAME, RunSpec
from workbench.storage.home import place

TEACHERS = ("adder", "taker", "silent")
ASKED = "Lena had 14 marbles and gave 5 of them away. How many are left?"


def example(**given) -> TrainingExample:
    return TrainingExample(
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


SUM = AskedPrompt(prompt="Ida has 31 red stamps and gets 4 more stamps as a gift. How many stamps has she?")
LEFT = AskedPrompt(prompt="A baker had 31 loaves and sold 4 loaves. How many loaves are left in shop 3?")


@pytest.fixture(scope="module")
def from_file():
    """A run on planted responses: one teacher knows sums, another differences."""
    spec = file_spec(arms=("persyn", "strong"), curve=0, router_model=tiny_model())
    return start(spec, place("runs"), "persyn-file-parent")


class WithModels:
    """The same run, its teachers being models that can be asked."""

    def __init__(self, parent, ref: str) -> None:
        self._parent, self._ref, self.spec = parent, ref, parent.spec

    def table(self, kind):
        rows = self._parent.table(kind)
        return rows.assign(ref=self._ref) if kind is TeacherRow else rows

    def chosen(self, kind, arm="", seed=None):
        return self._parent.chosen(kind, arm, seed)

    def artifact(self, name: str):
        return self._parent.artifact(name)


def asked(question: AskedPrompt, parent, name: str, parent_name: str):
    spec = RunSpec(engine="persyn", settings=question.model_dump(mode="json"), parent=parent_name, purpose="ask")
    return start(spec, place("runs"), name, work=lambda config, log: ENGINE.load_ask()(question, parent, log))


def test_every_teacher_is_scored_and_the_best_stands_first(from_file):
    run = asked(SUM, from_file, "persyn-asked-sum", "persyn-file-parent")
    rows = run.table(AskedTeacher)
    assert sorted(rows["teacher"]) == ["adder-1B", "silent-3B", "taker-2B"]
    assert rows["score"].is_monotonic_decreasing and rows["score"].sum() == pytest.approx(0, abs=1e-6)
    assert rows["chosen"].tolist() == [True, False, False]
    assert rows["chance"].mean() == pytest.approx(0.5) and rows["parameters"].notna().any()


def test_the_router_tells_sums_from_differences(from_file):
    run = [
        asked(question, from_file, f"persyn-asked-{at}", "persyn-file-parent").table(AskedTeacher)
        for at, question in enumerate((SUM, LEFT))
    ]
    gaps = [
        rows.set_index("teacher")["score"]["adder-1B"] - rows.set_index("teacher")["score"]["taker-2B"] for rows in run
    ]
    assert gaps[0] > gaps[1]


def test_a_teacher_of_a_file_cannot_be_asked_and_that_is_said(from_file):
    answer = asked(SUM, from_file, "persyn-asked-file", "persyn-file-parent").table(AskedAnswer).iloc[0]
    assert answer["text"] == "" and "file of responses" in answer["note"] and answer["tokens"] == 0


def test_nobody_is_asked_where_only_scores_are_wanted(from_file):
    question = SUM.model_copy(update={"send": False})
    run = asked(question, from_file, "persyn-asked-scores", "persyn-file-parent")
    assert run.table(AskedAnswer).empty and len(run.table(AskedTeacher)) == 3


def test_a_router_that_the_run_lacks_is_named(from_file):
    with pytest.raises(DataError, match=r"no RouterRow of arm 'strong', seed 0; it has arm 'persyn', seed 0"):
        asked(SUM.model_copy(update={"arm": "strong"}), from_file, "persyn-asked-none", "persyn-file-parent")
    with pytest.raises(DataError, match="seed 7"):
        asked(SUM.model_copy(update={"seed": 7}), from_file, "persyn-asked-seed", "persyn-file-parent")


def test_the_chosen_teacher_answers(from_file):
    parent = WithModels(from_file, f"{tiny_model()}#direct")
    run = asked(SUM, parent, "persyn-asked-model", "persyn-file-parent")
    answer, winner = run.table(AskedAnswer).iloc[0], run.table(AskedTeacher).iloc[0]
    assert answer["teacher"] == winner["teacher"] and answer["tokens"] > 0
    assert bool(answer["text"].strip()) != bool(answer["note"])
    used = run.table(TokenUse)
    assert used["stage"].tolist() == ["Ask"] and used["prompt_tokens"].iloc[0] > len(SUM.prompt)


def test_a_teacher_that_is_gone_leaves_the_scores(from_file):
    parent = WithModels(from_file, "no-such-folder/at-all#direct")
    run = asked(SUM, parent, "persyn-asked-gone", "persyn-file-parent")
    answer = run.table(AskedAnswer).iloc[0]
    assert len(run.table(AskedTeacher)) == 3 and answer["text"] == "" and "at-all" in answer["note"]


def test_a_reference_with_a_mark_in_its_folder(from_file):
    assert reference_of("adder-1B", WithModels(from_file, "a#b#terse")) == ("a#b", "terse")
    assert reference_of("adder-1B", from_file) == ("", "") == reference_of("nobody", from_file)

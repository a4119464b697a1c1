import pytest

from engines.parts.rows.token_use import TokenUse
from engines.persyn import ENGINE
from engines.persyn.asking import reference_of
from engines.persyn.config import AskedPrompt
from engines.persyn.rows import AskedAnswer, AskedTeacher, TeacherRow
from tests.engines.persyn.tiny_run import file_spec, start, tiny_model
from workbench.contract.errors import DataError
from workbench.contract.runs import RunSpec
from workbench.storage.home import place

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

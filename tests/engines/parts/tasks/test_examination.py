"""A tiny random model in an examination: its likeliest options, its own words, outcomes, whole blocks once."""

import pandas as pd
import pytest

from engines.parts.completions import Sampling
from engines.parts.scoring import open_scorer
from engines.parts.tasks.examination import BLOCK, Examination, examined, likeliest
from engines.parts.tasks.problems import Problem
from engines.parts.tasks.tasks import Task
from tests.engines.parts.tiny_model import make_tiny_model
from tests.engines.parts.training_runs import attempt, run_folder
from workbench.contract.events import EVENT
from workbench.contract.run_log import RunCell
from workbench.storage.home import place

CELL = RunCell("plain", 0)
HOW = Examination(sampling=Sampling(max_tokens=4, stop=("\n",)), dtype="float32")
COLOURS = ("red", "blue", "green", "white")


def task(count: int, verifier="options") -> Task:
    problems = [
        Problem(str(at), f"say {COLOURS[at % 4]} {at}", "x", COLOURS[at % 4], COLOURS, f"page {at % 2}")
        for at in range(count)
    ]
    return Task("own", (), tuple(problems), verifier, lambda one: f"{one.question}:", " ")


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path / "home"))
    return str(make_tiny_model(place("models") / "tiny"))


def events(name: str) -> list[dict]:
    return [EVENT.validate_json(line).model_dump() for line in run_folder(name).events.read_bytes().splitlines()]


def told(name: str, table: str) -> pd.DataFrame:
    rows = [event["row"] for event in events(name) if event["kind"] == "row" and event["table"] == table]
    files = [event["file"] for event in events(name) if event["kind"] == "chunk" and event["table"] == table]
    folder = run_folder(name).path / "tables"
    return pd.concat([pd.DataFrame(rows), *(pd.read_parquet(folder / file) for file in files)], ignore_index=True)


def test_the_first_of_equal_options_is_taken():
    assert likeliest(("a", "b", "c"), (-2.0, -1.0, -1.0)) == "b"


@pytest.mark.parametrize("score", ["mean", "sum"])
def test_the_likeliest_option_is_the_answer(tiny, score):
    asked = task(5)
    with attempt(run_folder("r1")) as log:
        answers = examined(CELL, tiny, asked, log, Examination(option_score=score, dtype="float32"))
    scorer = open_scorer(tiny, "float32")
    for problem, answer in zip(asked.examine, answers["answer"], strict=True):
        scored = scorer.score([(f"{problem.question}:", f" {option}") for option in problem.options])
        values = [one.logprob / (one.tokens if score == "mean" else 1) for one in scored]
        assert answer == problem.options[values.index(max(values))]
    use = told("r1", "TokenUse").iloc[0]
    assert use["calls"] == 5 * 4 and use["prompt_tokens"] > use["completion_tokens"] > 0


def test_answers_become_outcomes_by_item_cluster_and_task(tiny):
    with attempt(run_folder("r1")) as log:
        answers = examined(CELL, tiny, task(3), log, HOW)
    found = told("r1", "Outcome")
    assert found["item"].tolist() == ["own/0", "own/1", "own/2"] and set(found["slice"]) == {"own"}
    assert found["cluster"].tolist() == ["page 0", "page 1", "page 0"]
    assert found["value"].tolist() == answers["right"].astype(float).tolist() and set(found["metric"]) == {"correct"}
    with attempt(run_folder("r2")) as log:
        examined(RunCell("untrained", 0), tiny, task(3), log, Examination(metric="", dtype="float32"))
    assert "Outcome" not in {event.get("table") for event in events("r2")}


def test_written_answers_are_judged_by_a_verifier_of_ones_own(tiny):
    seen = []
    with attempt(run_folder("r1")) as log:
        answers = examined(
            CELL, tiny, task(2, lambda gold, answer: seen.append((gold, answer)) or gold == "red"), log, HOW
        )
    assert answers["right"].tolist() == [True, False] and answers["answer"].tolist() == [answer for _, answer in seen]
    assert answers["cut"].all(), "a tiny random model never ends a line"


def test_a_block_that_was_answered_is_not_read_again(tiny):
    with attempt(run_folder("r1")) as log:
        first = examined(CELL, tiny, task(BLOCK + 1), log, HOW)
    with attempt(run_folder("r1")) as log:
        again = examined(CELL, "no model of this name", task(BLOCK + 1), log, HOW)
    pd.testing.assert_frame_equal(first, again)

"""A finished run as its questions read it: committed rows of all attempts, chunks, artifacts."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.rooms import ENGINES
from tests.rooms.counting import Answer, Step, Tally
from workbench.contract.errors import DataError, RunNotFound
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunFolder
from workbench.storage.event_writer import EventWriter
from workbench.storage.finished_run import FinishedRun


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """Two attempts: the first broke off in phase "b" after the chunk, the second finished."""
    folder = RunFolder(tmp_path, "parent")
    folder.make(read_spec(ENGINES["counting"]))
    pd.DataFrame({"arm": ["x"], "seed": [0], "total": [2.5]}).to_parquet(folder.path / "tables" / "t.parquet")
    step = {"arm": "x", "seed": 0, "round": 0, "score": float("inf"), "seconds": 0.1}
    first = EventWriter(folder.events, 0, 1)
    first.say("started", "", pid=1, process_started=0.0)
    first.say("row", "a", table="Step", row=step | {"number": 1})
    first.say("closed", "a")
    first.say("row", "b", table="Step", row=step | {"number": 2})
    first.say("chunk", "b", table="Tally", file="t.parquet", rows=1)
    first.close()
    second = EventWriter(folder.events, first.seq, 2)
    second.say("started", "", pid=1, process_started=0.0)
    second.say("row", "b", table="Step", row=step | {"number": 3})
    second.say("chunk", "b", table="Tally", file="t.parquet", rows=1)
    second.say("closed", "b")
    second.say("row", "", table="Step", row=step | {"number": 4})
    second.say("finished", "", seconds=1.0)
    second.close()
    return folder


def test_rows_of_broken_scopes_are_left_out(folder: RunFolder) -> None:
    parent = FinishedRun(folder)
    assert parent.table(Step)["number"].tolist() == [1, 3, 4]
    assert parent.table(Step)["score"].tolist() == [float("inf")] * 3
    assert parent.table(Tally)["total"].tolist() == [2.5]
    assert parent.spec == read_spec(ENGINES["counting"])


def test_rows_of_one_arm_and_seed_are_chosen(folder: RunFolder) -> None:
    parent = FinishedRun(folder)
    assert parent.chosen(Step, arm="x")["number"].tolist() == [1, 3, 4]
    assert parent.chosen(Tally, arm="x", seed=0)["total"].tolist() == [2.5]
    with pytest.raises(DataError, match=r"no Step of arm 'y', seed 0; it has arm 'x', seed 0"):
        parent.chosen(Step, arm="y")
    with pytest.raises(DataError, match=r"no Tally of arm 'x', seed 1; it has arm 'x', seed 0"):
        parent.chosen(Tally, arm="x", seed=1)


def test_the_methods_arm_is_chosen_first(folder: RunFolder) -> None:
    card = ENGINES["counting"]
    with pytest.raises(DataError, match=r"no Answer of arm 'shifted'; it has none at all"):
        FinishedRun(folder, card.arms).chosen(Answer)
    swapped = [replace(arm, role="method" if arm.name == "plain" else "baseline") for arm in card.arms]
    with pytest.raises(DataError, match="no Step of arm 'plain', seed 0"):
        FinishedRun(folder, swapped).chosen(Step)


def test_a_table_without_rows_has_its_columns(folder: RunFolder) -> None:
    empty = FinishedRun(folder).table(Answer)
    assert empty.empty
    assert list(empty.columns) == ["item", "arm", "score"]


def test_artifacts_are_found_by_name(folder: RunFolder) -> None:
    folder.artifact("sums.json").write_text("[]", encoding="utf-8")
    assert FinishedRun(folder).artifact("sums.json").read_text(encoding="utf-8") == "[]"
    with pytest.raises(DataError, match=r"no artifact named 'other\.json'"):
        FinishedRun(folder).artifact("other.json")


def test_a_run_that_is_gone_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(RunNotFound):
        FinishedRun(RunFolder(tmp_path, "gone"))

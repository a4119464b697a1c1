"""FolderLog: rows, scopes, kept values, artifacts, progress, commands; the second attempt of a run that broke off."""

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel

from tests.rooms import ENGINES
from tests.rooms.counting import CountingConfig, Step, Tally
from tests.rooms.steering import Add, Finish
from workbench.contract.errors import ConfigError, DataError, RunStopped, StateError
from workbench.contract.events import EVENT
from workbench.contract.fields import read_spec
from workbench.contract.run_log import RunCell
from workbench.contract.runs import RunFolder
from workbench.contract.schema import Estimate, Outcome
from workbench.storage.command_lines import append_command
from workbench.storage.event_writer import EventWriter
from workbench.storage.finished_run import FinishedRun
from workbench.storage.replay import read_earlier
from workbench.worker.runlog import ROWS_AT_MOST, FolderLog


class Sum(BaseModel):
    """A value to keep."""

    total: float
    parts: tuple[int, ...] = ()


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path, "a-run")
    folder.make(read_spec(ENGINES["counting"]))
    return folder


@contextmanager
def attempt(folder: RunFolder, engine: str = "counting") -> Iterator[FolderLog]:
    earlier = read_earlier(folder.events)
    writer = EventWriter(folder.events, earlier.seq, earlier.attempt)
    try:
        log = FolderLog(folder, ENGINES[engine], read_spec(ENGINES[engine]), writer, earlier)
        yield log
        log.close()
    finally:
        writer.close()


def events(folder: RunFolder, kind: str = "") -> list[dict[str, Any]]:
    lines = folder.events.read_bytes().splitlines() if folder.events.exists() else []
    parsed = [EVENT.validate_json(line).model_dump() for line in lines]
    return [event for event in parsed if not kind or event["kind"] == kind]


def step(number: int, score: float = 0.5) -> Step:
    return Step(arm="plain", seed=0, round=0, number=number, score=score, seconds=0.0)


def test_a_log_knows_what_the_run_was_asked(folder: RunFolder) -> None:
    with attempt(folder) as log:
        assert {name: type(arm) for name, arm in log.arms.items()} == {
            "shifted": CountingConfig,
            "plain": CountingConfig,
        }
        assert [arm.bonus for arm in log.arms.values() if isinstance(arm, CountingConfig)] == [0.2, 0.0]
        assert [cell.key for cell in log.cells()] == ["shifted/0", "plain/0"]


def test_every_event_is_valid_and_numbered(folder: RunFolder) -> None:
    with attempt(folder) as log, log.phase('odd "name"\n/#2'):
        log.row(step(1))
        log.progress(1, 2, "steps")
        log.note("as said")
        log.record("dtype", "float32")
    told = events(folder)
    assert [event["kind"] for event in told] == ["phase", "row", "progress", "note", "record", "closed"]
    assert [event["seq"] for event in told] == list(range(6))
    assert len({event["scope"] for event in told}) == 1
    assert "/" not in told[0]["scope"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e-320, 0.1])
def test_every_float_reads_back(folder: RunFolder, value: float) -> None:
    with attempt(folder) as log:
        log.row(step(1, score=value))
        log.record("loss", value)
    read = Step.model_validate(events(folder, "row")[0]["row"]).score
    recorded = events(folder, "record")[0]["value"]
    assert all(number == value or (math.isnan(number) and math.isnan(value)) for number in (read, recorded))


def test_undeclared_rows_are_refused_by_name(folder: RunFolder) -> None:
    with attempt(folder) as log:
        with pytest.raises(DataError, match="Estimate is not a row type of counting"):
            log.row(Estimate(seconds=1, memory_bytes=1, disk_bytes=1))
        with pytest.raises(DataError, match="Estimate is not a row type"):
            log.table(Estimate, pd.DataFrame())
        with pytest.raises(DataError, match=r"arm 'other'.*plain, shifted"):
            log.row(Outcome(arm="other", metric="score", seed=0, value=1.0))
        with pytest.raises(DataError, match="metric 'speed'"):
            log.row(Outcome(arm="plain", metric="speed", seed=0, value=1.0))
        with pytest.raises(DataError, match="seed 7"):
            log.table(Outcome, pd.DataFrame({"arm": ["plain"], "metric": ["score"], "seed": [7], "value": [1.0]}))
    assert events(folder) == []


def test_statistics_of_one_metric_have_one_length(folder: RunFolder) -> None:
    with attempt(folder) as log:
        log.row(Outcome(arm="plain", metric="score", seed=0, value=(1.0, 2.0)))
        with pytest.raises(DataError, match="3 statistics, earlier ones have 2"):
            log.row(Outcome(arm="plain", metric="score", seed=0, value=(1.0, 2.0, 3.0)))


@pytest.mark.parametrize(("count", "kind"), [(ROWS_AT_MOST, "row"), (ROWS_AT_MOST + 1, "chunk")])
def test_few_outcomes_are_rows_and_many_a_chunk(folder: RunFolder, count: int, kind: str) -> None:
    with attempt(folder) as log:
        log.outcomes("score", RunCell("plain", 0), np.arange(count), [f"i{at}" for at in range(count)], slice="en")
    found = FinishedRun(folder).table(Outcome)
    assert {event["kind"] for event in events(folder)} == {kind}
    assert found["value"].tolist() == list(range(count)) and found["item"].iloc[-1] == f"i{count - 1}"
    assert set(found["slice"]) == {"en"} and found["cluster"].isna().all()


def test_outcomes_are_held_to_what_the_run_was_asked(folder: RunFolder) -> None:
    with attempt(folder) as log:
        with pytest.raises(DataError, match="arm 'other'"):
            log.outcomes("score", RunCell("other", 0), 1.0)
        log.outcomes("score", RunCell("plain", 0), [[1, 2]])
        many = ROWS_AT_MOST + 1
        with pytest.raises(DataError, match="3 statistics, earlier ones have 2"):
            log.outcomes("score", RunCell("plain", 0), np.ones((many, 3)), [str(at) for at in range(many)])
    assert len(events(folder)) == 1


def test_a_table_is_a_parquet_chunk_with_all_columns(folder: RunFolder) -> None:
    frame = pd.DataFrame({"value": [0.5, 1.5], "arm": "plain", "metric": "score", "seed": 0})
    with attempt(folder) as log:
        log.table(Outcome, frame)
        log.table(Outcome, frame.iloc[:0])
        with pytest.raises(DataError, match=r"unknown columns \['sum'\] and lacks \['total'\]"):
            log.table(Tally, pd.DataFrame({"arm": ["plain"], "seed": [0], "sum": [1.0]}))
    (chunk,) = events(folder, "chunk")
    kept = pd.read_parquet(folder.path / "tables" / chunk["file"])
    assert (chunk["rows"], list(kept.columns)) == (2, list(Outcome.model_fields))
    assert kept["slice"].tolist() == ["", ""]


def test_repeated_phases_have_paths_of_their_own(folder: RunFolder) -> None:
    with attempt(folder) as log:
        for _ in range(2):
            with log.phase("epoch"), log.phase("step"):
                pass
    scopes = [event["scope"] for event in events(folder, "phase")]
    assert scopes == ["epoch", "epoch/step", "epoch#2", "epoch#2/step"]


KEPT: list[tuple[type, Callable[[], Any]]] = [
    (Sum, lambda: Sum(total=math.nan, parts=(1, 2))),
    (pd.DataFrame, lambda: pd.DataFrame({"a": [1.5, math.nan], "b": ["x", None]}, index=[3, 4])),
    (dict, lambda: {"transposed": np.arange(6, dtype=np.float32).reshape(2, 3).T, "one": np.array(2.5)}),
]


@pytest.mark.parametrize(("kind", "compute"), KEPT)
def test_once_gives_the_same_value_in_both_attempts(folder: RunFolder, kind: type, compute: Callable) -> None:
    with attempt(folder) as log:
        first = log.once("value", kind, compute)
    with attempt(folder) as log:
        second = log.once("value", kind, lambda: pytest.fail("computed again"))
    assert repr(first) == repr(second)
    assert type(first) is kind
    if kind is dict:
        assert np.array_equal(second["transposed"], compute()["transposed"])
        assert second["one"].shape == ()
    assert not list(folder.path.glob("**/*.tmp"))


@pytest.mark.parametrize("harm", ["truncate", "remove"])
def test_a_damaged_value_is_computed_again_with_a_note(folder: RunFolder, harm: str) -> None:
    def compute(log: FolderLog) -> Sum:
        log.row(step(1))
        return Sum(total=1.0)

    with attempt(folder) as log:
        log.once("value", Sum, lambda: compute(log))
    (kept,) = (folder.path / "once").glob("*.json")
    kept.write_bytes(b'{"to') if harm == "truncate" else kept.unlink()
    with attempt(folder) as log:
        assert log.once("value", Sum, lambda: compute(log)).total == 1.0
    assert "missing or damaged" in events(folder, "note")[0]["text"]
    assert len(events(folder, "row")) == 1


def test_a_name_used_twice_is_an_error(folder: RunFolder) -> None:
    with attempt(folder) as log:
        log.once("value", Sum, lambda: Sum(total=1))
        with pytest.raises(StateError, match="'once:value' was asked for twice in the run"):
            log.once("value", Sum, lambda: Sum(total=2))
        with log.phase("other"):
            assert log.once("value", Sum, lambda: Sum(total=3)).total == 3
        cell = RunCell("plain", 0)
        with pytest.raises(StateError, match="cell:plain/0"):
            log.map([cell, cell], lambda cell, log: Sum(total=1), Sum)


def test_what_cannot_be_kept_is_an_error(folder: RunFolder) -> None:
    with attempt(folder) as log:
        with pytest.raises(DataError, match="promises a list"):
            log.once("a", list, lambda: [1])
        with pytest.raises(DataError, match="'text'"):
            log.once("b", dict, lambda: {"text": np.array(["x"])})
        with pytest.raises(DataError, match="gave a dict, a Sum was promised"):
            log.once("c", Sum, lambda: {"total": 1})
    assert events(folder, "closed") == []


def test_the_second_attempt_says_only_what_was_not_committed(folder: RunFolder) -> None:
    def recipe(log: FolderLog, breaks: bool) -> None:
        log.row(step(0))
        with log.phase("one"):
            log.row(step(1))
            log.note("one")
        with log.phase("two"):
            log.row(step(2))
            if breaks:
                raise KeyError

    with pytest.raises(KeyError), attempt(folder) as log:
        recipe(log, breaks=True)
    said = len(events(folder))
    with attempt(folder) as log:
        recipe(log, breaks=False)
    again = events(folder)[said:]
    assert [(e["scope"], e["row"]["number"]) for e in again if e["kind"] == "row"] == [("", 0), ("two", 2)]
    assert [e["scope"] for e in again if e["kind"] == "closed"] == ["two"]
    assert [e["kind"] for e in again].count("note") == 0
    assert {e["attempt"] for e in again} == {2}
    assert [e["seq"] for e in events(folder)] == list(range(len(events(folder))))


def test_a_torn_last_line_is_cut_off(folder: RunFolder) -> None:
    with attempt(folder) as log:
        log.row(step(1))
        log.row(step(2))
    whole = folder.events.read_bytes()
    folder.events.write_bytes(whole[:-20])
    with attempt(folder) as log:
        log.row(step(3))
    assert [event["row"]["number"] for event in events(folder, "row")] == [1, 3]
    assert [event["seq"] for event in events(folder)] == [0, 1]


def test_checkpoints_are_a_folder_that_is_announced_nowhere(folder: RunFolder) -> None:
    with attempt(folder) as log, log.phase("train"):
        path = log.checkpoints("student.adapter")
        (path / "step.bin").write_bytes(b"1")
        assert log.checkpoints("student.adapter") == path == folder.path / "checkpoints" / "student.adapter"
        for name in ("", "..", "a/b", ".hidden"):
            with pytest.raises(DataError) as caught:
                log.checkpoints(name)
            assert caught.value.hint
    assert events(folder, "artifact") == []


def test_an_artifact_is_announced_when_its_scope_closes(folder: RunFolder) -> None:
    with attempt(folder) as log:
        with log.phase("write"):
            log.artifact("numbers.json").write_text("[1]", encoding="utf-8")
            log.artifact("never-written.json")
            assert events(folder, "artifact") == []
        late = log.artifact("numbers.json")
        log.artifact("late.json").write_text("[]", encoding="utf-8")
        late.write_text("[1, 2]", encoding="utf-8")
        for name in ("../x", "a/b", "", ".hidden", "x" * 200):
            with pytest.raises(DataError):
                log.artifact(name)
    told = [(event["name"], event["bytes"], event["scope"]) for event in events(folder, "artifact")]
    assert told == [("numbers.json", 3, "write"), ("numbers.json", 6, ""), ("late.json", 2, "")]


def test_progress_is_written_ten_times_a_second_and_its_last_word_kept(folder: RunFolder) -> None:
    begun = time.monotonic()
    with attempt(folder) as log, log.phase("long"):
        for done in range(1, 20_001):
            log.progress(done, 20_000_000, "steps")
    told = events(folder, "progress")
    assert told[-1]["done"] == 20_000
    assert len(told) <= 3 + 10 * (time.monotonic() - begun)
    assert {event["scope"] for event in told} == {"long"}


def test_a_stop_is_heard_by_every_call_but_stopping(folder: RunFolder) -> None:
    with attempt(folder) as log, pytest.raises(RunStopped), log.phase("long"):
        folder.stop.touch()
        deadline = time.monotonic() + 120
        while not log.stopping():
            assert time.monotonic() < deadline
        calls: list[Callable[[], Any]] = [
            lambda: log.row(step(1)),
            lambda: log.table(Tally, pd.DataFrame()),
            lambda: log.note("x"),
            lambda: log.record("x", 1),
            lambda: log.progress(1, 2, "x"),
            log.cells,
            lambda: log.artifact("x"),
            lambda: log.checkpoints("x"),
            lambda: log.once("x", Sum, lambda: Sum(total=1)),
            lambda: log.map([RunCell("plain", 0)], lambda cell, log: Sum(total=1), Sum),
            lambda: next(log.commands(), None),
            lambda: log.phase("x").__enter__(),
        ]
        for call in calls:
            with pytest.raises(RunStopped):
                call()
        log.row(step(1))
    assert [event["kind"] for event in events(folder)] == ["phase"]


def test_a_scope_that_ends_closes_though_the_stop_came(folder: RunFolder) -> None:
    with attempt(folder) as log:
        with log.phase("last"):
            log.row(step(1))
            folder.stop.touch()
            time.sleep(0.15)
        with pytest.raises(RunStopped):
            log.note("x")
    assert [event["kind"] for event in events(folder)] == ["phase", "row", "closed"]


def test_commands_come_once_over_all_attempts(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, "steered")
    folder.make(read_spec(ENGINES["steering"]))
    append_command(folder.commands, "add", Add(amount=1))
    append_command(folder.commands, "add", Add(amount=2))
    with folder.commands.open("ab") as file:
        file.write(b"not json\n" + json.dumps({"name": "add", "body": {"amount": 10**9}}).encode() + b"\n{torn")
    with attempt(folder, "steering") as log:
        assert next(log.commands()).body == Add(amount=1)
        assert [command.body for command in log.commands()] == [Add(amount=2)]
        assert list(log.commands()) == []
    assert len(events(folder, "note")) == 2
    with folder.commands.open("ab") as file:
        file.write(b"\n")
    append_command(folder.commands, "finish", Finish())
    with attempt(folder, "steering") as log:
        assert [command.name for command in log.commands()] == ["finish"]
    assert [event["number"] for event in events(folder, "command")] == [0, 1, 5]


def test_an_arm_that_does_not_exist_is_refused_at_once(folder: RunFolder) -> None:
    spec = read_spec(ENGINES["counting"]).model_copy(update={"arms": ("nobody",)})
    writer = EventWriter(folder.events, 0, 1)
    with pytest.raises(ConfigError, match="nobody"):
        FolderLog(folder, ENGINES["counting"], spec, writer)
    writer.close()

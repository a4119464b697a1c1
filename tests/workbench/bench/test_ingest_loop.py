"""The ingest loop: takes up what runs say in time, tells their end, and no broken run stops the others."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rooms import ENGINES
from workbench.bench.ingest_loop import IngestLoop
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunFolder, RunId
from workbench.history import History
from workbench.storage.event_writer import EventWriter

SPEC = read_spec(ENGINES["counting"])


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    history = History(tmp_path / "history.db")
    yield history
    history.close()


def opened(history: History) -> RunFolder:
    folder = history.folder(history.open_run(SPEC))
    folder.make(SPEC)
    return folder


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_events_are_taken_up_and_the_end_is_told(history: History) -> None:
    ended: list[RunId] = []
    loop, folder = IngestLoop(history, ended.append), opened(history)
    loop.watch(folder)
    writer = EventWriter(folder.events, 0, 1)
    writer.say("started", "", pid=1, process_started=0.0)
    writer.say("row", "", table="Tally", row={"arm": "plain", "seed": 0, "total": 1.0})
    until(lambda: history.record(folder.run).tables == {"Tally": 1})
    assert ended == []
    writer.say("finished", "", seconds=1.0)
    writer.close()
    until(lambda: ended == [folder.run])
    assert [watched.run for watched in loop.watched()] == [folder.run]
    loop.leave(folder.run)
    assert loop.watched() == ()
    loop.close()


def test_a_broken_run_does_not_stop_the_others(history: History) -> None:
    ended: list[RunId] = []
    loop, broken, sound = IngestLoop(history, ended.append), opened(history), opened(history)
    broken.events.mkdir()
    unknown = RunFolder(history.runs_root, "never-opened")
    unknown.make(SPEC)
    unknown.events.write_bytes(b"{}\n")
    for folder in (broken, unknown, sound):
        loop.watch(folder)
    writer = EventWriter(sound.events, 0, 1)
    writer.say("started", "", pid=1, process_started=0.0)
    writer.say("finished", "", seconds=1.0)
    writer.close()
    until(lambda: ended == [sound.run])
    loop.close()


def test_without_runs_the_loop_costs_nothing(history: History) -> None:
    before = set(threading.enumerate())
    loop = IngestLoop(history, lambda run: None)
    time.sleep(0.5)
    started = set(threading.enumerate()) - before
    spent = [time.clock_gettime(time.pthread_getcpuclockid(thread.ident or 0)) for thread in started]
    assert sum(spent) < 0.05
    loop.close()
    assert not any(thread.is_alive() for thread in started)

"""The supervisor: order and slots, unknown methods, damaged folders, dead workers of this and other processes."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rooms import ENGINES
from workbench.bench.supervisor import Supervisor
from workbench.contract.errors import ResourceError
from workbench.contract.fields import read_spec, with_purpose
from workbench.contract.runs import RunFolder, RunId, RunSpec, write_atomically
from workbench.history import History
from workbench.launch import Handle
from workbench.launch.bench_settings import BenchSettings
from workbench.storage.event_writer import EventWriter

SPEC = read_spec(ENGINES["counting"])
SETTINGS = BenchSettings(slots=1, threads=1, spare=False, grace_seconds=0.2)


class Recruiter:
    """A launcher whose workers are only names: they live until the test ends them."""

    def __init__(self) -> None:
        self.started: list[RunId] = []
        self.stopped: list[RunId] = []
        self.living: dict[Handle, RunFolder] = {}
        self.refuses = False

    def start(self, spec: RunSpec, folder: RunFolder) -> Handle:
        if self.refuses:
            raise ResourceError("No worker could be started.", "Free memory.")
        handle = Handle(10_000_000 + len(self.started), 1.0)
        self.started.append(folder.run)
        self.living[handle] = folder
        write_atomically(folder.path / "worker.json", json.dumps(vars(handle)))
        return handle

    def alive(self, handle: Handle) -> bool:
        return handle in self.living

    def owns(self, handle: Handle) -> bool:
        return True

    def stop(self, handle: Handle, grace: float) -> None:
        self.stopped.append(self.living.pop(handle).run)

    def prepare(self) -> None:
        pass

    def death(self, handle: Handle) -> str:
        return "It fell over."

    def waiting_memory(self) -> int:
        return 0

    def close(self) -> None:
        pass

    def end(self, run: RunId, kind: str = "finished") -> None:
        """Let the worker of that run say its last word, if it has one, and leave."""
        handle, folder = next((h, f) for h, f in self.living.items() if f.run == run)
        if kind:
            writer = EventWriter(folder.events, 0, 1)
            writer.say("started", "", pid=1, process_started=0.0)
            writer.say(kind, "", seconds=1.0)
            writer.close()
        del self.living[handle]


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    (tmp_path / "runs").mkdir()
    history = History(tmp_path / "history.db")
    yield history
    history.close()


@pytest.fixture
def recruiter() -> Recruiter:
    return Recruiter()


@pytest.fixture
def supervisor(history: History, recruiter: Recruiter) -> Iterator[Supervisor]:
    supervisor = Supervisor(history, ENGINES, recruiter, history.runs_root, SETTINGS)
    yield supervisor
    supervisor.close()


def opened(history: History, spec: RunSpec = SPEC) -> RunId:
    run = history.open_run(spec)
    history.folder(run).make(spec)
    return run


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_runs_start_in_the_order_of_the_queue_one_a_slot(
    history: History, recruiter: Recruiter, supervisor: Supervisor
) -> None:
    runs = [opened(history) for _ in range(3)]
    history.move(runs[2], before=runs[1])
    supervisor.nudge()
    for place, run in enumerate([runs[0], runs[2], runs[1]], start=1):
        until(lambda run=run: run in recruiter.started)
        assert len(recruiter.started) == place
        recruiter.end(run)
        until(lambda run=run: history.record(run).state == "finished")


def test_preflights_have_slots_of_their_own(history: History, recruiter: Recruiter, supervisor: Supervisor) -> None:
    run, *probes = opened(history), *(opened(history, with_purpose(SPEC, "preflight")) for _ in range(3))
    supervisor.nudge()
    until(lambda: len(recruiter.started) == 3)
    assert set(recruiter.started) == {run, probes[0], probes[1]}
    recruiter.end(probes[0])
    until(lambda: probes[2] in recruiter.started)


def test_a_run_of_an_unknown_method_waits_and_holds_nobody_up(
    history: History, recruiter: Recruiter, supervisor: Supervisor
) -> None:
    foreign = opened(history, SPEC.model_copy(update={"engine": "elsewhere"}))
    run = opened(history)
    supervisor.nudge()
    until(lambda: recruiter.started == [run])
    assert history.record(foreign).state == "queued"


def test_a_damaged_spec_fails_its_run_alone(history: History, recruiter: Recruiter, supervisor: Supervisor) -> None:
    damaged = history.open_run(SPEC)
    folder = history.folder(damaged)
    folder.make(SPEC)
    (folder.path / "spec.json").write_bytes(b'{"engine": ')
    run = opened(history)
    supervisor.nudge()
    until(lambda: recruiter.started == [run])
    record = history.record(damaged)
    assert record.state == "failed"
    assert "spec.json is damaged" in record.error


def test_a_worker_that_cannot_be_started_fails_its_run(
    history: History, recruiter: Recruiter, supervisor: Supervisor
) -> None:
    recruiter.refuses = True
    run = opened(history)
    supervisor.nudge()
    until(lambda: history.record(run).state == "failed")
    record = history.record(run)
    assert (record.error_code, record.hint) == ("resource", "Free memory.")


@pytest.mark.parametrize(("state", "became"), [("running", "interrupted"), ("stopping", "stopped")])
def test_a_worker_that_dies_without_a_word_ends_its_run(
    history: History, recruiter: Recruiter, supervisor: Supervisor, state: str, became: str
) -> None:
    run = opened(history)
    supervisor.nudge()
    until(lambda: run in recruiter.started)
    if state == "stopping":
        assert history.set_state(run, "stopping", expect={"starting"})
    recruiter.end(run, kind="")
    until(lambda: history.record(run).state == became)
    assert ("It fell over." in history.record(run).error) == (became == "interrupted")


def test_last_words_count_more_than_the_death(history: History, recruiter: Recruiter, supervisor: Supervisor) -> None:
    run = opened(history)
    supervisor.nudge()
    until(lambda: run in recruiter.started)
    recruiter.end(run)
    until(lambda: not history.record(run).live)
    assert history.record(run).state == "finished"


def test_a_run_that_does_not_stop_is_ended_after_its_grace(
    history: History, recruiter: Recruiter, supervisor: Supervisor
) -> None:
    run = opened(history)
    supervisor.nudge()
    until(lambda: run in recruiter.started)
    history.set_state(run, "stopping", expect={"starting"})
    begun = time.monotonic()
    supervisor.nudge()
    until(lambda: recruiter.stopped == [run])
    assert time.monotonic() - begun >= 0.2
    until(lambda: history.record(run).state == "stopped")


def test_a_run_that_another_process_left_half_started_is_found(history: History, recruiter: Recruiter) -> None:
    run = opened(history)
    history.set_state(run, "starting", expect={"queued"})
    supervisor = Supervisor(history, ENGINES, recruiter, history.runs_root, SETTINGS)
    until(lambda: history.record(run).state == "interrupted")
    supervisor.close()


def test_a_fresh_heartbeat_of_an_unseen_worker_counts_as_life(history: History, recruiter: Recruiter) -> None:
    class Stranger(Recruiter):
        def owns(self, handle: Handle) -> bool:
            return False

    run = opened(history)
    history.set_state(run, "running", expect={"queued"})
    folder = history.folder(run)
    write_atomically(folder.path / "worker.json", json.dumps({"pid": 10_000_000, "started": 1.0}))
    folder.beat()
    supervisor = Supervisor(history, ENGINES, Stranger(), history.runs_root, SETTINGS)
    for _ in range(10):
        folder.beat()
        time.sleep(0.1)
    assert history.record(run).state == "running"
    until(lambda: history.record(run).state == "interrupted")
    supervisor.close()


def test_a_deleted_folder_interrupts_its_run(history: History, recruiter: Recruiter, supervisor: Supervisor) -> None:
    run = opened(history)
    supervisor.nudge()
    until(lambda: run in recruiter.started)
    history.folder(run).path.rename(history.runs_root / "moved-away")
    until(lambda: history.record(run).state == "interrupted")

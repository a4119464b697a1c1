"""What a worker makes of what goes wrong in a method, and what it leaves in the run folder."""

import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.rooms import ENGINES, WORKER
from tests.rooms.failing import Before
from workbench.bench.bench import Bench, BenchSettings
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunFolder
from workbench.history import History, RunRecord
from workbench.launch.local import LocalLauncher
from workbench.storage.log_file import read_log

SETTINGS = BenchSettings(threads=1, niceness=3, spare=False, grace_seconds=1.0, warm_minutes=1.0)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    history = History(tmp_path_factory.mktemp("home") / "history.db")
    yield history
    history.close()


@pytest.fixture(scope="module")
def bench(history: History) -> Iterator[Bench]:
    with Bench(history, ENGINES, history.runs_root, SETTINGS, WORKER) as bench:
        yield bench


def failed(bench: Bench, way: str) -> RunRecord:
    run = bench.start(read_spec(ENGINES["failing"], settings={"way": way}))
    return bench.wait(run, 120)


@pytest.mark.parametrize(
    ("way", "code", "message", "hint"),
    [
        ("data", "data", "Column 'fr' is missing.", "Add it."),
        ("memory", "resource", "Memory ran out", "smaller model"),
        ("package", "package", "'surely_not_installed' is not installed", "pip install surely_not_installed"),
        ("diverged", "diverged", "not a number", "learning rate"),
        ("disk", "resource", "The disk is full", "Delete old runs"),
        ("unknown", "error", "RuntimeError: nobody expected this", "traceback"),
        ("undeclared", "data", "Undeclared is not a row type of failing", "rows"),
        ("arm", "data", "names the arm 'nobody'", "log.arms"),
    ],
)
def test_every_error_ends_as_a_sentence_and_a_remedy(
    bench: Bench, history: History, way: str, code: str, message: str, hint: str
) -> None:
    record = failed(bench, way)
    assert (record.state, record.error_code) == ("failed", code)
    assert message in record.error
    assert hint in record.hint
    assert bool(record.traceback) == (way == "unknown")
    assert history.table(record.run, Before)["number"].tolist() == [0, 1, 2, 99]


def test_secrets_are_masked_in_error_and_log(bench: Bench) -> None:
    record = failed(bench, "secret")
    shown = record.error + record.traceback + read_log(bench.folder(record.run))
    assert "abcdef1234567890" not in shown
    assert "api_key=***" in record.error


def test_a_worker_may_not_take_more_memory_than_it_is_given(history: History) -> None:
    limited = replace(SETTINGS, memory_limit_bytes=1 << 30)
    with Bench(history, ENGINES, history.runs_root, limited, WORKER) as bench:
        record = failed(bench, "greedy")
    assert (record.state, record.error_code) == ("failed", "resource")
    assert "Memory ran out" in record.error


def test_a_method_that_exits_is_stopped(bench: Bench) -> None:
    assert failed(bench, "exit").state == "stopped"


def test_a_worker_killed_by_the_system_says_so(bench: Bench) -> None:
    record = failed(bench, "killed")
    assert record.state == "interrupted"
    assert "was killed, perhaps because memory ran out" in record.error


def test_a_finished_run_leaves_its_surroundings_and_no_worker(bench: Bench) -> None:
    run = bench.start(read_spec(ENGINES["counting"]))
    assert bench.wait(run, 120).state == "finished"
    folder = bench.folder(run)
    told = json.loads((folder.path / "environment.json").read_bytes())
    assert {"python", "platform", "processor", "cores", "memory_bytes", "threads", "packages"} <= set(told)
    assert told["threads"] == "1"
    assert told["packages"]["pydantic"]
    deadline = time.monotonic() + 120
    while folder.worker() is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_worker_told_to_end_says_that_it_stopped(tmp_path: Path) -> None:
    spec = read_spec(ENGINES["counting"], settings={"items": 1000, "pause": 0.05})
    folder = RunFolder(tmp_path / "runs", "ended")
    folder.make(spec)
    launcher = LocalLauncher(SETTINGS, WORKER, tmp_path / "spares")
    handle = launcher.start(spec, folder)
    deadline = time.monotonic() + 120
    while not folder.events.exists() or b'"row"' not in folder.events.read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert os.getsid(handle.pid) == handle.pid != os.getsid(0)
    assert os.getpriority(os.PRIO_PROCESS, handle.pid) == os.getpriority(os.PRIO_PROCESS, 0) + 3
    assert resource.prlimit(handle.pid, resource.RLIMIT_CORE) == (0, 0)
    os.kill(handle.pid, signal.SIGTERM)
    while launcher.alive(handle):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    last = json.loads(folder.events.read_bytes().splitlines()[-1])
    assert last["kind"] == "stopped"
    launcher.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of half a megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "none", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a disk is not allowed here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_ends_the_run_with_a_reason_and_whole_lines(small_disk: Path) -> None:
    spec = read_spec(ENGINES["counting"], settings={"items": 20_000})
    folder = RunFolder(small_disk, "full")
    folder.make(spec)
    launcher = LocalLauncher(SETTINGS, WORKER, small_disk.parent / "spares")
    handle = launcher.start(spec, folder)
    deadline = time.monotonic() + 120
    while launcher.alive(handle) and folder.worker() is not None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    launcher.close()
    told = [json.loads(line) for line in folder.events.read_bytes().splitlines()]
    assert told[-1]["kind"] == "failed"
    assert told[-1]["message"].startswith("The disk is full.")
    assert [event["seq"] for event in told[:-1]] == list(range(len(told) - 1))

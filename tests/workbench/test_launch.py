"""Local workers: what they inherit, spares that die with their server, warm workers that answer the next question."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rooms import ENGINES, WORKER
from workbench.contract.errors import ResourceError
from workbench.contract.fields import question_spec, read_spec
from workbench.contract.runs import RunFolder, RunSpec
from workbench.launch import Handle
from workbench.launch.bench_settings import BenchSettings
from workbench.launch.environment import worker_environment
from workbench.launch.local import LocalLauncher
from workbench.launch.process import lives, signal_group, start_time

ROOT = Path(__file__).resolve().parents[2]
COUNTING = ENGINES["counting"]
SETTINGS = BenchSettings(threads=2, niceness=0, spare=False, grace_seconds=1.0)


def until(true: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[LocalLauncher]:
    launcher = LocalLauncher(SETTINGS, WORKER, tmp_path / "spares")
    yield launcher
    launcher.close()


def made(tmp_path: Path, name: str, spec: RunSpec) -> RunFolder:
    folder = RunFolder(tmp_path / "runs", name)
    folder.make(spec)
    return folder


def finished(folder: RunFolder) -> bool:
    return folder.events.exists() and b'"kind":"finished"' in folder.events.read_bytes()


def test_a_worker_inherits_a_short_list_and_no_foreign_secret() -> None:
    given = {
        "PATH": "/bin",
        "LC_ALL": "C",
        "HF_TOKEN": "hf_x",
        "OPENAI_API_KEY": "sk-x",
        "BENCHWRIGHT_KEY_LAB": "k",
        "AWS_SECRET_ACCESS_KEY": "no",
        "GITHUB_TOKEN": "no",
        "LD_PRELOAD": "/evil.so",
        "PYTHONSTARTUP": "/evil.py",
        "BENCHWRIGHT_PASSWORD": "no",
        "BENCHWRIGHT_USERS": "no",
        "PYTHONPATH": "/given",
    }
    chosen = worker_environment(3, ("workbench", "tests.rooms"), given)
    assert "no" not in chosen.values()
    assert not {"LD_PRELOAD", "PYTHONSTARTUP"} & set(chosen)
    assert {"PATH", "LC_ALL", "HF_TOKEN", "OPENAI_API_KEY", "BENCHWRIGHT_KEY_LAB"} <= set(chosen)
    assert chosen["OMP_NUM_THREADS"] == chosen["MKL_NUM_THREADS"] == "3"
    assert chosen["PYTHONHASHSEED"] == "0"
    assert chosen["PYTHONPATH"].split(os.pathsep) == [str(ROOT), "/given"]


def test_threads_wait_as_the_user_says_or_as_suits_a_run_alone() -> None:
    def waiting(given: dict[str, str], alone: bool = True) -> tuple[str | None, str | None]:
        chosen = worker_environment(1, (), given, alone)
        return chosen.get("OMP_WAIT_POLICY"), chosen.get("GOMP_SPINCOUNT")

    assert waiting({}) == ("PASSIVE", "3000")
    assert waiting({}, alone=False) == ("PASSIVE", None)
    assert waiting({"OMP_WAIT_POLICY": "ACTIVE"}) == ("ACTIVE", None)
    assert waiting({"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "7"}) == ("PASSIVE", "7")
    assert waiting({"GOMP_SPINCOUNT": "7"}) == (None, "7")


def test_a_handle_is_a_pid_and_a_start_time(launcher: LocalLauncher) -> None:
    started = start_time(os.getpid())
    assert started is not None
    assert launcher.alive(Handle(os.getpid(), started))
    assert not launcher.alive(Handle(os.getpid(), started - 60))
    assert not launcher.owns(Handle(os.getpid(), started))
    assert not signal_group(os.getpid(), started - 60, signal.SIGKILL)
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        began = start_time(child.pid) or 0.0
        until(lambda: start_time(child.pid) is None)
        assert not lives(child.pid, began)


def test_a_question_goes_to_the_warm_worker_and_a_run_does_not(launcher: LocalLauncher, tmp_path: Path) -> None:
    spec = read_spec(COUNTING)
    first = launcher.start(spec, made(tmp_path, "first", spec))
    until(lambda: finished(RunFolder(tmp_path / "runs", "first")))
    until(lambda: launcher.waiting_memory() > 0 or launcher.prepare() is not None)
    assert launcher.waiting_memory() > 10_000_000
    question = question_spec(COUNTING, "first", {"item": 1})
    assert launcher.start(question, made(tmp_path, "ask", question)) == first
    assert launcher.start(spec, made(tmp_path, "second", spec)).pid != first.pid
    for name in ("ask", "second"):
        until(lambda name=name: finished(RunFolder(tmp_path / "runs", name)))
    launcher.close()
    until(lambda: not lives(first.pid, first.started))


def test_no_worker_stays_warm_when_asked_not_to(tmp_path: Path) -> None:
    launcher = LocalLauncher(BenchSettings(threads=1, niceness=0, spare=False, warm_minutes=0), WORKER, tmp_path)
    spec = read_spec(COUNTING)
    handle = launcher.start(spec, made(tmp_path, "run", spec))
    until(lambda: launcher.prepare() is not None or not launcher.alive(handle))
    assert finished(RunFolder(tmp_path / "runs", "run"))
    launcher.close()


def test_a_folder_that_is_gone_is_a_typed_error(launcher: LocalLauncher, tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="No worker could be started"):
        launcher.start(read_spec(COUNTING), RunFolder(tmp_path / "runs", "missing"))


@pytest.mark.slow
def test_a_spare_dies_with_its_server_and_an_assigned_one_lives_on(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from tests.rooms import ENGINES, WORKER; from workbench.launch.local import LocalLauncher\n"
        "from workbench.launch.bench_settings import BenchSettings; from workbench.contract.fields import read_spec\n"
        "from workbench.contract.runs import RunFolder\n"
        "home = Path(sys.argv[1]); settings = BenchSettings(threads=1, niceness=0)\n"
        "launcher = LocalLauncher(settings, WORKER, home / 'spares')\n"
        "spec = read_spec(ENGINES['counting'], settings={'items': 50, 'pause': 0.05})\n"
        "folder = RunFolder(home / 'runs', 'run'); folder.make(spec)\n"
        "launcher.prepare(); working = launcher.start(spec, folder); launcher.prepare()\n"
        "spare = launcher._spare.handle\n"
        "print(working.pid, working.started, spare.pid, spare.started, flush=True); time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        told = server.stdout.readline().split()
        server.kill()
    working, spare = (int(told[0]), float(told[1])), (int(told[2]), float(told[3]))
    until(lambda: not lives(*spare))
    assert lives(*working)
    until(lambda: finished(RunFolder(tmp_path / "runs", "run")), 60)
    until(lambda: not lives(*working))


def test_a_worker_writes_where_its_bench_can_read(launcher: LocalLauncher, tmp_path: Path) -> None:
    spec = read_spec(COUNTING)
    folder = made(tmp_path, "run", spec)
    handle = launcher.start(spec, folder)
    assert folder.worker() == (handle.pid, handle.started)
    until(lambda: finished(folder))
    assert json.loads(folder.events.read_bytes().splitlines()[0])["pid"] == handle.pid

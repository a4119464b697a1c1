"""Workers and servers killed in the middle: nothing is lost, nothing is doubled, nothing runs twice."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from tests.rooms import ENGINES, WORKER
from tests.rooms.counting import Step, Tally
from tests.rooms.printing import Printed
from tests.rooms.serving import SETTINGS
from workbench.bench.bench import Bench
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunFolder, RunId, RunSpec, write_atomically
from workbench.contract.schema import Outcome, Row
from workbench.history import History
from workbench.launch.process import lives
from workbench.storage.log_file import LIMIT_BYTES, read_log

ROOT = Path(__file__).resolve().parents[2]
TABLES: tuple[type[Row], ...] = (Step, Outcome, Tally)


def counting(**settings: object) -> RunSpec:
    return read_spec(ENGINES["counting"], settings=settings)


def rows_of(history: History, run: RunId) -> Counter:
    found: Counter = Counter()
    for kind in TABLES:
        kept = [name for name in kind.model_fields if name not in kind.measured_fields()]
        found.update((kind.table(), *map(repr, line)) for line in history.table(run, kind)[kept].values.tolist())
    return found


def until(true: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)


def kill_worker(folder: RunFolder) -> None:
    until(lambda: folder.worker() is not None)
    worker = folder.worker()
    assert worker is not None
    os.kill(worker[0], signal.SIGKILL)


def started_events(folder: RunFolder) -> int:
    return sum(b'"kind":"started"' in line for line in folder.events.read_bytes().splitlines())


@pytest.mark.slow
def test_a_worker_killed_at_random_moments_loses_and_doubles_nothing(tmp_path: Path) -> None:
    chance = random.Random(7)
    history = History(tmp_path / "history.db")
    with Bench(history, ENGINES, history.runs_root, SETTINGS, WORKER) as bench:
        whole = bench.start(counting(items=30))
        assert bench.wait(whole, 120).state == "finished"
        broken = bench.start(counting(items=30, pause=0.06))
        for _ in range(5):
            until(lambda: history.record(broken).state == "running")
            time.sleep(chance.uniform(0.0, 0.4))
            kill_worker(bench.folder(broken))
            record = bench.wait(broken, 120)
            assert record.state == "interrupted"
            assert "killed" in record.error
            bench.resume(broken)
        record = bench.wait(broken, 120)
        assert (record.state, record.attempt) == ("finished", 6)
        assert rows_of(history, broken) == rows_of(history, whole)
        assert record.tables == history.record(whole).tables
    history.close()


def test_a_server_killed_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    history = History(tmp_path / "history.db")
    arguments = [sys.executable, "-m", "tests.rooms.serving", str(tmp_path), "40", "0.03"]
    with subprocess.Popen(arguments, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}) as server:
        until((tmp_path / "run.txt").exists)
        run = (tmp_path / "run.txt").read_text(encoding="utf-8")
        until(lambda: history.record(run).tables.get("Step", 0) > 5)
        server.kill()
    time.sleep(0.3)
    worker = RunFolder(tmp_path / "runs", run).worker()
    assert worker is not None
    assert lives(*worker)
    with Bench(history, ENGINES, tmp_path / "runs", SETTINGS, WORKER) as bench:
        bench.attach()
        record = bench.wait(run, 120)
        assert (record.state, record.attempt, record.tables["Step"]) == ("finished", 1, 80)
        whole = bench.start(counting(items=40))
        bench.wait(whole, 120)
        assert rows_of(history, run) == rows_of(history, whole)
        until(lambda: not lives(*worker))
    assert history.check() == []
    history.close()


def test_a_worker_dead_with_its_server_is_found_interrupted(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    history = History(tmp_path / "history.db")
    arguments = [sys.executable, "-m", "tests.rooms.serving", str(tmp_path), "1000", "0.05"]
    with subprocess.Popen(arguments, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}) as server:
        until((tmp_path / "run.txt").exists)
        run = (tmp_path / "run.txt").read_text(encoding="utf-8")
        until(lambda: history.record(run).tables.get("Step", 0) > 5)
        server.kill()
    kill_worker(RunFolder(tmp_path / "runs", run))
    with Bench(history, ENGINES, tmp_path / "runs", SETTINGS, WORKER) as bench:
        bench.attach()
        record = bench.wait(run, 120)
        assert record.state == "interrupted"
        assert "Resume" in record.hint
        assert record.tables["Step"] > 5
    history.close()


def test_a_reused_pid_is_not_taken_for_the_worker(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    run = history.open_run(counting())
    folder = history.folder(run)
    folder.make(counting())
    history.set_state(run, "running", expect={"queued"})
    write_atomically(folder.path / "worker.json", json.dumps({"pid": os.getpid(), "started": 1_000_000.0}))
    with Bench(history, ENGINES, history.runs_root, SETTINGS, WORKER) as bench:
        bench.attach()
        assert bench.wait(run, 120).state == "interrupted"
    assert psutil.pid_exists(os.getpid())
    history.close()


def test_two_benches_start_no_run_twice(tmp_path: Path) -> None:
    histories = [History(tmp_path / "history.db") for _ in range(2)]
    benches = [Bench(h, ENGINES, tmp_path / "runs", SETTINGS, WORKER) for h in histories]
    runs: list[RunId] = []
    threads = [
        threading.Thread(target=lambda b=bench: runs.extend(b.start(counting(items=3)) for _ in range(3)))
        for bench in benches
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for run in runs:
        record = benches[0].wait(run, 120)
        assert (record.state, record.attempt, record.tables["Step"]) == ("finished", 1, 6)
        assert started_events(benches[0].folder(run)) == 1
    spans = sorted((r.started or 0.0, r.ended or 0.0) for r in map(histories[0].record, runs))
    assert all(ended <= begun for (_, ended), (begun, _) in pairwise(spans)), "one slot for both"
    for bench, history in zip(benches, histories, strict=True):
        bench.close()
        history.close()


def test_a_worker_that_ignores_everything_is_ended_by_force(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    with Bench(history, ENGINES, history.runs_root, SETTINGS, WORKER) as bench:
        run = bench.start(read_spec(ENGINES["failing"], settings={"way": "deaf"}))
        until(lambda: history.record(run).tables.get("Before", 0) == 4)
        worker = bench.folder(run).worker()
        begun = time.monotonic()
        bench.stop(run)
        assert history.record(run).state == "stopping"
        record = bench.wait(run, 120)
        assert record.state == "stopped"
        assert "was ended" in record.error
        assert record.tables["Before"] == 4
        assert 1.0 <= time.monotonic() - begun < 6.0
        assert worker is not None
        assert not lives(*worker)
    history.close()


def test_a_worker_that_prints_100_mb_keeps_its_rows_and_a_small_log(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    with Bench(history, ENGINES, history.runs_root, SETTINGS, WORKER) as bench:
        run = bench.start(read_spec(ENGINES["printing"], settings={"megabytes": 100, "text": "hf_" + "a" * 30}))
        assert bench.wait(run, 120).state == "finished"
        assert history.table(run, Printed)["megabytes"].tolist() == list(range(1, 101))
        until(lambda: bench.folder(run).log.stat().st_size <= LIMIT_BYTES, 5)
        text = read_log(bench.folder(run), 3 << 20)
        assert text.endswith("The last line.\n")
        assert "left out here" in text
        assert "hf_" not in text
        assert "***" in text
    history.close()

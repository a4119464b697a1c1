"""Several processes on one history: at once, and killed in the middle."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.workbench.history.speech import SPEC, begin, new_history
from workbench.contract.schema import Outcome

ROOT = Path(__file__).resolve().parents[3]

INGEST = """
import sys
sys.modules["pandas"] = None  # sqlite_utils would import it; events are taken up without
from pathlib import Path
import workbench.history.ingest as ingest
from tests.workbench.history.speech import new_history, take_up
ingest.PIECE_BYTES = int(sys.argv[3])
history = new_history(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
print(take_up(history, sys.argv[2]), flush=True)
"""

OPEN = """
import sys
sys.modules["pandas"] = None
from pathlib import Path
from tests.workbench.history.speech import SPEC, new_history
sys.stdin.readline()
history = new_history(Path(sys.argv[1]))
print(*[history.open_run(SPEC, key=f"key-{n}") for n in range(20)], flush=True)
"""


def ingesting(root: Path, run: str, stretch: int = 2000) -> subprocess.Popen[str]:
    return spawned(INGEST, str(root), run, str(stretch))


def spawned(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        process.wait(60)
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.mark.slow
def test_two_processes_take_up_one_run_without_loss_or_doubling(tmp_path):
    history = new_history(tmp_path)
    run, speech = begin(history)
    for value in range(5000):
        speech.row(value=float(value))
    both = [ingesting(tmp_path, run) for _ in range(2)]
    assert [read_line(process) for process in both] == ["ready", "ready"]
    for process in both:
        go(process)
    taken = [int(read_line(process)) for process in both]
    end(*both)
    assert sum(taken) == 5001
    assert history.table(run, Outcome)["value"].tolist() == [float(value) for value in range(5000)]
    assert history.versions(run) == {"Outcome": 5000}
    history.close()


@pytest.mark.slow
def test_two_processes_make_one_history_and_one_run_per_key(tmp_path):
    both = [spawned(OPEN, str(tmp_path)) for _ in range(2)]
    time.sleep(0.5)
    for process in both:
        go(process)
    runs = [read_line(process).split() for process in both]
    end(*both)
    assert len(set(runs[0])) == 20
    assert runs[0] == runs[1]
    history = new_history(tmp_path)
    assert history.queue() == runs[0]
    assert history.open_run(SPEC, key="key-0") == runs[0][0]
    history.close()


@pytest.mark.slow
def test_killed_in_the_middle_again_and_again_nothing_is_lost_or_doubled(tmp_path):
    history = new_history(tmp_path)
    run, speech = begin(history)
    lines, chance, cut = 0, random.Random(7), 0
    for trial in range(40):
        if trial >= 8 and cut:
            break
        for _ in range(2000):
            speech.row(value=float(lines))
            lines += 1
        process = ingesting(tmp_path, run, stretch=1000)
        assert read_line(process) == "ready"
        go(process)
        time.sleep(chance.uniform(0.001, 0.1 * (1 + trial / 8)))
        os.kill(process.pid, signal.SIGKILL)
        end(process)
        stored = history.table(run, Outcome)["value"].tolist()
        assert stored == [float(value) for value in range(len(stored))]
        cut += 0 < len(stored) < lines
        assert history.check() == []
    assert cut > 0, "no kill fell in the middle"
    history.ingest(run, history.folder(run))
    assert history.table(run, Outcome)["value"].tolist() == [float(value) for value in range(lines)]
    assert history.record(run).events == lines + 1
    history.close()

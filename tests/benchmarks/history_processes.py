"""The other processes of the history's benchmark: a worker, a Trackio user, a slow worker, a reader."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.rooms.counting import COUNTING, Step
from workbench.contract.runs import RunFolder
from workbench.history import History
from workbench.storage.event_writer import EventWriter
from workbench.worker.runlog import FolderLog

ROWS = 50_000


def step(number: int) -> dict[str, Any]:
    return {"arm": "plain", "seed": 0, "round": 1, "number": number, "score": number / 7, "seconds": 0.25}


@contextmanager
def log_of(folder: RunFolder) -> Iterator[FolderLog]:
    """The worker's own log, as the worker opens it."""
    writer = EventWriter(folder.events, 0, 1)
    writer.say("started", "", pid=os.getpid(), process_started=1.0)
    log = FolderLog(folder, COUNTING, folder.spec(), writer)
    yield log
    log.close()
    writer.close()


def write_ours(home: str, run: str) -> None:
    folder = RunFolder(Path(home) / "runs", run)
    say("ready")
    sys.stdin.readline()
    begun = time.process_time()
    with log_of(folder) as log:
        for number in range(ROWS):
            log.row(Step(**step(number)))
    say("spent", time.process_time() - begun)


def write_trackio() -> None:
    import trackio as peer

    best = bool(os.environ.get("BENCH_TRACKIO_BEST"))
    quiet: dict[str, Any] = {"auto_log_gpu": False, "auto_log_cpu": False, "embed": False} if best else {}
    run = peer.init(project="bench", name="run", **quiet)
    log = run.log if best else peer.log
    say("ready")
    sys.stdin.readline()
    clock, processor = time.perf_counter(), time.process_time()
    for number in range(ROWS):
        log(step(number), step=number)
    peer.finish()
    say("spent", time.perf_counter() - clock, time.process_time() - processor)


def say(*words: object) -> None:
    print(*words, flush=True)


def write_slowly(home: str, run: str, rows: str) -> None:
    folder = RunFolder(Path(home) / "runs", run)
    say("ready")
    sys.stdin.readline()
    with log_of(folder) as log:
        for number in range(int(rows)):
            log.row(Step(**{**step(number), "score": time.time()}))
            time.sleep(0.004)


def read(home: str, run: str) -> None:
    history = History(Path(home) / "history.db")
    done = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), done.set()), daemon=True).start()
    say("ready")
    reads = 0
    while not done.is_set():
        history.table(run, Step)
        reads += 1
        time.sleep(0.02)
    say("reads", reads)
    history.close()


ROLES = {"write-ours": write_ours, "write-trackio": write_trackio, "write-slowly": write_slowly, "read": read}

if __name__ == "__main__":
    ROLES[sys.argv[1]](*sys.argv[2:])

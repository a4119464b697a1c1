"""How fast a run begins and speaks: from `Bench.start` to the first event and row, cold and spare; rows a second.

`python -m tests.benchmarks.bench_worker [start] [rows]` prints medians; `pytest -n0 -m benchmark` holds them to bounds.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from tests.rooms import ENGINES, WORKER
from tests.rooms.counting import Step
from workbench.bench.bench import Bench, BenchSettings
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunFolder
from workbench.history import History
from workbench.launch.local import LocalLauncher
from workbench.storage.event_writer import EventWriter
from workbench.storage.replay import read_earlier
from workbench.worker.runlog import FolderLog

ROWS = 100_000
STARTS = 5


def _first(folder: RunFolder, kind: str) -> float:
    lines: list[dict[str, Any]] = [json.loads(line) for line in folder.events.read_bytes().splitlines()]
    return next(line["at"] for line in lines if line["kind"] == kind)


def start_seconds(spare: bool) -> tuple[float, float]:
    """Median seconds from `Bench.start` to the `started` event, and to the first row."""
    settings = BenchSettings(niceness=0, spare=spare, warm_minutes=0)
    waits: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as place:
        history = History(Path(place) / "history.db")
        with Bench(history, ENGINES, history.runs_root, settings, WORKER) as bench:
            for _ in range(STARTS):
                while spare and not _spare_is_ready(bench):
                    time.sleep(0.2)
                begun = time.time()
                run = bench.start(read_spec(ENGINES["counting"]))
                assert bench.wait(run, 60).state == "finished"
                folder = bench.folder(run)
                waits.append((_first(folder, "started") - begun, _first(folder, "row") - begun))
        history.close()
    return statistics.median(first for first, _ in waits), statistics.median(row for _, row in waits)


def rows_per_second() -> float:
    """Rows a second that a method can report on one core, until all are written to the file."""
    with tempfile.TemporaryDirectory() as place:
        spec, folder = read_spec(ENGINES["counting"]), RunFolder(Path(place), "run")
        folder.make(spec)
        writer = EventWriter(folder.events, 0, 1)
        log = FolderLog(folder, ENGINES["counting"], spec, writer, read_earlier(folder.events))
        rows = [Step(arm="plain", seed=0, round=0, number=n, score=0.5, seconds=0.1) for n in range(ROWS)]
        begun = time.perf_counter()
        for row in rows:
            log.row(row)
        writer.flush()
        seconds = time.perf_counter() - begun
        writer.close()
    return ROWS / seconds


def _spare_is_ready(bench: Bench) -> bool:
    launcher = bench._launcher
    assert isinstance(launcher, LocalLauncher)
    return launcher.spare_ready()


@pytest.mark.benchmark
def test_a_small_run_begins_in_under_a_second_with_a_spare() -> None:
    started, row = start_seconds(spare=True)
    assert started < row < 1.0


@pytest.mark.benchmark
def test_sixty_thousand_rows_a_second() -> None:
    assert max(rows_per_second() for _ in range(3)) > 60_000


def main(asked: set[str]) -> None:
    """Print what was asked for."""
    if not asked or "rows" in asked:
        print(f"rows: {statistics.median(rows_per_second() for _ in range(5)):,.0f} a second")
    for spare in (False, True) if not asked or "start" in asked else ():
        started, row = start_seconds(spare)
        print(f"start {'with a spare' if spare else 'cold'}: first event {started:.3f} s, first row {row:.3f} s")


if __name__ == "__main__":
    main(set(sys.argv[1:]))

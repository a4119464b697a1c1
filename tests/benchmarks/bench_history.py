"""The history against its peers, both sides in one run, interleaved, durable.

`python -m tests.benchmarks.bench_history [store] [trackio] [freshness] [listing]` prints medians and ratios;
`pytest -n0 -m benchmark tests/benchmarks/bench_history.py` holds them to their bounds.
"""

import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlite_utils import Database

from tests.benchmarks.history_processes import ROWS, log_of, step
from tests.rooms.counting import COUNTING, Step
from workbench.bench.ingest_loop import IngestLoop
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunFolder
from workbench.history import History, RunFilter

ROOT = Path(__file__).resolve().parents[2]
PEER_ROWS = 2_000
REPEATS = 5
LAX = "sqlite-utils insert, WAL, not durable"


class Rate(NamedTuple):
    """Rows per second of the clock, and of processor time over all processes that took part."""

    clock: float
    processor: float


@contextmanager
def scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bench-history-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def opened(home: Path) -> tuple[History, RunFolder]:
    history = History(home / "history.db")
    spec = read_spec(COUNTING)
    folder = history.folder(history.open_run(spec))
    folder.make(spec)
    return history, folder


# Store: rows through the worker's log, the file and the ingest, against one-row inserts


def ours_in_one_process(home: Path) -> int:
    history, folder = opened(home)
    with log_of(folder) as log:
        for number in range(ROWS):
            log.row(Step(**step(number)))
    history.ingest(folder.run, folder)
    assert history.versions(folder.run) == {"Step": ROWS}
    history.close()
    return ROWS


def one_row_inserts(home: Path, wal: bool = False, synchronous: str = "FULL") -> int:
    db = Database(home / "peer.db")
    if wal:
        db.enable_wal()
    db.execute(f"PRAGMA synchronous = {synchronous}")
    table = db["steps"]
    for number in range(PEER_ROWS):
        table.insert(step(number))
    assert table.count == PEER_ROWS
    db.close()
    return PEER_ROWS


def rate(work: Callable[[Path], int]) -> Rate:
    with scratch() as home:
        clock, processor = time.perf_counter(), time.process_time()
        rows = work(home)
        return Rate(rows / (time.perf_counter() - clock), rows / (time.process_time() - processor))


def interleaved(sides: dict[str, Callable[[], Rate]], repeats: int = REPEATS) -> dict[str, list[Rate]]:
    found: dict[str, list[Rate]] = {name: [] for name in sides}
    for _ in range(repeats):
        for name, measure in sides.items():
            found[name].append(measure())
    return found


def report(title: str, found: dict[str, list[Rate]]) -> dict[str, Rate]:
    """Print medians with spread; give the ratio of ours to each peer."""
    print(f"\n{title}")
    for name, rates in found.items():
        clock = sorted(each.clock for each in rates)
        processor = statistics.median(each.processor for each in rates)
        spread = f"{clock[0]:,.0f} to {clock[-1]:,.0f}"
        print(f"  {name:<48} {statistics.median(clock):>10,.0f} rows/s ({spread}); {processor:,.0f} per CPU second")
    ratios = {name: ratio(found["ours"], rates) for name, rates in found.items() if name != "ours"}
    for name, times in ratios.items():
        print(f"  ours / {name}: {times.clock:.1f}x by the clock, {times.processor:.1f}x per CPU second")
    return ratios


def ratio(mine: list[Rate], theirs: list[Rate]) -> Rate:
    pairs = list(zip(mine, theirs, strict=True))
    clock = statistics.median(a.clock / b.clock for a, b in pairs)
    return Rate(clock, statistics.median(a.processor / b.processor for a, b in pairs))


def bench_store() -> dict[str, Rate]:
    return report(
        "Event store: rows through log, file and ingest, against sqlite-utils one-row inserts",
        interleaved(
            {
                "ours": lambda: rate(ours_in_one_process),
                "sqlite-utils insert, as documented": lambda: rate(one_row_inserts),
                "sqlite-utils insert, WAL": lambda: rate(lambda home: one_row_inserts(home, True)),
                # kept for the reader: a power cut may take its last inserts, where ours waits for the disk
                LAX: lambda: rate(lambda home: one_row_inserts(home, True, "NORMAL")),
            }
        ),
    )


# Trackio: from the first row to all rows durable and visible, a worker and the server's ingest against log to finish


def child(role: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.history_processes", role, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1", **environment},
    )


def heard(process: subprocess.Popen[str], word: str) -> list[str]:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(word):
            return line.split()[1:]
    raise RuntimeError(f"the child ended without saying {word}")


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def ours_in_two_processes() -> Rate:
    with scratch() as home:
        history, folder = opened(home)
        loop = IngestLoop(history, lambda run: None)
        loop.watch(folder)
        with child("write-ours", str(home), folder.run) as worker:
            heard(worker, "ready")
            clock, processor = time.perf_counter(), time.process_time()
            go(worker)
            while history.versions(folder.run).get("Step", 0) < ROWS:
                time.sleep(0.01)
            seconds = time.perf_counter() - clock
            spent = time.process_time() - processor + float(heard(worker, "spent")[0])
        loop.close()
        history.close()
        return Rate(ROWS / seconds, ROWS / spent)


def trackio(**environment: str) -> Rate:
    with scratch() as home, child("write-trackio", TRACKIO_DIR=str(home), **environment) as worker:
        heard(worker, "ready")
        go(worker)
        seconds, spent = map(float, heard(worker, "spent"))
        rows = stored_by_trackio(home)
        assert rows == ROWS, f"trackio kept {rows} of {ROWS} rows"
        return Rate(ROWS / seconds, ROWS / spent)


def stored_by_trackio(home: Path) -> int:
    for path in home.glob("*.db"):
        with closing(sqlite3.connect(path)) as db:
            if rows := db.execute("SELECT count(*) FROM metrics").fetchone()[0]:
                return rows
    return sum(1 for path in home.rglob("*.jsonl") for line in path.read_text().splitlines() if '"score"' in line)


def bench_trackio() -> dict[str, Rate]:
    return report(
        "Durable rows: worker and ingest, against Trackio's log to finish",
        interleaved(
            {
                "ours": ours_in_two_processes,
                "Trackio as documented": trackio,
                "Trackio, monitors off": lambda: trackio(BENCH_TRACKIO_BEST="1"),
                "Trackio, monitors off, lines instead of SQLite": lambda: trackio(
                    BENCH_TRACKIO_BEST="1", TRACKIO_STORAGE_MODE="jsonl"
                ),
            }
        ),
    )


# Freshness: from a row being reported in the worker to the row being read from the history


def bench_freshness(rows: int = 2000) -> dict[str, float]:
    """Milliseconds, by percentile."""
    with scratch() as home:
        history, folder = opened(home)
        loop = IngestLoop(history, lambda run: None)
        loop.watch(folder)
        with (
            child("read", str(home), folder.run) as reader,
            child("write-slowly", str(home), folder.run, str(rows)) as worker,
        ):
            heard(reader, "ready")
            heard(worker, "ready")
            go(worker)
            delays = sorted(delay * 1000 for delay in seen_after(history, folder, rows))
            go(reader)
            reads = heard(reader, "reads")[0]
        loop.close()
        history.close()
    found = {f"p{percent}": delays[len(delays) * percent // 100] for percent in (50, 95, 99)}
    print(f"\nFreshness of {rows} rows, ms, while another process read the table {reads} times")
    print("  " + ", ".join(f"{name} {value:.1f}" for name, value in found.items()) + f", longest {delays[-1]:.1f}")
    return found


def seen_after(history: History, folder: RunFolder, rows: int) -> list[float]:
    delays: list[float] = []
    cursor = -1
    while len(delays) < rows:
        page = history.rows_after(folder.run, "Step", cursor)
        now, cursor = time.time(), page.next
        delays.extend(now - row["score"] for row in page.rows)
        time.sleep(0.002)
    return delays


# Listing: the newest fifty of a hundred thousand runs


def bench_listing(runs: int = 100_000) -> dict[str, float]:
    """Milliseconds of processor time, the median by what was asked; no process but this one takes part."""
    asked = {
        "newest 50": RunFilter(),
        "newest 50 that failed": RunFilter(states=("failed",)),
        "text that all have": RunFilter(text="counting"),
        "text that one in a hundred has": RunFilter(text="colour42"),
        "text that one has": RunFilter(text="title77777"),
        "one letter": RunFilter(text="c"),
        "an engine that none has": RunFilter(engine="printing"),
    }
    with scratch() as home:
        history, folder = opened(home)
        fill(history, folder, runs)
        cursor = history.listing(limit=1000).next
        found = {name: milliseconds(lambda wanted=wanted: history.listing(wanted)) for name, wanted in asked.items()}
        found["page 21"] = milliseconds(lambda: history.listing(after=cursor))
        history.close()
    print(f"\nListing among {runs:,} runs, median ms of processor time")
    for name, value in found.items():
        print(f"  {name:<42} {value:.2f}")
    return found


def milliseconds(ask: Callable[[], object], repeats: int = 30) -> float:
    taken = []
    for _ in range(repeats):
        begun = time.process_time()
        ask()
        taken.append((time.process_time() - begun) * 1000)
    return statistics.median(taken)


def fill(history: History, folder: RunFolder, runs: int) -> None:
    spec = folder.spec().model_dump_json()
    with closing(sqlite3.connect(history.path)) as db, db:
        db.executemany(
            "INSERT INTO runs (number, run, engine, purpose, state, title, created) VALUES (?, ?, ?, 'run', ?, ?, ?)",
            (
                (n, f"run-{n}", "counting", "failed" if n % 50 == 0 else "finished", f"title{n} colour{n % 100}", n)
                for n in range(2, runs + 1)
            ),
        )
        db.execute("INSERT INTO specs SELECT number, ? FROM runs WHERE number > 1", (spec,))
        db.execute("INSERT INTO counters SELECT number, 'Step', 12 FROM runs WHERE number > 1")
        db.execute(
            "INSERT INTO search (rowid, title, note, tags, engine, run, settings)"
            " SELECT number, title, '', '', engine, run, spec FROM runs JOIN specs USING (number) WHERE number > 1"
        )


@pytest.mark.benchmark
def test_the_store_beats_one_row_inserts_twentyfold():
    assert min(ratio.clock for peer, ratio in bench_store().items() if peer != LAX) >= 20


@pytest.mark.benchmark
def test_rows_become_durable_at_least_as_fast_as_in_trackio():
    assert min(ratio.clock for ratio in bench_trackio().values()) >= 1


@pytest.mark.benchmark
def test_rows_are_fresh():
    assert bench_freshness()["p99"] < 50


@pytest.mark.benchmark
def test_the_newest_of_a_hundred_thousand_runs_are_listed_in_five_milliseconds():
    assert bench_listing()["newest 50"] < 5


PARTS = {"store": bench_store, "trackio": bench_trackio, "freshness": bench_freshness, "listing": bench_listing}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()

"""A live table that has grown: read on from its revision, against read anew.

Run: python -m tests.benchmarks.bench_tables, or pytest -n0 -m benchmark tests/benchmarks/bench_tables.py
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rooms.counting import Step
from tests.workbench.history.speech import begin, new_history, take_up
from workbench.history.table_cache import TableCache

ROWS, MORE, REPEATS = 100_000, 100, 7


def bench_grown_table() -> dict[str, float]:
    """Seconds of processor time, medians over interleaved repeats, and their ratio; both frames are equal."""
    with tempfile.TemporaryDirectory() as root:
        history = new_history(Path(root))
        run, speech = begin(history)
        lines = 0

        def grow(rows: int) -> None:
            nonlocal lines
            with speech.folder.events.open("a", encoding="utf-8") as out:
                for _ in range(rows):
                    out.write(
                        f'{{"seq":{speech.seq},"attempt":1,"at":1.0,"scope":"judge","kind":"row","table":"Step","row":'
                        f'{{"arm":"plain","seed":0,"round":{lines % 9},"number":{lines},"score":0.5,"seconds":0.1}}}}\n'
                    )
                    speech.seq, lines = speech.seq + 1, lines + 1
            take_up(history, run)

        grow(ROWS)
        history.table(run, Step)
        taken: dict[str, list[float]] = {"read on": [], "read anew": []}
        for _ in range(REPEATS):
            grow(MORE)
            on = _timed(taken["read on"], lambda: history.table(run, Step))
            anew = _timed(taken["read anew"], lambda: TableCache().table(history._store, history.folder(run), Step))
            assert on.equals(anew) and len(on) == lines
        history.close()
    found = {name: statistics.median(seconds) for name, seconds in taken.items()}
    found["ratio"] = found["read anew"] / found["read on"]
    print(f"\nA table of {ROWS:,} rows grown by {MORE}, milliseconds of processor time (medians of {REPEATS})")
    for name, seconds in taken.items():
        print(f"  {name:10} {1000 * found[name]:8.2f}   {1000 * min(seconds):.2f} to {1000 * max(seconds):.2f}")
    print(f"  {found['ratio']:.0f} times")
    return found


def _timed(seconds: list[float], read: Callable):
    begun = time.process_time()
    frame = read()
    seconds.append(time.process_time() - begun)
    return frame


@pytest.mark.benchmark
def test_a_grown_table_is_read_on():
    assert bench_grown_table()["ratio"] > 10


if __name__ == "__main__":
    bench_grown_table()

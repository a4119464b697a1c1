"""A server process to be killed: `python -m tests.rooms.serving HOME [ITEMS PAUSE]` opens a bench, if told a run."""

import sys
import time
from pathlib import Path

from tests.rooms import ENGINES, WORKER
from workbench.bench.bench import Bench, BenchSettings
from workbench.contract.fields import read_spec
from workbench.history import History

SETTINGS = BenchSettings(threads=1, niceness=0, spare=False, grace_seconds=1.0)


def main(home: Path, *asked: str) -> None:
    """Serve until killed."""
    history = History(home / "history.db")
    with Bench(history, ENGINES, home / "runs", SETTINGS, WORKER) as bench:
        bench.attach()
        if asked:
            items, pause = int(asked[0]), float(asked[1])
            run = bench.start(read_spec(ENGINES["counting"], settings={"items": items, "pause": pause}))
            (home / "run.txt").write_text(run, encoding="utf-8")
        while True:
            time.sleep(0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

"""The data folder opened: its history, and the bench that starts runs into it. For the command line and for Python."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.bench.results import Result, result_of
from workbench.contract.engine import Engine
from workbench.contract.runs import RunId
from workbench.storage.home import home, place

if TYPE_CHECKING:
    from workbench.bench.bench import Bench
    from workbench.history import History

WORKER = ("-m", "engines")
SETTLE_SECONDS = 0.5
ROOTS = "BENCHWRIGHT_ROOTS"


@dataclass(frozen=True)
class Session:
    """An open history and a bench that writes into it."""

    engines: Mapping[str, Engine]
    history: "History"
    bench: "Bench"

    def result(self, run: RunId) -> Result:
        """Return what the run answered; see `workbench.bench.results.result_of`."""
        return result_of(self.history, self.engines, run)


@contextmanager
def open_history() -> "Iterator[History]":
    """Yield the history of the data folder, for reading and naming; closed at the end.

    Raises:
        HistoryError: it cannot be opened.
    """
    from workbench.history import History

    with closing(History(home() / "history.db")) as history:
        yield history


@contextmanager
def open_session(engines: Mapping[str, Engine], worker: Sequence[str] = WORKER) -> Iterator[Session]:
    """Yield a history and a bench of this process.

    Runs that it started go on when it closes, their workers are detached.

    Raises:
        HistoryError: the data folder cannot be used.
    """
    from workbench.bench.bench import Bench, BenchSettings

    settings = replace(BenchSettings.from_environment(), spare=False)
    with _own_paths(), open_history() as history, Bench(history, engines, place("runs"), settings, worker) as bench:
        yield Session(engines, history, bench)


@contextmanager
def _own_paths() -> Iterator[None]:
    """Let runs read every file that this user may read: who starts them from a terminal has a shell anyway."""
    given = os.environ.get(ROOTS)
    os.environ.setdefault(ROOTS, os.path.sep)
    try:
        yield
    finally:
        if given is None:
            del os.environ[ROOTS]


def settle(session: Session, runs: Iterable[RunId]) -> None:
    """Take up what live ones among the runs have said since the history was last open, and notice dead workers.

    Raises:
        RunNotFound: no run has that id.
    """
    live = [run for run in runs if session.history.record(run).live]
    if live:
        session.bench.attach()
    for run in live:
        session.bench.wait(run, SETTLE_SECONDS)

"""Verdict words and disk use of ended runs, made once in the background and kept with the run's record.

Design decisions:
- A listing never judges: it shows what is kept, and asks here for the runs that it showed without.
- One thread, which rests twice as long as it worked: pages stay quick while a long history is gone through.
- What was made from other rows, another attempt or other claims is made anew (`RunDigest.basis`).
"""

import hashlib
import json
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from workbench.bench.run_circumstances import circumstances_of
from workbench.bench.verdict_groups import are_judged, tally
from workbench.contract.engine import Engine
from workbench.contract.errors import WorkbenchError
from workbench.contract.runs import RunId
from workbench.contract.schema import Caution, Outcome
from workbench.history.records import RunDigest
from workbench.storage.disk_use import folder_use

if TYPE_CHECKING:
    from workbench.history import History
    from workbench.history.records import RunRecord

REST = 2
"""The thread rests so many times as long as it worked on a run."""
MOST_WAITING = 1_000
BEYOND_JUDGING = (LookupError, TypeError, ValueError, ArithmeticError)
"""What rows of another version may raise; the run is not tried again at every look."""


def basis_of(record: "RunRecord", engine: Engine | None) -> str:
    """Return what a run's digest is made from: its rows, state and attempt, and the claims of its card."""
    claims = [claim.name for claim in engine.claims] if engine else []
    rows = record.revision(Outcome.table(), Caution.table())
    whole = json.dumps([rows, record.state, record.attempt, claims, _version()])
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def is_current(record: "RunRecord", engine: Engine | None) -> bool:
    """Return whether what is kept of the run is what would be made of it now."""
    return record.digest is not None and record.digest.basis == basis_of(record, engine)


def make_digest(history: "History", record: "RunRecord", engine: Engine | None) -> RunDigest:
    """Judge the claims of an ended run, and measure its folder.

    Raises:
        RunNotFound: the run is gone.
        HistoryError: its rows cannot be read.
    """
    from workbench.statistics import judge

    verdicts: dict[str, int] = {}
    if engine and record.purpose == "run" and are_judged(record.state) and not record.live:
        judged = judge(engine, history.table(record.run, Outcome), circumstances_of(history, record.run))
        verdicts = {str(word): many for word, many in tally(judged)}
    taken, spare = folder_use(history.folder(record.run))
    return RunDigest(basis_of(record, engine), verdicts, taken, spare)


class DigestKeeper:
    """Makes digests that are wanted. Safe to use from any thread; its own thread lives while there is work.

    Args:
        history: where they are kept; may be closed at any time.
        engines: whose claims are judged.
    """

    def __init__(self, history: "History", engines: Mapping[str, Engine]) -> None:
        self._history, self._engines = history, engines
        self._wanted: deque[RunId] = deque()
        self._given_up: set[str] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def want(self, records: Iterable["RunRecord"]) -> None:
        """Have digests made of those that have ended and lack a current one; those named first come first."""
        lacking = [each.run for each in records if not each.live and not self._has(each)]
        with self._lock:
            waiting = set(self._wanted)
            self._wanted.extend(run for run in lacking if run not in waiting)
            while len(self._wanted) > MOST_WAITING:
                self._wanted.popleft()
            if self._wanted and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="digests", daemon=True)
                self._thread.start()

    def settle(self, seconds: float = 30.0) -> None:
        """Wait until all that was wanted has been made, at most so long."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _has(self, record: "RunRecord") -> bool:
        engine = self._engines.get(record.engine)
        return is_current(record, engine) or basis_of(record, engine) + record.run in self._given_up

    def _next(self) -> RunId | None:
        with self._lock:
            if not self._wanted:
                self._thread = None
                return None
            return self._wanted.popleft()

    def _work(self) -> None:
        try:
            while (run := self._next()) is not None:
                begun = time.monotonic()
                with suppress(WorkbenchError):  # the run is gone, or the history was closed
                    self._make(run)
                time.sleep(REST * (time.monotonic() - begun))
        finally:
            with self._lock:
                if self._thread is threading.current_thread():
                    self._thread = None

    def _make(self, run: RunId) -> None:
        record = self._history.record(run)
        engine = self._engines.get(record.engine)
        if record.live or self._has(record):
            return
        try:
            self._history.keep_digest(run, make_digest(self._history, record, engine))
        except BEYOND_JUDGING:
            self._given_up.add(basis_of(record, engine) + run)


@cache
def _version() -> str:
    return version("benchwright")

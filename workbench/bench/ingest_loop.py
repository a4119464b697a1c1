"""The one thread of a process that takes up what live runs say, into the history.

Design decisions:
- It looks at the size of each live run's event file every 15 ms and reads only what has grown; without live runs it
  sleeps until one is watched.
- Trouble with one run (its file, a busy database) postpones that run alone.
"""

import threading
import time
from collections.abc import Callable

from workbench.contract.errors import WorkbenchError
from workbench.contract.runs import RunFolder, RunId
from workbench.history import History

POLL_SECONDS = 0.015
TROUBLE_SECONDS = 1.0


class IngestLoop:
    """Takes up the watched runs.

    Args:
        history: where events go.
        ended: called, in the loop's thread, with each run that was seen to end.
    """

    def __init__(self, history: History, ended: Callable[[RunId], None]) -> None:
        self._history = history
        self._ended = ended
        self._watched: dict[RunId, RunFolder] = {}
        self._sizes: dict[RunId, int] = {}
        self._not_before: dict[RunId, float] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._loop, name="ingest", daemon=True)
        self._thread.start()

    def watch(self, folder: RunFolder) -> None:
        """Follow a run until `leave`."""
        with self._changed:
            self._watched.setdefault(folder.run, folder)
            self._changed.notify_all()

    def leave(self, run: RunId) -> None:
        """Follow the run no longer."""
        with self._changed:
            for kept in (self._watched, self._sizes, self._not_before):
                kept.pop(run, None)

    def watched(self) -> tuple[RunFolder, ...]:
        """Return the runs that are followed."""
        with self._changed:
            return tuple(self._watched.values())

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _loop(self) -> None:
        while not self._closed:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or bool(self._watched))
            for folder in self.watched():
                self._take(folder)
            time.sleep(POLL_SECONDS)

    def _take(self, folder: RunFolder) -> None:
        if time.monotonic() < self._not_before.get(folder.run, 0.0):
            return
        try:
            size = folder.events.stat().st_size
            if size == self._sizes.get(folder.run):
                return
            taken = self._history.ingest(folder.run, folder)
            self._sizes[folder.run] = size
            if taken and not self._history.record(folder.run).live:
                self._ended(folder.run)
        except FileNotFoundError:
            return
        except (WorkbenchError, OSError, ValueError):
            self._not_before[folder.run] = time.monotonic() + TROUBLE_SECONDS

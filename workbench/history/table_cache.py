"""Tables read last, kept: one that has grown is read on from where it stood, one that has not is not read again.

Design decisions:
- "Has it changed" has one answer, the table's revision: the number of the event that changed it last. Rows reported
  since then have larger numbers, so that the revision is also the cursor to read on from.
- A table that has lost rows since (a superseded attempt, a reopened scope) is read anew.
- Callers get a copy-on-write copy: what one of them writes into its frame, no other sees.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from workbench.contract.runs import RunFolder
from workbench.contract.schema import Row
from workbench.history.frames import frame_after
from workbench.history.queries import number_of
from workbench.history.store import Store

if TYPE_CHECKING:
    import pandas as pd

MOST_BYTES = 64 << 20
"""Kept tables take about this much memory; the one read last is kept whatever its size."""


@dataclass(frozen=True)
class KeptTable:
    """A table as of a revision."""

    revision: int
    frame: "pd.DataFrame"
    bytes: int


class TableCache:
    """Keeps tables of the runs of one history. Safe to use from any thread."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[int, type[Row]], KeptTable] = OrderedDict()
        self._lock = Lock()

    def table(self, store: Store, folder: RunFolder, kind: type[Row]) -> "pd.DataFrame":
        """Return the run's rows of that type; see `workbench.history.History.table`.

        Raises:
            RunNotFound: no run has that id.
            HistoryError: a bulk chunk is gone or damaged.
        """
        return self.tables(store, folder, (kind,))[kind.table()]

    def tables(self, store: Store, folder: RunFolder, kinds: Iterable[type[Row]]) -> "dict[str, pd.DataFrame]":
        """Return the run's rows of several types by table name, all as of one moment.

        Raises:
            RunNotFound: no run has that id.
            HistoryError: a bulk chunk is gone or damaged.
        """
        with store.reading() as connection:
            number = number_of(connection, folder.run)
            return {kind.table(): self._read(connection, number, folder, kind) for kind in kinds}

    def _read(self, connection: sqlite3.Connection, number: int, folder: RunFolder, kind: type[Row]) -> "pd.DataFrame":
        from workbench.storage.typed_frames import joined

        revision, shrunk = _revision(connection, number, kind.table())
        before = self._look_up(number, kind)
        if before is not None and before.revision == revision:
            return before.frame.copy(deep=False)
        if before is not None and not shrunk <= before.revision <= revision:
            before = None
        after = before.revision if before else -1
        grown = frame_after(connection, number, folder, kind, after)
        frame = joined([before.frame, grown]) if before else grown
        self._keep((number, kind), KeptTable(revision, frame, int(frame.memory_usage(index=False).sum())))
        return frame.copy(deep=False)

    def _look_up(self, number: int, kind: type[Row]) -> KeptTable | None:
        with self._lock:
            found = self._kept.get((number, kind))
            if found is not None:
                self._kept.move_to_end((number, kind))
            return found

    def _keep(self, key: tuple[int, type[Row]], table: KeptTable) -> None:
        with self._lock:
            other = self._kept.get(key)
            if other is None or other.revision < table.revision:  # else someone has read further meanwhile
                self._kept[key] = table
            self._kept.move_to_end(key)
            total = sum(kept.bytes for kept in self._kept.values())
            while total > self._most_bytes and len(self._kept) > 1:
                total -= self._kept.popitem(last=False)[1].bytes


def _revision(connection: sqlite3.Connection, number: int, name: str) -> tuple[int, int]:
    """(event that changed the table last, event that last took rows from it), -1 for none."""
    found = connection.execute("SELECT revision, shrunk FROM counters WHERE number = ? AND name = ?", (number, name))
    return found.fetchone() or (-1, -1)

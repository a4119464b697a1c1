"""Answers of models kept in SQLite by key: found again by any process, durable as they come, bounded in size.

Design decisions:
- Readers never wait (write-ahead logging), writers take turns. What was written survives the end of the process.
- Whatever is kept here can be computed again. So a damaged file is set aside and a new one begun, and where the disk
  refuses, answers are given without being kept; both are told in `notices`, and neither fails a run.
- When the answers take more room than they may, those that were used longest ago are dropped.
"""

import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

from workbench.storage.database_files import BUSY_SECONDS, is_damage, set_aside, write_ahead

MOST_BYTES = 2 << 30
"""Room for answers."""
SHARE_LEFT = 0.9
"""Part of the room that is filled after dropping, so that not every answer drops another."""
TOUCHED_SECONDS = 3600
"""A use is noted at most this often: then finding answers is almost never writing."""
AT_ONCE = 500
"""Keys in one question, below SQLite's limit."""

_TABLE = "CREATE TABLE IF NOT EXISTS responses (key TEXT PRIMARY KEY, body TEXT NOT NULL, used INTEGER NOT NULL)"
_BY_USE = "CREATE INDEX IF NOT EXISTS responses_by_use ON responses (used)"
_KEEP = "INSERT OR REPLACE INTO responses VALUES (?, ?, ?)"

Value = TypeVar("Value")


class ResponseStore:
    """Texts by key in one SQLite file; any number of processes and threads may share it.

    Args:
        path: the file; made if missing.
        most_bytes: room for answers.
        clock: seconds since the epoch.
    """

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._most_bytes = most_bytes
        self._clock = clock
        self._lock = threading.RLock()
        self._notices: list[str] = []
        self._connection: sqlite3.Connection | None = None
        self._guarded(lambda connection: None)

    def found(self, keys: Sequence[str]) -> dict[str, str]:
        """Return what is kept under these keys."""
        found: dict[str, str] = {}
        for at in range(0, len(keys), AT_ONCE):
            some = keys[at : at + AT_ONCE]
            found |= self._guarded(lambda connection, some=some: self._found(connection, some)) or {}
        return found

    def keep(self, texts: Mapping[str, str]) -> None:
        """Keep each text under its key, all of them or none."""
        if texts:
            self._guarded(lambda connection: self._keep(connection, texts))

    def notices(self) -> list[str]:
        """Return what its user should know, each told once: a damaged file set aside, a disk that refused."""
        with self._lock:
            told, self._notices = self._notices, []
        return told

    def close(self) -> None:
        """Close the file; it opens again when it is needed."""
        with self._lock:
            if self._connection:
                self._connection.close()
            self._connection = None

    def _found(self, connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, str]:
        marks = ",".join("?" * len(keys))
        rows = connection.execute(f"SELECT key, body, used FROM responses WHERE key IN ({marks})", keys).fetchall()
        now = int(self._clock())
        stale = [(now, key) for key, _, used in rows if used <= now - TOUCHED_SECONDS]
        if stale:
            with connection:
                connection.executemany("UPDATE responses SET used = ? WHERE key = ?", stale)
        return {key: body for key, body, _ in rows}

    def _keep(self, connection: sqlite3.Connection, texts: Mapping[str, str]) -> None:
        now = int(self._clock())
        with connection:
            connection.executemany(_KEEP, [(key, body, now) for key, body in texts.items()])
            if _bytes_used(connection) > self._most_bytes:
                _drop_oldest(connection, int(self._most_bytes * SHARE_LEFT))

    def _guarded(self, work: Callable[[sqlite3.Connection], Value]) -> Value | None:
        """The result of `work`; None, and a notice, where the disk or another program refuses."""
        with self._lock:
            try:
                return self._tried(work)
            except (sqlite3.Error, OSError) as error:
                self.close()
                notice = f"Answers are not kept for later: {self.path.name} cannot be used ({error})."
                if notice not in self._notices:
                    self._notices.append(notice)
                return None

    def _tried(self, work: Callable[[sqlite3.Connection], Value]) -> Value:
        try:
            return work(self._connected())
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        self.close()
        name = set_aside(self.path).name
        self._notices.append(f"The file of kept answers was damaged. It was set aside as {name}; a new one was begun.")
        return work(self._connected())

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            # closed with the store, or at the latest with the process
            connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, check_same_thread=False)
            weakref.finalize(self, connection.close)
            self._connection = connection
            write_ahead(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA journal_size_limit = 67108864")
            with connection:
                connection.execute(_TABLE)
                connection.execute(_BY_USE)
        return self._connection


@cache
def response_store(path: Path) -> ResponseStore:
    """Return the process's store of that file."""
    return ResponseStore(path)


def _bytes_used(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _drop_oldest(connection: sqlite3.Connection, left: int) -> None:
    while _bytes_used(connection) > left:
        oldest = "SELECT rowid FROM responses ORDER BY used, rowid LIMIT 64"
        if not connection.execute(f"DELETE FROM responses WHERE rowid IN ({oldest})").rowcount:
            return

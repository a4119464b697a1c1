"""SQLite files on disk: told damaged, set aside, switched to write-ahead logging."""

import sqlite3
import time
from pathlib import Path

BUSY_SECONDS = 20.0
"""How long a connection waits for its turn to write."""


def error_code(error: sqlite3.Error) -> int:
    """SQLite's primary code of the error, 0 where there is none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether the error says that the file is no sound database."""
    return error_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def set_aside(path: Path) -> Path:
    """Rename a damaged file, and what belongs to it, to where it was moved to."""
    target = path.with_name(f"{path.stem}.damaged-{time.strftime('%Y%m%d-%H%M%S')}.db")
    for ending in ("", "-wal", "-shm"):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.replace(target.with_name(target.name + ending))
    return target


def write_ahead(connection: sqlite3.Connection) -> bool:
    """Switch to write-ahead logging; False where the disk does not allow it (a network folder)."""
    # switching the journal mode does not wait for other connections by itself
    for _ in range(50):
        try:
            return connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal"
        except sqlite3.OperationalError as error:
            if error_code(error) != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(0.05)
    return False

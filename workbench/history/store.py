"""The database file: opened, migrated, written by one connection, read by many, and set aside when damaged.

Design decisions:
- One writing connection behind a lock; readers borrow connections from a pool and, in WAL mode, never wait for it.
- Every write is one `BEGIN IMMEDIATE` transaction, so that other processes take turns instead of failing half-way.
- A damaged file is renamed, never deleted; an older one is copied before it is migrated.
"""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database

from workbench.contract.errors import HistoryError
from workbench.history.schema import MIGRATIONS, known_migrations
from workbench.storage.database_files import BUSY_SECONDS, error_code, is_damage, set_aside, write_ahead

CHECKED_BYTES = 16 << 20
"""Files up to this size are checked at every start, larger ones after damage was met."""
_REMEDIES = {
    sqlite3.SQLITE_FULL: ("The disk is full.", "Free some space; nothing that was recorded is lost."),
    sqlite3.SQLITE_IOERR: ("The disk refused to write.", "Check free space and quota; nothing recorded is lost."),
    sqlite3.SQLITE_READONLY: ("The history cannot be written.", "Set BENCHWRIGHT_HOME to a folder you may write to."),
    sqlite3.SQLITE_CANTOPEN: (
        "The history cannot be opened.",
        "Set BENCHWRIGHT_HOME to a folder that you may read and write.",
    ),
    sqlite3.SQLITE_BUSY: ("Another program holds the history.", "Close the other program, or try again in a moment."),
    sqlite3.SQLITE_CORRUPT: (
        "The history file is damaged.",
        "Start again: it is set aside and made anew from the runs.",
    ),
}


class _Damaged(sqlite3.DatabaseError):
    """The quick check found the file unsound."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


class Store:
    """One SQLite file.

    Attributes:
        fresh: the file was made just now, and the runs on disk are not in it yet.
        set_aside: where a damaged file was moved to, None if there was none.
        notices: what the reader of the page should know about the file.
    """

    def __init__(self, path: Path, *, vfs: str = "") -> None:
        self.path = path
        self.notices: list[str] = []
        self.set_aside: Path | None = None
        self.fresh = False
        self._vfs = vfs
        self._lock = threading.RLock()
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False
        with _told(path), _disk_told(path):
            self._writer = self._open_sound()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield the writing connection in a transaction that is kept as a whole or not at all.

        Raises:
            HistoryError: the file cannot be written; what was in it stays.
        """
        with self._lock, _told(self.path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            finally:
                _roll_back(self._writer)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a reading connection that sees one moment of the history throughout.

        Raises:
            HistoryError: the file cannot be read.
        """
        with _told(self.path):
            connection = self._borrow()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                _roll_back(connection)
                self._give_back(connection)

    def snapshot(self, target: Path) -> None:
        """Copy the whole database as it is now, while others go on reading and writing.

        Raises:
            HistoryError: the copy cannot be written.
        """
        scratch = target.with_name(f".{target.name}.partial")
        with _told(target), _disk_told(target):
            try:
                with self.reading() as source, closing(sqlite3.connect(scratch)) as copy:
                    source.execute("ROLLBACK")
                    source.backup(copy)
                scratch.replace(target)
            finally:
                scratch.unlink(missing_ok=True)

    def problems(self) -> list[str]:
        """Return what SQLite's integrity check finds; empty when the file is sound."""
        try:
            with self.reading() as connection:
                found = [line for (line,) in connection.execute("PRAGMA integrity_check")]
        except HistoryError as error:
            return [str(error)]
        return [] if found == ["ok"] else found

    def close(self) -> None:
        """Close every connection; those being read from close when they are given back."""
        with self._lock:
            self._closed = True
            self._writer.close()
        while self._idle:
            self._idle.pop().close()

    def _open_sound(self) -> sqlite3.Connection:
        _refuse_unwritable(self.path)
        try:
            return self._open_migrated()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        self.set_aside = set_aside(self.path)
        self.notices.append(f"The history file was damaged. It was kept as {self.set_aside.name}; a new one was made.")
        return self._open_migrated()

    def _open_migrated(self) -> sqlite3.Connection:
        with ExitStack() as failing:
            connection = self._connect()
            failing.callback(connection.close)
            if not write_ahead(connection):
                self.notices.append(
                    "The history lies on a disk without write-ahead logging (a network folder?): "
                    "it works, but the page may wait while a run writes."
                )
            connection.execute("PRAGMA journal_size_limit = 67108864")
            self._check_quickly(connection)
            self._migrate(connection)
            failing.pop_all()
            return connection

    def _check_quickly(self, connection: sqlite3.Connection) -> None:
        small = self.path.stat().st_size <= CHECKED_BYTES
        if small or self._suspicion.exists():
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            self._suspicion.unlink(missing_ok=True)
            if found != "ok":
                raise _Damaged(found)

    @property
    def _suspicion(self) -> Path:
        return _suspicion_of(self.path)

    def _connect(self) -> sqlite3.Connection:
        address = self.path.absolute().as_uri() + (f"?vfs={self._vfs}" if self._vfs else "")
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA temp_store = MEMORY")
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        db = Database(connection, execute_plugins=False)
        _refuse_newer(db)
        if not MIGRATIONS.pending(db):
            return
        if MIGRATIONS.applied(db):
            self._keep_backup(connection)
        connection.execute("BEGIN IMMEDIATE")
        try:
            # asked again: another process may have migrated while this one waited for its turn
            self.fresh = not MIGRATIONS.applied(db)
            MIGRATIONS.apply(db)
            connection.execute("COMMIT")
        finally:
            _roll_back(connection)

    def _keep_backup(self, connection: sqlite3.Connection) -> None:
        target = self.path.with_name(f"{self.path.stem}.before-{time.strftime('%Y%m%d-%H%M%S')}.db")
        with closing(sqlite3.connect(target)) as copy:
            connection.backup(copy)
        self.notices.append(f"The history was brought up to date; the older one was kept as {target.name}.")

    def _borrow(self) -> sqlite3.Connection:
        if self._closed:
            raise sqlite3.ProgrammingError("the history was closed")
        try:
            return self._idle.pop()
        except IndexError:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
            return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        self._idle.append(connection)
        if self._closed:
            self.close()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if is_damage(error):
            # looked into at the next start, where the file can be set aside
            with suppress(OSError):
                _suspicion_of(path).touch()
        what, hint = _REMEDIES.get(error_code(error), ("The history cannot be used.", "Start the workbench again."))
        raise HistoryError(f"{what} ({path.name}: {error})", hint) from error
    except UnicodeEncodeError as error:
        raise HistoryError("The history was given text with broken characters.", "Type it again.") from error


@contextmanager
def _disk_told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HistoryError(
            f"The history at {path} cannot be used: {error.strerror}.",
            "Set BENCHWRIGHT_HOME to a folder that you may write to.",
        ) from error


def _suspicion_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.suspected")


def _roll_back(connection: sqlite3.Connection) -> None:
    # nothing to do after a commit, nor where a full disk made SQLite roll back by itself
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _refuse_unwritable(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(21, "it is a folder", str(path))


def _refuse_newer(db: Database) -> None:
    unknown = [done.name for done in MIGRATIONS.applied(db) if done.name not in known_migrations()]
    if unknown:
        raise HistoryError(
            f"The history was made by a newer version of Benchwright (it knows {unknown[-1]!r}).",
            "Update Benchwright, or set BENCHWRIGHT_HOME to another folder.",
        )

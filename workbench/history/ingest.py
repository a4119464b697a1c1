"""What a run says, from its events.jsonl into the database.

Design decisions:
- Events are taken up by byte offset, whole lines only, a megabyte a transaction. The offset is compared and
  swapped in that transaction, so that server and command line may both read one run: one of them wins each piece.
- Which rows stand is decided by the fold over events alone (`workbench.storage.event_fold`); here it is written down.
- A table's revision is the number of the event that changed it last: the same however often a run was read, in however
  many pieces.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from workbench.contract.errors import HistoryError
from workbench.contract.runs import RunFolder, RunId
from workbench.history.queries import number_of
from workbench.history.record_columns import RecordColumns
from workbench.history.store import Store
from workbench.storage.committed_scopes import CommittedScopes
from workbench.storage.event_fold import EventFold

PIECE_BYTES = 1 << 20
LONGEST_LINE = 64 << 20


class Stand(NamedTuple):
    """Up to where a run has been taken up."""

    number: int
    last_seq: int
    phase: str
    read_to: int
    uncommitted: frozenset[str]


class _ClosedScopes:
    """The scopes that a run had closed by then, looked up one at a time."""

    def __init__(self, store: Store, number: int) -> None:
        self._store, self._number = store, number

    def __contains__(self, scope: object) -> bool:
        with self._store.reading() as connection:
            found = connection.execute("SELECT 1 FROM closed WHERE number = ? AND scope = ?", (self._number, scope))
            return found.fetchone() is not None


def take_up_events(store: Store, run: RunId, folder: RunFolder) -> int:
    """Number of events taken up: everything that the run has said in whole lines and that is not in history yet.

    Raises:
        RunNotFound: the history has no such run.
        HistoryError: the event file or the history cannot be used; the run stays as it was.
    """
    taken = 0
    while True:
        stand = _stand(store, run)
        piece = _whole_lines(folder.events, stand.read_to)
        if not piece:
            return taken
        record = RecordColumns(stand.phase)
        scopes = CommittedScopes(stand.uncommitted, _ClosedScopes(store, stand.number))
        fold = EventFold(scopes, last_seq=stand.last_seq, read_to=stand.read_to, listen=record.take)
        fold.take_lines(BytesIO(piece))
        with store.writing() as connection:
            ours = _claim(connection, stand, fold, record.phase)
            if ours:
                _write(connection, stand, fold, record)
        taken += fold.events if ours else 0


def _stand(store: Store, run: RunId) -> Stand:
    with store.reading() as connection:
        number = number_of(connection, run)
        last_seq, phase, read_to = connection.execute(
            "SELECT last_seq, phase, read_to FROM runs WHERE number = ?", (number,)
        ).fetchone()
        scopes = connection.execute("SELECT scope FROM uncommitted WHERE number = ?", (number,))
        return Stand(number, last_seq, phase, read_to, frozenset(scope for (scope,) in scopes))


def _whole_lines(events: Path, offset: int) -> bytes:
    """Whole lines from the offset on; a line beyond all measure comes without its end."""
    try:
        with events.open("rb") as lines:
            lines.seek(offset)
            piece = lines.read(PIECE_BYTES)
            while b"\n" not in piece and PIECE_BYTES <= len(piece) < LONGEST_LINE:
                piece += lines.read(PIECE_BYTES)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise HistoryError(f"What run {events.parent.name} says cannot be read: {error.strerror}.") from error
    if len(piece) >= LONGEST_LINE and b"\n" not in piece:
        return piece
    return piece[: piece.rfind(b"\n") + 1]


def _claim(connection: sqlite3.Connection, stand: Stand, fold: EventFold, phase: str) -> bool:
    changed = connection.execute(
        """
        UPDATE runs SET read_to = ?, last_seq = ?, phase = ?, events = events + ?, refused = refused + ?,
            refused_at = coalesce(refused_at, ?), version = version + 1
        WHERE number = ? AND read_to = ?
        """,
        (
            fold.read_to, fold.last_seq, phase, fold.events, fold.refused, fold.refused_at, stand.number, stand.read_to,
        ),
    )  # fmt: skip
    return changed.rowcount == 1


def _write(connection: sqlite3.Connection, stand: Stand, fold: EventFold, record: RecordColumns) -> None:
    number, grown = stand.number, Counter[str]()
    if fold.dropped:
        grown = _drop(connection, number, fold)
    rows, chunks = list(fold.rows), list(fold.chunks)
    connection.executemany("INSERT INTO result_rows VALUES (?, ?, ?, ?, ?, ?)", ((number, *row) for row in rows))
    connection.executemany("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?)", ((number, *chunk) for chunk in chunks))
    connection.executemany("INSERT INTO notes VALUES (?, ?, ?, ?, ?, ?)", ((number, *note) for note in fold.notes))
    grown.update(row.table for row in rows)
    for chunk in chunks:
        grown[chunk.table] += chunk.rows
    _count(connection, number, fold, grown)
    _write_scopes(connection, stand, fold.scopes)
    connection.executemany(
        "INSERT OR REPLACE INTO artifacts VALUES (?, ?, ?, ?)",
        ((number, name, *rest) for name, rest in record.artifacts.items()),
    )
    connection.executemany(
        "INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", ((number, *fact) for fact in record.facts.items())
    )
    _set_columns(connection, number, record)


def _drop(connection: sqlite3.Connection, number: int, fold: EventFold) -> Counter[str]:
    """Drop what was said in the fold's dropped scopes; returns how many rows each table lost, as negative numbers."""
    lost = Counter[str]()
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS dropped (scope TEXT PRIMARY KEY)")
    connection.execute("DELETE FROM temp.dropped")
    connection.executemany("INSERT INTO temp.dropped VALUES (?)", ((scope,) for scope in fold.dropped))
    gone = "WHERE number = ? AND scope IN (SELECT scope FROM temp.dropped)"
    connection.execute(f"DELETE FROM notes {gone}", (number,))
    for table, amount in (("result_rows", "1"), ("chunks", "amount")):
        found = connection.execute(f"DELETE FROM {table} {gone} RETURNING name, scope, {amount}", (number,))
        for name, scope, rows in found.fetchall():
            lost[name] -= rows
            seq = fold.dropped[scope]
            for known in (fold.changed, fold.shrunk):
                known[name] = max(known.get(name, -1), seq)
    return lost


def _count(connection: sqlite3.Connection, number: int, fold: EventFold, grown: Counter[str]) -> None:
    """Count the rows of every table that has changed, and note when it did."""
    connection.executemany(
        "INSERT INTO counters VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount,"
        " revision = max(revision, excluded.revision), shrunk = max(shrunk, excluded.shrunk)",
        ((number, name, grown[name], seq, fold.shrunk.get(name, -1)) for name, seq in fold.changed.items()),
    )


def _write_scopes(connection: sqlite3.Connection, stand: Stand, scopes: CommittedScopes) -> None:
    changes: tuple[tuple[str, Iterable[str]], ...] = (
        ("DELETE FROM closed WHERE number = ? AND scope = ?", scopes.newly_reopened),
        ("INSERT OR IGNORE INTO closed VALUES (?, ?)", scopes.newly_closed),
        ("DELETE FROM uncommitted WHERE number = ? AND scope = ?", stand.uncommitted - scopes.uncommitted),
        ("INSERT OR IGNORE INTO uncommitted VALUES (?, ?)", scopes.uncommitted - stand.uncommitted),
    )
    for statement, changed in changes:
        connection.executemany(statement, ((stand.number, scope) for scope in changed))


def _set_columns(connection: sqlite3.Connection, number: int, record: RecordColumns) -> None:
    if not record.columns:
        return
    kept = {"started": "coalesce(started, :started)"}
    if not record.begun_anew:
        # a stop that was asked for before the worker came up is still asked for
        kept["state"] = "CASE WHEN :state = 'running' AND state = 'stopping' THEN state ELSE :state END"
    changes = ", ".join(f"{name} = {kept.get(name, ':' + name)}" for name in record.columns)
    connection.execute(f"UPDATE runs SET {changes} WHERE number = :number", {**record.columns, "number": number})

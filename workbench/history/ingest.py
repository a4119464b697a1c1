"""What a run says, from its events.jsonl into the database.

Design decisions:
- Events are taken up by byte offset, whole lines only, a megabyte a transaction. The offset is compared and
  swapped in that transaction, so that server and command line may both read one run: one of them wins each stretch.
- A new attempt drops what earlier ones said in scopes that never closed, and a reopened scope drops what was said in
  it; the worker says it again.
"""

import sqlite3
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from workbench.contract.errors import HistoryError
from workbench.contract.runs import RunFolder, RunId
from workbench.history.queries import number_of
from workbench.history.store import Store
from workbench.history.stretch import Batch, Stretch

STRETCH_BYTES = 1 << 20
_SAID = ("result_rows", "chunks", "notes")
LONGEST_LINE = 64 << 20


class Stand(NamedTuple):
    """Up to where a run has been taken up."""

    number: int
    last_seq: int
    phase: str
    read_to: int


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
        stretch = Stretch(*stand).take_all(piece)
        with store.writing() as connection:
            ours = _claim(connection, stand, stretch)
            for batch in stretch.batches if ours else ():
                _add(connection, stand.number, batch)
        taken += stretch.events if ours else 0


def _stand(store: Store, run: RunId) -> Stand:
    with store.reading() as connection:
        number = number_of(connection, run)
        found = connection.execute("SELECT last_seq, phase, read_to FROM runs WHERE number = ?", (number,)).fetchone()
    return Stand(number, *found)


def _whole_lines(events: Path, offset: int) -> bytes:
    """Whole lines from the offset on; a line beyond all measure comes without its end."""
    try:
        with events.open("rb") as lines:
            lines.seek(offset)
            piece = lines.read(STRETCH_BYTES)
            while b"\n" not in piece and STRETCH_BYTES <= len(piece) < LONGEST_LINE:
                piece += lines.read(STRETCH_BYTES)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise HistoryError(f"What run {events.parent.name} says cannot be read: {error.strerror}.") from error
    if len(piece) >= LONGEST_LINE and b"\n" not in piece:
        return piece
    return piece[: piece.rfind(b"\n") + 1]


def _claim(connection: sqlite3.Connection, stand: Stand, stretch: Stretch) -> bool:
    changed = connection.execute(
        """
        UPDATE runs SET read_to = ?, last_seq = ?, phase = ?, events = events + ?, refused = refused + ?,
            refused_at = coalesce(refused_at, ?), version = version + 1
        WHERE number = ? AND read_to = ?
        """,
        (
            stretch.read_to,
            stretch.last_seq,
            stretch.phase,
            stretch.events,
            stretch.refused,
            stretch.refused_at,
            stand.number,
            stand.read_to,
        ),
    )
    return changed.rowcount == 1


def _add(connection: sqlite3.Connection, number: int, batch: Batch) -> None:
    if batch.attempt is not None:
        _drop_uncommitted(connection, number, batch.attempt)
    if batch.reopened:
        _drop_reopened(connection, number, batch.reopened)
    connection.executemany("INSERT INTO result_rows VALUES (?, ?, ?, ?, ?, ?)", batch.rows)
    connection.executemany("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?)", batch.chunks)
    connection.executemany("INSERT INTO notes VALUES (?, ?, ?, ?, ?, ?)", batch.notes)
    connection.executemany("INSERT OR IGNORE INTO closed VALUES (?, ?)", ((number, scope) for scope in batch.closed))
    connection.executemany(
        "INSERT OR REPLACE INTO artifacts VALUES (?, ?, ?, ?)",
        ((number, name, *rest) for name, rest in batch.artifacts.items()),
    )
    connection.executemany(
        "INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", ((number, *fact) for fact in batch.facts.items())
    )
    grown = Counter(row[1] for row in batch.rows)
    for chunk in batch.chunks:
        grown[chunk[1]] += chunk[-1]
    connection.executemany(
        "INSERT INTO counters VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount",
        ((number, *count) for count in grown.items()),
    )
    _set_columns(connection, number, batch.columns)


def _set_columns(connection: sqlite3.Connection, number: int, columns: dict[str, Any]) -> None:
    if not columns:
        return
    # a stop that was asked for before the worker came up is still asked for
    kept = {"state": "CASE WHEN :state = 'running' AND state = 'stopping' THEN state ELSE :state END"}
    kept["started"] = "coalesce(started, :started)"
    changes = ", ".join(f"{name} = {kept.get(name, ':' + name)}" for name in columns)
    connection.execute(f"UPDATE runs SET {changes} WHERE number = :number", {**columns, "number": number})


def _drop_uncommitted(connection: sqlite3.Connection, number: int, attempt: int) -> None:
    dropped = 0
    for table in _SAID:
        dropped += connection.execute(
            f"DELETE FROM {table} WHERE number = ? AND attempt < ?"
            " AND scope NOT IN (SELECT scope FROM closed WHERE number = ?)",
            (number, attempt, number),
        ).rowcount
    if dropped:
        _count_anew(connection, number)


def _drop_reopened(connection: sqlite3.Connection, number: int, scopes: Collection[str]) -> None:
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS reopened (scope TEXT PRIMARY KEY)")
    connection.execute("DELETE FROM temp.reopened")
    connection.executemany("INSERT OR IGNORE INTO temp.reopened VALUES (?)", ((scope,) for scope in scopes))
    for table in (*_SAID, "closed"):
        connection.execute(
            f"DELETE FROM {table} WHERE number = ? AND scope IN (SELECT scope FROM temp.reopened)", (number,)
        )
    _count_anew(connection, number)


def _count_anew(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("DELETE FROM counters WHERE number = ?", (number,))
    connection.execute(
        "INSERT INTO counters SELECT number, name, sum(amount) FROM ("
        "SELECT number, name, 1 AS amount FROM result_rows WHERE number = ?"
        " UNION ALL SELECT number, name, amount FROM chunks WHERE number = ?) GROUP BY name",
        (number, number),
    )

"""Rows of one table of a run: as a DataFrame for views and exports, or page by page for lists."""

import sqlite3
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from workbench.contract.runs import RunFolder
from workbench.contract.schema import Row
from workbench.history.queries import number_of
from workbench.history.records import Cursor, RowPage
from workbench.history.store import Store

if TYPE_CHECKING:
    import pandas as pd


def frame_after(
    connection: sqlite3.Connection, number: int, folder: RunFolder, kind: type[Row], after: Cursor
) -> "pd.DataFrame":
    """Return the rows of that type reported after a cursor, in order, typed as `workbench.storage.typed_frames` says.

    Args:
        connection: a reading connection.
        number: the run's.
        folder: the run's, where its chunks lie.
        kind: the type of the rows.
        after: number of an event; -1 for all rows.

    Raises:
        HistoryError: a bulk chunk is gone or damaged.
    """
    from workbench.storage.typed_frames import chunk_path, table_frame

    name = kind.table()
    rows = connection.execute(
        "SELECT seq, body FROM result_rows WHERE number = ? AND name = ? AND seq > ? ORDER BY seq",
        (number, name, after),
    ).fetchall()
    chunks = _chunks(connection, number, name, after)
    return table_frame(kind, rows, [(seq, chunk_path(folder, file)) for seq, file in chunks])


def rows_after(store: Store, folder: RunFolder, name: str, after: Cursor, limit: int) -> RowPage:
    """Return the next rows of a table as they were reported; -1 begins at the first.

    Raises:
        RunNotFound: no run has that id.
        HistoryError: a bulk chunk is gone or damaged.
    """
    from workbench.storage.typed_frames import chunk_path, chunk_rows

    with store.reading() as connection:
        number = number_of(connection, folder.run)
        stored = connection.execute(
            "SELECT seq, body FROM result_rows WHERE number = ? AND name = ? AND seq > ? ORDER BY seq LIMIT ?",
            (number, name, after, limit + 1),
        ).fetchall()
        chunks = _chunks(connection, number, name, after)
    lines: list[tuple[int, str | None, str]] = [(seq, body, "") for seq, body in stored]
    lines = sorted(lines + [(seq, None, file) for seq, file in chunks])
    rows: list[dict[str, Any]] = []
    taken, last = 0, after
    for seq, body, file in lines:
        if len(rows) >= limit:
            break
        rows.extend([from_json(body)] if body is not None else chunk_rows(chunk_path(folder, file)))
        taken, last = taken + 1, seq
    return RowPage(tuple(rows), last, taken < len(lines))


def _chunks(connection: sqlite3.Connection, number: int, name: str, after: Cursor) -> list[tuple[int, str]]:
    return connection.execute(
        "SELECT seq, file FROM chunks WHERE number = ? AND name = ? AND seq > ? ORDER BY seq", (number, name, after)
    ).fetchall()

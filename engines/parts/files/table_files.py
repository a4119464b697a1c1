"""Tables of researchers: JSONL, JSON, CSV, TSV and Parquet, read row by row; documents as tables of their parts.

Nothing is guessed and nothing is repaired in silence: a row that cannot be read is named with what is wrong, and the
other rows stay usable.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engines.parts.files.delimited import SEPARATORS, delimited_rows
from engines.parts.files.documents import DOCUMENTS, document_rows, read_document
from engines.parts.files.json_rows import json_line_rows, json_rows
from engines.parts.files.parquet_rows import parquet_rows
from engines.parts.files.text_files import ESCAPED, decoded
from engines.parts.records.row_errors import Cells, RowError
from workbench.contract.errors import DataError

MOST_ROWS = 1_000_000
JSON_LINES = (".jsonl", ".ndjson")
TABLES = (*JSON_LINES, ".json", *SEPARATORS, ".parquet")
UNSOUND = re.compile(f"\0|{ESCAPED.pattern}")
READ_WHOLE = (".json", ".parquet")
BYTES_A_ROW, SMALLEST_HEAD = 4_000, 1_000_000
"""Of a text file of which only the first rows are asked for, that many bytes a row are looked at, and at least."""


@dataclass(frozen=True)
class RawTable:
    """A file's rows before anyone asked for a record type.

    Attributes:
        columns: in order of first appearance, stripped.
        rows: (line number from 1, cells by column); cells are whatever the file holds.
        errors: rows that could not be read, in order.
        complete: whether the file holds no more than these.
        notes: what a reader must know of how the file was read.
    """

    columns: tuple[str, ...]
    rows: list[Cells]
    errors: tuple[RowError, ...] = ()
    complete: bool = True
    notes: tuple[str, ...] = ()

    def require_sound(self) -> None:
        """Refuse a table with a row that cannot be read.

        Raises:
            DataError: the first such row.
        """
        if self.errors:
            raise self.errors[0].raised()


def read_table(path: Path, first: int | None = None) -> RawTable:
    """Read a table.

    Args:
        first: only about that many rows from the beginning, reading no more of the file than they need where possible.

    Raises:
        DataError: unknown kind, too large, empty, not text, or without one sound row.
    """
    kind = path.suffix.lower()
    if kind not in (*TABLES, *DOCUMENTS):
        raise DataError(
            f"{path.name} is a {kind or 'nameless'} file; read are {', '.join((*TABLES, *DOCUMENTS))}.",
            "Save the table as JSONL (one JSON object per line) or CSV with the columns' names in the first row.",
        )
    table = _document(path) if kind in DOCUMENTS else _table(path, kind, first)
    if not table.rows:
        table.require_sound()
        raise DataError(f"{path.name} has no rows.", "Add at least one row under the column names.")
    return table


def _document(path: Path) -> RawTable:
    document = read_document(path)
    rows = document_rows(document)
    return RawTable(tuple(rows[0][1]), rows, notes=document.notes)


def _table(path: Path, kind: str, first: int | None) -> RawTable:
    head = None if first is None else max(first * BYTES_A_ROW, SMALLEST_HEAD)
    found = parquet_rows(path, MOST_ROWS, first and first + 1) if kind == ".parquet" else _found(path, kind, head)
    rows: list[Cells] = []
    errors: list[RowError] = []
    columns: dict[str, None] = {}
    for row in map(_sound, itertools.islice(found, MOST_ROWS if first is None else min(first, MOST_ROWS))):
        if isinstance(row, RowError):
            errors.append(row)
        else:
            columns.update(dict.fromkeys(row[1]))
            rows.append(row)
    more = next(found, None)
    if more is not None and first is None:
        line = more.line if isinstance(more, RowError) else more[0]
        raise DataError(f"{path.name} has more than {MOST_ROWS:,} rows.", "Give a part of it.", row=line)
    complete = more is None and (kind in READ_WHOLE or head is None or path.stat().st_size <= head)
    return RawTable(tuple(columns), rows, tuple(errors), complete)


def _sound(row: Cells | RowError) -> Cells | RowError:
    """The row, or what is wrong with a character of it."""
    if isinstance(row, RowError):
        return row
    line, cells = row
    column = next((column for column, cell in cells.items() if isinstance(cell, str) and UNSOUND.search(cell)), None)
    if column is None:
        return row
    fault = "a NUL character" if "\0" in cells[column] else "a byte that is not UTF-8"
    what = f"There is {fault} in row {line:,}, column {column[:40]!r}."
    return RowError(line, column, what, "Save the file again as plain UTF-8 text.", cells)


def _found(path: Path, kind: str, head: int | None) -> Iterator[Cells | RowError]:
    if kind == ".json":
        return json_rows(decoded(path))
    text = decoded(path, head, tolerant=True)
    if kind in JSON_LINES:
        return json_line_rows(text)
    return delimited_rows(text, kind, cut=head is not None and path.stat().st_size > head)

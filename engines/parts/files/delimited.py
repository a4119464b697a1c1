"""Delimited tables (CSV, TSV) row by row: the dialect is told by the file, a broken row is named and passed over.

A quotation mark that never closes would swallow every row after it; the reader therefore goes back to the line after
the one where the broken record began.

Stays ours: pyarrow.csv reads all that follows an open quotation mark as one cell, takes `"x" tail` for a cell, loses a
column named twice and makes 7 of 007, all without a word.
"""

import csv
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from engines.parts.records.row_errors import Cells, RowError
from workbench.contract.errors import DataError

SEPARATORS = {".csv": ",;\t|", ".tsv": "\t"}
MOST_COLUMNS = 4_096
SNIFFED_CHARACTERS, SNIFFED_ROWS = 65_536, 50
LARGEST_CELL = 200_000_000


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written: what parts the cells, and what stands before a quotation mark inside one."""

    separator: str
    escape: str | None = None


def delimited_rows(text: str, ending: str, cut: bool = False) -> Iterator[Cells | RowError]:
    """Return rows of a delimited file whose first filled line names the columns.

    Args:
        ending: of the file's name.
        cut: the text is only the beginning of the file, so that its last record may lack its end.

    Raises:
        DataError: a column named twice, or too many columns.
    """
    if "\n" not in text:
        text = text.replace("\r", "\n")
    columns: list[str] | None = None
    for line, cells in _numbered(text, dialect_of(text, SEPARATORS[ending]), cut):
        if isinstance(cells, RowError):
            yield cells
        elif columns is None:
            columns = _header(cells)
        else:
            yield _row(line, columns, cells)


def dialect_of(text: str, separators: str) -> Dialect:
    """Return the dialect in which most rows have as many cells as the header; of equals the one with more columns."""
    sample = text[:SNIFFED_CHARACTERS]
    sample = sample[: sample.rfind("\n") + 1] or sample
    escapes = (None, "\\") if '\\"' in sample else (None,)
    dialects = [Dialect(separator, escape) for escape in escapes for separator in separators]
    return max(dialects, key=lambda dialect: _fit(sample, dialect, separators))


def _fit(sample: str, dialect: Dialect, separators: str) -> float:
    found = [cells for _, cells in itertools.islice(_numbered(sample, dialect, cut=True), SNIFFED_ROWS)]
    widths = [0 if isinstance(cells, RowError) else len(cells) for cells in found]
    header = found[0] if found else []
    if isinstance(header, RowError) or not header:
        return 0.0
    agreeing = sum(width == len(header) for width in widths) / len(widths)
    undivided = len(header) == 1 and any(separator in header[0] for separator in separators)
    return agreeing * (0.1 if undivided else len(header))


class _Lines:
    """Lines of a text with their ends, for a reader that may have to go back."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.line = text, 0, 0
        self.second = (0, 0)
        self.begins = 1

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.at >= len(self.text):
            raise StopIteration
        begin, self.at = self.at, self.text.find("\n", self.at) + 1 or len(self.text)
        self.line += 1
        if self.line == self.begins:
            self.second = (self.at, self.line)
        return self.text[begin : self.at]

    def begin_record(self) -> None:
        """Return the next line begins a record."""
        self.begins = self.line + 1

    def back_to_second_line(self) -> None:
        """Give the lines after the first line of the record once more."""
        self.at, self.line = self.second


def _numbered(text: str, dialect: Dialect, cut: bool) -> Iterator[tuple[int, list[str] | RowError]]:
    # A record may span lines: it is known by the one on which it begins.
    # The default limit of a cell (131,072 characters) is below what one long passage may take.
    csv.field_size_limit(LARGEST_CELL)
    lines = _Lines(text)
    reader = csv.reader(
        lines,
        delimiter=dialect.separator,
        escapechar=dialect.escape,
        doublequote=dialect.escape is None,
        strict=True,
    )
    while True:
        lines.begin_record()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if cut and lines.at >= len(text):
                return
            yield lines.begins, _wrongly_quoted(lines, error)
            lines.back_to_second_line()
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield lines.begins, cells


def _wrongly_quoted(lines: _Lines, error: csv.Error) -> RowError:
    end = lines.second[0]
    begin = lines.text.rfind("\n", 0, end - 1) + 1
    return RowError(
        line=lines.begins,
        field="",
        what=f"Row {lines.begins:,} is wrongly quoted: {error}.",
        remedy='Put text that holds the separator in "..." and double every quotation mark inside.',
        row=lines.text[begin:end].rstrip("\r\n"),
    )


def _header(cells: list[str]) -> list[str]:
    columns = [cell.strip() for cell in cells]
    if len(columns) > MOST_COLUMNS:
        raise DataError(
            f"The header names {len(columns):,} columns, at most {MOST_COLUMNS:,} are read.",
            "Check the separator, or give the columns that are needed.",
            row=1,
        )
    (column, times), *_ = Counter(columns).most_common(1)
    if times > 1:
        raise DataError(
            f"The column {column[:40]!r} appears {times} times.",
            "Give each column a name of its own.",
            row=1,
            field=column[:40],
        )
    return columns


def _row(line: int, columns: list[str], cells: list[str]) -> Cells | RowError:
    if len(cells) == len(columns):
        return line, dict(zip(columns, cells, strict=True))
    return RowError(
        line=line,
        field="",
        what=f"Row {line:,} has {len(cells)} cells, the header names {len(columns)} columns.",
        remedy='Put text that holds the separator in "...", or give the missing cells.',
        row=cells,
    )

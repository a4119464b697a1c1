"""A researcher's own table of sentences: JSONL, CSV or TSV with one column per language, read strictly.

Nothing is guessed and nothing is repaired in silence: what is dropped is counted, what is wrong is refused with its row
and column.
"""

import codecs
import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import DataError

if TYPE_CHECKING:
    import _csv

LARGEST_FILE = 200_000_000
MOST_ROWS = 1_000_000
SEPARATORS = {".csv": ",;\t", ".tsv": "\t"}
JSON_LINES = (".jsonl", ".ndjson")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class RawTable:
    """A file's rows before anyone asked for a language.

    Attributes:
        columns: in order of first appearance, stripped.
        rows: (line number from 1, cells by column); cells are whatever the file holds.
    """

    columns: tuple[str, ...]
    rows: list[tuple[int, dict[str, Any]]]


def read_table(path: Path) -> RawTable:
    """Read a JSONL, CSV or TSV file.

    Raises:
        DataError: unknown kind, too large, empty, not UTF-8 or UTF-16, or malformed; names the row where there is one.
    """
    kind = path.suffix.lower()
    if kind not in JSON_LINES and kind not in SEPARATORS:
        raise DataError(
            f"{path.name} is a {kind or 'nameless'} file; read are .jsonl, .csv and .tsv.",
            "Save the table as JSONL (one JSON object per line) or CSV, with one column per language.",
        )
    text = decoded(path)
    records = _json_lines(text) if kind in JSON_LINES else _delimited(text, SEPARATORS[kind])
    rows: list[tuple[int, dict[str, Any]]] = []
    columns: dict[str, None] = {}
    for line, cells in records:
        if len(rows) >= MOST_ROWS:
            raise DataError(f"{path.name} has more than {MOST_ROWS:,} rows.", "Give a part of it.", row=line)
        columns.update(dict.fromkeys(cells))
        rows.append((line, cells))
    if not rows:
        raise DataError(f"{path.name} has no rows of sentences.", "Add at least one row under the column names.")
    return RawTable(tuple(columns), rows)


def decoded(path: Path) -> str:
    """Text of a file in UTF-8 or, with its byte order mark, UTF-16.

    Raises:
        DataError: larger than allowed, empty, another encoding, or NUL characters.
    """
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise DataError(f"{path.name} has {size:,} bytes, at most {LARGEST_FILE:,} are read.", "Give a part of it.")
    content = path.read_bytes()
    if not content.strip():
        raise DataError(f"{path.name} is empty.", "Upload a table with one column per language.")
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} is not {encoding.upper()}: byte {error.start:,} cannot be read.",
            "Save the file again as UTF-8 (in a spreadsheet: CSV UTF-8).",
            row=content.count(b"\n", 0, error.start) + 1,
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DataError(
            f"{path.name} holds a NUL character in row {line:,}.", "Save the file again as plain UTF-8 text.", row=line
        )
    return text


def _json_lines(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    # Not splitlines(): a sentence may hold U+2028, which is no end of line in JSON.
    for line, content in enumerate(text.split("\n"), 1):
        if not content.strip():
            continue
        try:
            record = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"Row {line:,} is not a JSON object: {str(error)[:120]}.",
                'Write one JSON object per line, such as {"en": "...", "fr": "..."}.',
                row=line,
            ) from error
        if not isinstance(record, dict):
            raise DataError(
                f"Row {line:,} is a JSON {type(record).__name__}, not an object.",
                'Write one JSON object per line, such as {"en": "...", "fr": "..."}.',
                row=line,
            )
        yield line, {key.strip(): value for key, value in record.items()}


def _delimited(text: str, separators: str) -> Iterator[tuple[int, dict[str, Any]]]:
    # The default limit of a cell (131,072 characters) is below what one long passage may take.
    csv.field_size_limit(LARGEST_FILE)
    head = text.partition("\n")[0]
    separator = max(separators, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: list[str] | None = None
    for line, cells in _numbered(reader):
        if columns is not None:
            yield line, _record(line, columns, cells)
        columns = columns or _header(cells)


def _numbered(reader: "_csv.Reader") -> Iterator[tuple[int, list[str]]]:
    # A record may span lines: it is known by the one on which it begins.
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"Row {begins:,} is wrongly quoted: {error}.",
            'Put text that holds the separator in "..." and double every quotation mark inside.',
            row=begins,
        ) from error


def _header(cells: list[str]) -> list[str]:
    columns = [cell.strip() for cell in cells]
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise DataError(
            f"The column {twice[0][:40]!r} appears {columns.count(twice[0])} times.",
            "Give each column a name of its own.",
            row=1,
            field=twice[0][:40],
        )
    return columns


def _record(line: int, columns: list[str], cells: list[str]) -> dict[str, Any]:
    if len(cells) != len(columns):
        raise DataError(
            f"Row {line:,} has {len(cells)} cells, the header names {len(columns)} columns.",
            'Put text that holds the separator in "...", or give the missing cells.',
            row=line,
        )
    return dict(zip(columns, cells, strict=True))

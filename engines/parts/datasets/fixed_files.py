"""What a reading found, as files to take home: usable rows under the names of the fields, broken ones with reasons."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from engines.parts.datasets.records import Records
from engines.parts.records.cell_values import shown
from engines.parts.records.record_types import Record
from engines.parts.records.row_errors import RowError
from workbench.contract.errors import DataError

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
FORMATS = (".csv", ".jsonl")
REASONS = ("line", "field", "problem", "remedy")


@dataclass(frozen=True)
class FixedFiles:
    """The two files of a reading.

    Attributes:
        usable: every usable row, one column per field of the record; reads back as the same records.
        broken: every broken row as it stood, after its line, field, problem and remedy; None where no row is broken.
    """

    usable: Path
    broken: Path | None


def fixed_file(records: Records[Any], path: Path) -> FixedFiles:
    """Write the usable rows to `path` (.csv or .jsonl), and the broken ones beside it as NAME-broken.

    Text that a spreadsheet would take for a formula stands behind an apostrophe in CSV; JSONL holds it as it is.

    Raises:
        DataError: another ending, or no usable row.
    """
    if path.suffix not in FORMATS:
        raise DataError(f"{path.name} is neither .csv nor .jsonl.", "Name the file NAME.csv or NAME.jsonl.")
    if not records.rows:
        raise DataError(f"{records.source} has no usable row to write.", "Mend its rows first.")
    fields = tuple(type(records.rows[0]).model_fields)
    _write(path, fields, (_cells(row) for row in records.rows))
    if not records.errors:
        return FixedFiles(path, None)
    broken = path.with_stem(f"{path.stem}-broken")
    columns = (*REASONS, *(column for column in records.columns if column not in REASONS), "row")
    _write(broken, columns, (_broken(error, records.columns) for error in records.errors))
    return FixedFiles(path, broken)


def csv_cell(value: Any) -> Any:
    """Return the value as a cell: nothing for None, lists and objects as JSON, formulas behind an apostrophe."""
    if isinstance(value, list | tuple | dict):
        value = json.dumps(value, ensure_ascii=False, default=shown)
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value


def _cells(row: Record) -> dict[str, Any]:
    return row.model_dump(mode="json")


def _broken(error: RowError, columns: Sequence[str]) -> dict[str, Any]:
    said = {"line": error.line, "field": error.field, "problem": error.what, "remedy": error.remedy}
    if isinstance(error.row, Mapping):
        return {column: cell for column, cell in error.row.items() if column in columns} | said
    if isinstance(error.row, list):
        return dict(zip(columns, error.row, strict=False)) | {"row": error.row} | said
    return said | {"row": error.row}


def _write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    # Half of a character, which a broken row may hold, is written as a question mark.
    with path.open("w", encoding="utf-8", errors="replace", newline="") as out:
        if path.suffix == ".csv":
            _write_csv(out, columns, rows)
        else:
            out.writelines(json.dumps(dict(row), ensure_ascii=False, default=shown) + "\n" for row in rows)


def _write_csv(out: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([csv_cell(column) for column in columns])
    writer.writerows([csv_cell(row.get(column)) for column in columns] for row in rows)

"""Rows of any data set as typed records: read, mapped, checked row by row.

An engine names its record type and reads it; what cannot be used is named, the rest is:

    class Question(Record): ...                                  # engines.parts.records.record_types
    records = read_records("upload:mine.csv", Question)          # columns found by name, synonym, type and content
    records = read_records(ref, Question, {"question": "Q", "answers": "Gold answer"}, limit=200, seed=1)
    records.rows       tuple[Question, ...]      each with a stable `id`: the data's own, else its line or row number
    records.errors     tuple[RowError, ...]      one per broken row: line, field, what, remedy, and the row itself
    records.mapping    {"question": "Q", ...}    field -> column; `format_mapping(records.mapping)` as text
    records.columns, records.notes, records.source, records.credit, records.lines

Around it:
- `column_mapping`: `propose_mapping(columns, rows, Kind) -> MappingProposal` (`.matches` with column,
  confidence and reason, `.mapping`, `.missing`, `.unused`), `parse_mapping(text)`, `format_mapping(mapping)`.
- `data_preview`: `preview(ref, Kind=None, rows=20, mapping=None) -> DataPreview`: first rows, statistics,
  errors, the proposal; reads only the first rows of a large file.
- `data_statistics`: `statistics_of(columns, rows) -> DataStatistics`.
- `engines.parts.datasets.fixed_files`: `fixed_file(records, path)`: the usable rows, and the broken ones with reasons.
- `engines.parts.records.splits`: `sample`, `split`: by seed, without leaking groups.
- `engines.parts.datasets.datasets`: `source_table(ref)`: the rows as the file holds them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from engines.parts.datasets.column_mapping import KNOWN, SURE, closest_columns, propose_mapping, unknown_column
from engines.parts.datasets.column_templates import cell_of, is_template
from engines.parts.datasets.datasets import SourceTable, source_table
from engines.parts.files.table_files import RawTable
from engines.parts.records.cell_values import MISSING, CellReader, flattened, shown
from engines.parts.records.record_types import Record, described_type
from engines.parts.records.row_errors import Cells, RowError
from engines.parts.records.splits import drawn_keys
from engines.parts.registry.packages import ProgressCallback, no_progress
from workbench.contract.errors import DataError

Kind = TypeVar("Kind", bound=Record)
_Column = tuple[str, Callable[[Mapping[str, Any]], Any], CellReader]
SAMPLED = 200
"""Rows that a mapping is proposed from."""


@dataclass(frozen=True)
class Records(Generic[Kind]):
    """The usable rows of a data set, and what is wrong with the others.

    Attributes:
        rows: records in the order of the data; their ids are unique.
        lines: of each record, its line or row number in the file.
        errors: one per broken row, in order.
        columns: of the table, nested ones as "answers.text".
        mapping: column by field, as it was used.
        notes: what was left out or decided, in sentences for the reader.
        source: name of the bundled set or the file.
        credit: whom to name, and under which terms; empty where it is not known.
    """

    rows: tuple[Kind, ...]
    lines: tuple[int, ...]
    errors: tuple[RowError, ...]
    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    notes: tuple[str, ...]
    source: str
    credit: str


def read_records(
    ref: str,
    kind: type[Kind],
    mapping: Mapping[str, str] | None = None,
    limit: int | None = None,
    seed: int = 0,
    report: ProgressCallback = no_progress,
) -> Records[Kind]:
    """Read the rows that a reference names as records of `kind`.

    Args:
        mapping: column by field; fields left out keep their defaults. Without it the surest proposal is used.
        limit: at most that many usable rows, drawn by `seed`; a smaller draw is part of a larger one.
        report: hears of a download.

    Raises:
        DataError: no such data, a required field without a column, or not one usable row.
        ResourceError: the disk is too full to fetch bundled data.
    """
    records = records_of(source_table(ref, report), kind, mapping)
    if not records.rows:
        raise _no_usable_row(records)
    return records if limit is None else _drawn(records, limit, seed)


def records_of(source: SourceTable, kind: type[Kind], mapping: Mapping[str, str] | None = None) -> Records[Kind]:
    """Read rows of a table as records, as `read_records` without a limit; without one usable row `rows` is empty.

    Raises:
        DataError: a required field without a column, a field or column that does not exist.
    """
    columns, rows = flat_rows(source.table)
    used, told = (dict(mapping), ()) if mapping is not None else _proposed(source.name, columns, rows, kind)
    _require_known(source.name, used, columns, kind)
    readers = {
        field: (column, cell_of(column, columns), CellReader(kind.model_fields[field]))
        for field, column in used.items()
    }
    found: list[tuple[int, Kind]] = []
    errors = list(source.table.errors)
    for line, cells in rows:
        record = _read(line, cells, readers, kind)
        if isinstance(record, RowError):
            errors.append(record)
        else:
            found.append((line, record))
    errors.sort(key=lambda error: error.line)
    usable, notes = _named_apart(found)
    lines = tuple(line for line, _ in found)
    return Records(
        usable, lines, tuple(errors), columns, used, (*source.table.notes, *told, *notes), source.name, source.credit
    )


def flat_rows(table: RawTable) -> tuple[tuple[str, ...], list[Cells]]:
    """Return columns and rows of a table, nested objects beside what they hold: {"a": {"b": 1}} has "a" and "a.b"."""
    rows = [(line, flattened(cells)) for line, cells in table.rows]
    return tuple(dict.fromkeys(column for _, cells in rows for column in cells)), rows


def _proposed(
    name: str, columns: tuple[str, ...], rows: list[Cells], kind: type[Record]
) -> tuple[dict[str, str], tuple[str, ...]]:
    proposal = propose_mapping(columns, [cells for _, cells in rows[:SAMPLED]], kind)
    if proposal.missing:
        field = proposal.missing[0]
        raise _no_column(name, field, columns, closest_columns(field, kind, columns))
    used = [match for match in proposal.matches if match.column and match.confidence >= SURE]
    notes = [
        f"{match.field} was read from the column {match.column!r}: {match.reason}"
        for match in used
        if match.confidence < KNOWN or is_template(match.column or "", columns)
    ]
    return proposal.mapping, tuple(notes)


def _require_known(name: str, mapping: Mapping[str, str], columns: tuple[str, ...], kind: type[Record]) -> None:
    for field, column in mapping.items():
        if field not in kind.model_fields:
            raise DataError(
                f"The mapping names the field {field[:40]!r}; {kind.__name__} has {', '.join(kind.model_fields)}.",
                "Write field=column with one of these fields.",
                field=field[:40],
            )
        lacking = unknown_column(column, columns)
        if lacking is not None:
            raise _no_column(name, field, columns, closest_columns(field, kind, columns), lacking)
    for field, info in kind.model_fields.items():
        if info.is_required() and field not in mapping:
            raise _no_column(name, field, columns, closest_columns(field, kind, columns))


def _no_column(name: str, field: str, columns: tuple[str, ...], near: list[str], asked: str | None = None) -> DataError:
    what = f"has no column {asked[:40]!r} for {field}" if asked else f"has no column that is clearly the {field}"
    listed = ", ".join(repr(column[:40]) for column in columns[:12]) + (" and more" if len(columns) > 12 else "")
    choose = near[0] if near else columns[0] if columns else "COLUMN"
    return DataError(
        f"{name} {what}; its columns are {listed or 'none'}.",
        f"{'The closest is' if near else 'Name the column:'} {field}={choose[:40]}"
        f"{'' if near else ' for example'}; confirm it in the mapping, or rename the column.",
        field=field,
    )


def _read(line: int, cells: Mapping[str, Any], readers: Mapping[str, _Column], kind: type[Kind]) -> Kind | RowError:
    read = ((field, reader(cell(cells))) for field, (_, cell, reader) in readers.items())
    try:
        return kind.model_validate({"id": str(line), **{field: value for field, value in read if value is not MISSING}})
    except ValidationError as error:
        mapping = {field: column for field, (column, *_) in readers.items()}
        return _row_error(RowError(line, "", "", "", cells), mapping, kind, error)


def _row_error(row: RowError, mapping: Mapping[str, str], kind: type[Record], error: ValidationError) -> RowError:
    # A fault of the row as a whole, from a validator of the record, has no field.
    faults = {str(fault["loc"][0]) if fault["loc"] else "": fault for fault in error.errors()}
    (field, fault), *others = faults.items()
    also = f" (also: {', '.join(name for name, _ in others)})" if others else ""
    what, remedy = _explained(fault, row.row, mapping.get(field, field), kind.model_fields.get(field))
    return replace(row, field=field, what=f"Row {row.line:,}: {what}{also}.", remedy=remedy)


def _explained(fault: ErrorDetails, cells: Mapping[str, Any], column: str, field: FieldInfo | None) -> tuple[str, str]:
    if field is None:
        return fault["msg"], "Mend the row, or leave it out."
    if fault["type"] == "missing":
        return f"{column!r} is empty", "Fill the cell, or leave the row out."
    return f"{column!r} holds {shown(cells.get(column))}", f"It must be {described_type(field)}: {fault['msg']}."


def _named_apart(found: list[tuple[int, Kind]]) -> tuple[tuple[Kind, ...], tuple[str, ...]]:
    seen: set[str] = set()
    rows: list[Kind] = []
    for line, record in found:
        if record.id in seen:
            record = record.model_copy(update={"id": f"{record.id}#{line}"})
        seen.add(record.id)
        rows.append(record)
    again = sum(before is not after for (_, before), after in zip(found, rows, strict=True))
    note = f"{again:,} rows have the id of an earlier row; their line number was added to it."
    return tuple(rows), (note,) if again else ()


def _drawn(records: Records[Kind], limit: int, seed: int) -> Records[Kind]:
    if len(records.rows) <= limit:
        return records
    chosen = drawn_keys((record.id for record in records.rows), limit, seed)
    kept = [pair for pair in zip(records.rows, records.lines, strict=True) if pair[0].id in chosen]
    note = f"{limit:,} of {len(records.rows):,} usable rows were drawn with seed {seed}."
    rows, lines = tuple(row for row, _ in kept), tuple(line for _, line in kept)
    return replace(records, rows=rows, lines=lines, notes=(*records.notes, note))


def _no_usable_row(records: Records[Any]) -> DataError:
    first = records.errors[0]
    return DataError(
        f"None of the {len(records.errors):,} rows of {records.source} can be used. {first.what}",
        first.remedy,
        row=first.line,
        field=first.field or None,
    )

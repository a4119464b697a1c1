"""The data preview's recipe: read the beginning, say what the columns hold, map them, then check every row."""

from collections.abc import Mapping, Sequence
from typing import Any

from engines.data_preview.method_settings import languages_of, method_settings, record_kinds_of, values_of
from engines.data_preview.record_kinds import RECORD_KINDS, best_kind
from engines.parts.catalogue import keep_count
from engines.parts.datasets import (
    SAMPLED,
    ColumnStatistics,
    DataPreview,
    FieldMatch,
    Records,
    SourceTable,
    data_warnings,
    fixed_file,
    format_mapping,
    preview,
    propose_mapping,
    records_of,
    source_table,
)
from engines.parts.records import Record, RowError, described_type, shown
from workbench.contract import RunLog, Setting, field_docs
from workbench.tool_questions.data_preview import (
    BrokenRow,
    ColumnFacts,
    FileFacts,
    Looking,
    PreviewRow,
    ProposedField,
    RecordChoice,
    RecordFacts,
)

MOST_BROKEN = 1_000
SPREADSHEETS = (".csv", ".tsv", ".parquet")
"""Files whose usable rows are given back as CSV; those of others as JSONL."""

LONGEST_CELL = 600


def run(asked: Looking, log: RunLog) -> None:
    """Look into the file, and check its rows once every required field has a column.

    Raises:
        DataError: no such data, a file without one row that can be read, or a mapping of unknown fields or columns.
        ResourceError: the disk is too full to fetch bundled data.
    """

    def report(what: str, done: int, total: int) -> None:
        log.progress(done, total, what)

    with log.phase("Read the beginning"):
        seen = preview(asked.data, rows=SAMPLED, report=report)
        _tell_file(seen, log)
    cells = [row for _, row in seen.rows]
    kinds, followers = _kinds(asked, log)
    name = (
        asked.record
        if asked.record in kinds
        else next(iter(kinds), "")
        if asked.setting
        else best_kind(seen.columns, cells)
    )
    for each, record in kinds.items():
        log.row(RecordChoice(name=each, help=_first_line(record), chosen=each == name))
    broken = seen.errors
    if not name:
        _count(source_table(asked.data))
    else:
        with log.phase("Find the columns"):
            mapping = mapped(asked.mapping, seen.columns, cells, kinds[name], log)
        if all(field in mapping for field, info in kinds[name].model_fields.items() if info.is_required()):
            with log.phase("Check every row"):
                records = _checked(asked.data, name, kinds[name], mapping, log)
            broken = records.errors
            for found in values_of(records, followers):
                log.row(found)
    for error in broken[:MOST_BROKEN]:
        log.row(broken_row(error))


def _kinds(asked: Looking, log: RunLog) -> tuple[Mapping[str, type[Record]], tuple[Setting, ...]]:
    """The records that rows may be read as, and the settings that are chosen among what the data holds."""
    if not asked.setting:
        return RECORD_KINDS, ()
    setting, followers = method_settings(asked.setting)
    for found in languages_of(asked.data, followers):
        log.row(found)
    return record_kinds_of(setting), followers


def mapped(
    confirmed: tuple[str, ...],
    columns: tuple[str, ...],
    cells: Sequence[Mapping[str, Any]],
    kind: type[Record],
    log: RunLog,
) -> dict[str, str]:
    """Return the column of each field: as confirmed, else as proposed; each field is told with its reason."""
    proposal = propose_mapping(columns, cells, kind)
    chosen = dict(part.split("=", 1) for part in confirmed if "=" in part) if confirmed else proposal.mapping
    for match in sorted(proposal.matches, key=lambda match: match.field == "id"):
        log.row(_field(match, chosen.get(match.field, ""), kind))
    return chosen


def broken_row(error: RowError) -> BrokenRow:
    """Return a row that cannot be used, as the page tells it."""
    return BrokenRow(line=error.line, field=error.field, what=error.what, remedy=error.remedy)


def _checked(ref: str, name: str, kind: type[Record], mapping: Mapping[str, str], log: RunLog) -> Records[Any]:
    source = source_table(ref)
    records = records_of(source, kind, mapping)
    _count(source, name)
    log.row(
        RecordFacts(
            record=name, usable=len(records.rows), broken=len(records.errors), setting=format_mapping(records.mapping)
        )
    )
    for note in (*records.notes, *data_warnings(records)):
        log.note(note)
    if records.rows:
        ending = ".csv" if source.path.suffix.lower() in SPREADSHEETS else ".jsonl"
        fixed_file(records, log.artifact(f"fixed{ending}"))
        log.artifact(f"fixed-broken{ending}")
    return records


def _count(source: SourceTable, record: str = "") -> None:
    keep_count(source.path, len(source.table.rows) + len(source.table.errors), record)


def _tell_file(seen: DataPreview[Any], log: RunLog) -> None:
    log.row(
        FileFacts(
            name=seen.source,
            kind=seen.source.rpartition(".")[2] if "." in seen.source else "bundled",
            rows=seen.statistics.rows,
            columns=len(seen.columns),
            unreadable=len(seen.errors),
            complete=seen.complete,
            credit=seen.credit,
        )
    )
    for column in seen.statistics.columns:
        log.row(_column(column))
    for line, cells in seen.rows:
        log.row(PreviewRow(line=line, cells=tuple(cell_text(cells.get(column)) for column in seen.columns)))
    for note in seen.notes:
        log.note(note)


def cell_text(value: Any) -> str:
    """Return a cell as text, at most 600 characters."""
    text = value if isinstance(value, str) else "" if value is None else shown(value, LONGEST_CELL)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def _column(column: ColumnStatistics) -> ColumnFacts:
    lengths = column.characters
    return ColumnFacts(
        column=column.column,
        filled=column.filled,
        distinct=column.distinct,
        kind=column.kind,
        shortest=lengths.shortest if lengths else 0,
        typical=lengths.median if lengths else 0,
        longest=lengths.longest if lengths else 0,
        example=column.examples[0] if column.examples else "",
    )


def _field(match: FieldMatch, column: str, kind: type[Record]) -> ProposedField:
    info = kind.model_fields[match.field]
    holds = described_type(info)
    proposed = column == (match.column or "")
    return ProposedField(
        field=match.field,
        help=" ".join(field_docs(kind).get(match.field, "").split()) + ("" if holds == "text" else f" Holds {holds}."),
        column=column,
        confidence=match.confidence if proposed else 1.0,
        reason=match.reason if proposed else "As you chose.",
        required=match.required,
    )


def _first_line(record: type[Record]) -> str:
    return (record.__doc__ or "").strip().partition("\n")[0]

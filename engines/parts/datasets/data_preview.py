"""A look into a data set before it is used: first rows, statistics, what is wrong, and which column is which field."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from engines.parts.datasets.column_mapping import MappingProposal, propose_mapping
from engines.parts.datasets.data_statistics import DataStatistics, statistics_of
from engines.parts.datasets.datasets import source_table
from engines.parts.datasets.records import SAMPLED, Records, flat_rows, records_of
from engines.parts.datasets.repetitions import data_warnings
from engines.parts.records.record_types import Record
from engines.parts.records.row_errors import Cells, RowError
from engines.parts.registry.packages import ProgressCallback, no_progress
from workbench.contract.errors import DataError

Kind = TypeVar("Kind", bound=Record)
LOOKED_AT = 20_000
"""Rows of a file that a preview reads."""


@dataclass(frozen=True)
class DataPreview(Generic[Kind]):
    """The beginning of a data set.

    Attributes:
        rows: the first rows, (line, cells by column), nested objects flattened.
        statistics: of all rows that were looked at.
        errors: rows that cannot be read, or with a record type and a whole mapping also rows that cannot be used.
        complete: whether every row was looked at.
        proposal: columns for the record's fields; None without a record type.
        records: the rows that were looked at as records; None without a record type or while a field lacks its column.
        warnings: what a reader must know before a run: rows that repeat each other.
        problem: what stands in the way of reading the records; None where nothing does.
    """

    source: str
    credit: str
    columns: tuple[str, ...]
    rows: tuple[Cells, ...]
    statistics: DataStatistics
    errors: tuple[RowError, ...]
    complete: bool
    notes: tuple[str, ...] = ()
    proposal: MappingProposal | None = None
    records: Records[Kind] | None = None
    problem: DataError | None = None
    warnings: tuple[str, ...] = ()


def preview(
    ref: str,
    kind: type[Kind] | None = None,
    rows: int = 20,
    mapping: Mapping[str, str] | None = None,
    report: ProgressCallback = no_progress,
) -> DataPreview[Kind]:
    """Read the beginning of the data set that a reference names; of a large file no more is read than is looked at.

    Args:
        kind: the record type that the rows are wanted as.
        rows: how many rows to show.
        mapping: column by field, as confirmed so far; without it the proposal is used.

    Raises:
        DataError: no such data, or a file without one row that can be read.
        ResourceError: the disk is too full to fetch bundled data.
    """
    source = source_table(ref, report, first=LOOKED_AT)
    columns, found = flat_rows(source.table)
    cells = [each for _, each in found]
    seen = DataPreview[Kind](
        source.name,
        source.credit,
        columns,
        tuple(found[:rows]),
        statistics_of(columns, cells),
        source.table.errors,
        source.table.complete,
        source.table.notes,
    )
    if kind is None:
        return seen
    proposal = propose_mapping(columns, cells[:SAMPLED], kind)
    try:
        records = records_of(source, kind, mapping)
    except DataError as problem:
        return replace(seen, proposal=proposal, problem=problem)
    told = data_warnings(records)
    return replace(seen, proposal=proposal, records=records, errors=records.errors, warnings=told)

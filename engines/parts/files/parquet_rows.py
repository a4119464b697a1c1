"""Rows of Parquet files, read by `parquet_text` in a process of its own within limits of memory, time and size."""

import json
from collections.abc import Iterator
from pathlib import Path

from engines.parts.files import parquet_text
from engines.parts.files.delimited import MOST_COLUMNS
from engines.parts.files.sandboxed_scripts import said_by
from engines.parts.records.row_errors import Cells
from workbench.contract.errors import DataError

LARGEST_PACKED = 400_000_000
LARGEST_UNPACKED = 1_000_000_000
REMEDY = "Give a part of it, or save the table as JSONL."


def parquet_rows(path: Path, most_rows: int, first: int | None = None) -> Iterator[Cells]:
    """Return rows of a Parquet file, numbered from 1.

    Args:
        most_rows: a longer file is refused by its footer, unread.
        first: only that many rows.

    Raises:
        DataError: not a sound Parquet file, more rows than `most_rows`, or larger unpacked than allowed.
    """
    _require_modest(path, most_rows)
    with said_by(parquet_text, path, str(most_rows if first is None else first), remedy=REMEDY) as lines:
        for number, line in enumerate(lines, 1):
            yield number, json.loads(line)


def _require_modest(path: Path, most_rows: int) -> None:
    import pyarrow
    from pyarrow import parquet

    try:
        footer = parquet.read_metadata(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{path.name} is not a sound Parquet file.", "Write it again, or save it as JSONL.") from error
    unpacked = sum(footer.row_group(index).total_byte_size for index in range(footer.num_row_groups))
    for count, most, what in (
        (path.stat().st_size, LARGEST_PACKED, "bytes"),
        (footer.num_columns, MOST_COLUMNS, "columns"),
        (footer.num_rows, most_rows, "rows"),
        (unpacked, LARGEST_UNPACKED, "bytes unpacked"),
    ):
        if count > most:
            raise DataError(f"{path.name} has {count:,} {what}; at most {most:,} are read.", REMEDY)

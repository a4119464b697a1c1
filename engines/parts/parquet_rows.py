"""Rows of Parquet files, a few at a time, within a budget of memory.

A Parquet file of a few kilobytes can stand for terabytes: a column of a million rows may name one large value a million
times. So the sizes in the footer are checked before anything is read, text columns are read as references to their
distinct values, and what the rows hold is added up while they are read.
"""

import datetime
import decimal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.parts.delimited import MOST_COLUMNS
from engines.parts.row_errors import Cells
from workbench.errors import DataError

if TYPE_CHECKING:
    import pyarrow

LARGEST_UNPACKED = 1_000_000_000
LARGEST_PACKED = 400_000_000
ROWS_A_STEP = 256


def parquet_rows(path: Path, most_rows: int) -> Iterator[Cells]:
    """Rows of a Parquet file, numbered from 1.

    Raises:
        DataError: not a sound Parquet file, more than `most_rows` rows, or larger unpacked than allowed.
    """
    import pyarrow

    try:
        yield from _rows(path, most_rows)
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path.name} is not a sound Parquet file: {str(error).splitlines()[0][:200]}",
            "Write it again, or save the table as JSONL.",
        ) from error


def _rows(path: Path, most_rows: int) -> Iterator[Cells]:
    from pyarrow import parquet

    if path.stat().st_size > LARGEST_PACKED:
        raise _too_large(path, f"has {path.stat().st_size:,} bytes", LARGEST_PACKED)
    footer = parquet.read_metadata(path)
    _require_modest(path, footer, most_rows)
    names = [footer.schema.column(index).path for index in range(footer.num_columns)]
    left, number = LARGEST_UNPACKED, 0
    with parquet.ParquetFile(path, read_dictionary=names, pre_buffer=False) as file:
        for batch in file.iter_batches(batch_size=ROWS_A_STEP, use_threads=False):
            left -= batch.nbytes
            if left < 0:
                raise _too_large(path, "unpacks to more", LARGEST_UNPACKED)
            for cells in zip(*(_values(column) for column in batch.columns), strict=True):
                number += 1
                yield number, dict(zip(batch.schema.names, cells, strict=True))


def _require_modest(path: Path, footer: Any, most_rows: int) -> None:
    unpacked = sum(footer.row_group(index).total_byte_size for index in range(footer.num_row_groups))
    if footer.num_columns > MOST_COLUMNS:
        raise _too_large(path, f"has {footer.num_columns:,} columns", MOST_COLUMNS)
    if footer.num_rows > most_rows:
        raise _too_large(path, f"has {footer.num_rows:,} rows", most_rows)
    if unpacked > LARGEST_UNPACKED:
        raise _too_large(path, f"unpacks to {unpacked:,} bytes", LARGEST_UNPACKED)


def _too_large(path: Path, found: str, most: int) -> DataError:
    return DataError(f"{path.name} {found}; at most {most:,} are read.", "Give a part of it.")


def _values(column: "pyarrow.Array") -> list[Any]:
    import pyarrow

    if isinstance(column, pyarrow.DictionaryArray):
        # Equal values stay one object: a million references to one long text take the memory of one.
        distinct = [_plain(value) for value in column.dictionary.to_pylist()]
        return [None if index is None else distinct[index] for index in column.indices.to_pylist()]
    return [_plain(value) for value in column.to_pylist()]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    return value

"""Run as a script, `python parquet_text.py FILE ROWS`: the first rows of a Parquet file as lines of JSON.

A Parquet file of a kilobyte can stand for terabytes: a column may name one large value a million times, in lists a
million times a row. So it is read in a process of its own, which limits its memory, its time and what it writes before
it opens the file. The script imports nothing of the project; `engines.parts.files.parquet_rows` starts it.
"""

import base64
import datetime
import decimal
import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MEMORY_BYTES = 2_000_000_000
SECONDS = 300
LARGEST_WRITTEN = 250_000_000
ROWS_A_STEP = 64


def lines_of(path: Path, most_rows: int) -> Iterator[str]:
    """Return rows as lines of JSON, at most that many; numbers that JSON lacks are null.

    Raises:
        ArrowException, OSError: not a sound Parquet file.
    """
    from pyarrow import parquet

    left = most_rows
    with parquet.ParquetFile(path, pre_buffer=False) as file:
        for batch in file.iter_batches(batch_size=ROWS_A_STEP, use_threads=False):
            for row in batch.slice(0, left).to_pylist():
                yield json.dumps(plain(row), ensure_ascii=False, allow_nan=False, default=str)
            left -= min(left, batch.num_rows)
            if not left:
                return


def plain(value: Any) -> Any:
    """Return a value of a Parquet column as JSON knows it; bytes are text where they are UTF-8, else base64."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        value = float(value)
    return None if isinstance(value, float) and value - value != 0 else value


def _limit_this_process() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_WRITTEN, LARGEST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Read the file that the command line names."""
    _limit_this_process()
    for line in lines_of(Path(sys.argv[1]), int(sys.argv[2])):
        sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n")


if __name__ == "__main__":
    main()

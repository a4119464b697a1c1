"""Tables of an example as Parquet files, and the event log that names them."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from workbench.contract.events import ChunkAdded, EventBase, Note, RowAdded

if TYPE_CHECKING:
    import pyarrow as pa

Rows = list[dict[str, Any]]
LEFT_OUT = ("row", "chunk", "progress")
"""Events that an example does without: its rows lie in Parquet, its progress is past."""
LEVEL = 19
"""Of zstd: written once, read often."""


@dataclass
class Example:
    """What was written of a run's tables.

    Attributes:
        tables: name -> rows in the order in which the example holds them.
        chunks: (table, file, rows) of every Parquet file.
        said: tables that stay in the event log, because Parquet would not give them back value for value.
    """

    tables: dict[str, Rows] = field(default_factory=dict)
    chunks: list[tuple[str, str, int]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def write_tables(tables: Mapping[str, Rows], folder: Path) -> Example:
    """Write each table as one Parquet file, or one a kind of values where a column holds numbers and vectors."""
    example = Example()
    for name, rows in tables.items():
        parts = _parts(rows)
        if parts is None:
            example.tables[name] = rows
            example.said.append(name)
            continue
        example.tables[name] = [row for part, _ in parts for row in part]
        for number, (part, table) in enumerate(parts):
            file = f"{name}-{number}.parquet"
            (folder / file).write_bytes(_parquet(table))
            example.chunks.append((name, file, len(part)))
    return example


def event_lines(events: Path, example: Example, notes: Sequence[str] = ()) -> Iterator[str]:
    """Return the run's event log with its rows replaced by the example's files, numbered anew, line by line.

    Args:
        events: event log of a finished run; a line that cannot be read is left out, as the history leaves it out.
        notes: further remarks for the reader.
    """
    kept = [event for event in _read(events) if event["kind"] not in LEFT_OUT]
    last = max(place for place, event in enumerate(kept) if event["kind"] == "finished")
    head = {key: kept[last][key] for key in ("attempt", "at")} | {"scope": "", "seq": 0}
    added: list[EventBase] = [Note(**head, text=note) for note in notes]
    added += [ChunkAdded(**head, table=name, file=file, rows=count) for name, file, count in example.chunks]
    added += [RowAdded(**head, table=name, row=row) for name in example.said for row in example.tables[name]]
    lines = [*kept[:last], *(event.model_dump() for event in added), *kept[last:]]
    for seq, event in enumerate(lines):
        yield _json(event | {"seq": seq})


def _json(event: Mapping[str, Any]) -> str:
    from pydantic_core import to_json

    return to_json(event, inf_nan_mode="constants").decode() + "\n"


def _read(events: Path) -> Iterator[dict[str, Any]]:
    with events.open("rb") as lines:
        for line in lines:
            try:
                event = from_json(line)
            except ValueError:
                continue
            if isinstance(event, dict) and "kind" in event:
                yield event


def _parts(rows: Rows) -> "list[tuple[Rows, pa.Table]] | None":
    """The rows by kind of their values, each with its Arrow table; None where a table would not give its rows back."""
    kinds: dict[tuple[bool, ...], Rows] = {}
    for row in rows:
        kinds.setdefault(tuple(isinstance(value, list) for value in row.values()), []).append(row)
    parts = [(part, _faithful(part)) for part in kinds.values()]
    found = [(part, table) for part, table in parts if table is not None]
    return found if len(found) == len(parts) else None


def _faithful(rows: Rows) -> "pa.Table | None":
    import pyarrow as pa

    try:
        table = pa.Table.from_pylist(rows)
    except (pa.ArrowException, TypeError, OverflowError):
        return None
    return table if repr(table.to_pylist()) == repr(rows) else None


def _parquet(table: "pa.Table") -> bytes:
    """The smaller of two files: numbers in a dictionary, or by byte planes where few repeat."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    planes = [column.name for column in table.schema if pa.types.is_floating(column.type)]
    others = [name for name in table.column_names if name not in planes]
    written: list[bytes] = []
    for options in ({}, {"use_dictionary": others or False, "use_byte_stream_split": planes or False}):
        out = io.BytesIO()
        pq.write_table(table, out, compression="zstd", compression_level=LEVEL, **options)
        written.append(out.getvalue())
    return min(written, key=len)

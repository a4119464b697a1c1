"""Rows of one table of a run: as a DataFrame for views and exports, or page by page for lists."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import numpy as np
import pandas as pd
from pydantic.fields import FieldInfo
from pydantic_core import from_json

from workbench.contract.errors import HistoryError
from workbench.contract.runs import ARTIFACT_NAME, RunFolder
from workbench.contract.schema import Row
from workbench.history.queries import number_of
from workbench.history.records import Cursor, RowPage
from workbench.history.store import Store

T = TypeVar("T")
_DTYPES: Mapping[frozenset[Any], str] = {
    frozenset({float}): "float64",
    frozenset({float, type(None)}): "float64",
    frozenset({int, type(None)}): "float64",
    frozenset({int, float}): "float64",
    frozenset({int}): "int64",
    frozenset({bool}): "bool",
    frozenset({str}): "str",
    frozenset({str, type(None)}): "str",
}


def frame_of(store: Store, folder: RunFolder, kind: type[Row]) -> pd.DataFrame:
    """The run's rows of that type in the order of report; columns are exactly the type's fields.

    Fields that an older run lacks get their default (or are missing), columns that it has too many are left out.
    Missing numbers are NaN; vectors are tuples.

    Raises:
        RunNotFound: no run has that id.
        HistoryError: a bulk chunk is gone or damaged.
    """
    name = kind.table()
    with store.reading() as connection:
        number = number_of(connection, folder.run)
        stored = connection.execute(
            "SELECT seq, body FROM result_rows WHERE number = ? AND name = ? ORDER BY seq", (number, name)
        ).fetchall()
        chunks = _chunks(connection, number, name, -1)
    rows: list[dict[str, Any]] = from_json("[" + ",".join(body for _, body in stored) + "]")
    frame = _typed(kind, {field: [row.get(field, _MISSING) for row in rows] for field in kind.model_fields}, len(rows))
    if not chunks:
        return frame
    parts = [frame, *(_chunk_frame(kind, folder, file) for _, file in chunks)]
    order = [seq for seq, _ in stored]
    for (seq, _), part in zip(chunks, parts[1:], strict=True):
        order.extend([seq] * len(part))
    filled = [part for part in parts if len(part)]
    whole = pd.concat(filled, ignore_index=True) if filled else frame
    return whole.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def rows_after(store: Store, folder: RunFolder, name: str, after: Cursor, limit: int) -> RowPage:
    """The next rows of a table as they were reported; -1 begins at the first.

    Raises:
        RunNotFound: no run has that id.
        HistoryError: a bulk chunk is gone or damaged.
    """
    with store.reading() as connection:
        number = number_of(connection, folder.run)
        stored = connection.execute(
            "SELECT seq, body FROM result_rows WHERE number = ? AND name = ? AND seq > ? ORDER BY seq LIMIT ?",
            (number, name, after, limit + 1),
        ).fetchall()
        chunks = _chunks(connection, number, name, after)
    lines: list[tuple[int, str | None, str]] = [(seq, body, "") for seq, body in stored]
    lines = sorted(lines + [(seq, None, file) for seq, file in chunks])
    rows: list[dict[str, Any]] = []
    taken, last = 0, after
    for seq, body, file in lines:
        if len(rows) >= limit:
            break
        rows.extend([from_json(body)] if body is not None else _chunk_rows(folder, file))
        taken, last = taken + 1, seq
    return RowPage(tuple(rows), last, taken < len(lines))


class _Missing:
    """Stands where a stored row lacks a field."""


_MISSING = _Missing()


def _chunks(connection: sqlite3.Connection, number: int, name: str, after: Cursor) -> list[tuple[int, str]]:
    return connection.execute(
        "SELECT seq, file FROM chunks WHERE number = ? AND name = ? AND seq > ? ORDER BY seq", (number, name, after)
    ).fetchall()


def _chunk_path(folder: RunFolder, file: str) -> Path:
    inner, bare = Path(file).parent.as_posix(), Path(file).name
    if inner not in (".", "tables") or not ARTIFACT_NAME.match(bare):
        raise HistoryError(f"{file[:80]!r} is not the name of a chunk of rows.", "The run folder may be damaged.")
    return folder.path / "tables" / bare


def _read_chunk(folder: RunFolder, file: str, read: Callable[[Path], T]) -> T:
    path = _chunk_path(folder, file)
    try:
        return read(path)
    except (OSError, ValueError) as error:
        raise HistoryError(
            f"The rows in {path.name} of run {folder.run} cannot be read: {str(error)[:200]}.",
            "The file was removed or damaged; run it again to have them back.",
        ) from error


def _chunk_rows(folder: RunFolder, file: str) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq

    table = _read_chunk(folder, file, pq.read_table)
    for values in zip(*(column.to_pylist() for column in table.columns), strict=True):
        yield dict(zip(table.column_names, values, strict=True))


def _chunk_frame(kind: type[Row], folder: RunFolder, file: str) -> pd.DataFrame:
    frame = _read_chunk(folder, file, pd.read_parquet).reset_index(drop=True)
    missing = [_MISSING] * len(frame)
    columns = {name: frame.get(name, missing) for name in kind.model_fields}
    return _typed(kind, columns, len(frame))


def _typed(kind: type[Row], columns: Mapping[str, "Sequence[Any] | pd.Series"], length: int) -> pd.DataFrame:
    series = {name: _column(kind.model_fields[name], values) for name, values in columns.items()}
    return pd.DataFrame(series, columns=list(kind.model_fields), index=pd.RangeIndex(length))


def _column(field: FieldInfo, values: "Sequence[Any] | pd.Series") -> pd.Series:
    dtype = _DTYPES.get(_leaf_types(field.annotation), "object")
    if isinstance(values, pd.Series):
        if dtype != "object" and str(values.dtype) == dtype:
            return values  # hundreds of thousands of rows are not to be read value by value
        values = values.tolist()
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    filled = [default if value is _MISSING else value for value in values]
    if dtype != "object":
        try:
            return pd.Series(filled, dtype=dtype)
        except (ValueError, TypeError):
            # rows of an older version may hold what the field no longer allows
            return pd.Series(filled, dtype="object")
    plain = [_plain(value) for value in filled]
    if float in _leaf_types(field.annotation) and all(type(value) in (float, int) for value in plain):
        return pd.Series(plain, dtype="float64")
    return pd.Series([tuple(value) if isinstance(value, list) else value for value in plain], dtype="object")


def _leaf_types(annotation: Any) -> frozenset[Any]:
    args = get_args(annotation)
    if not args:
        return frozenset({annotation})
    origin = getattr(annotation, "__origin__", None)
    if getattr(annotation, "__metadata__", None) is not None:
        return _leaf_types(args[0])
    if all(isinstance(arg, str) for arg in args):
        return frozenset({str})
    if origin in (tuple, list, dict, set, frozenset):
        return frozenset({origin})
    return frozenset().union(*map(_leaf_types, args))


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value

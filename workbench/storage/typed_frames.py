"""Rows of one type as a DataFrame: the one reader of tables, whatever they come from.

Design decisions:
- A column's dtype follows from its field alone, so that rows of SQLite, of a parquet chunk and of an event log are the
  same frame: int and float -> int64 and float64; bool -> bool; str and Literals of str -> str; an optional number ->
  float64 with NaN; optional str -> str with NaN; an optional bool -> object with None; vectors -> object with tuples,
  inner ones too; mappings -> object with dicts. A number or a vector is float64 where the column holds no vector.
- Fields that an older run lacks get their default (or are missing), columns that it has too many are left out.
- What no longer fits its field (rows of an older version) is kept as it is, in an object column: nothing is lost.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from pydantic.fields import FieldInfo
from pydantic_core import from_json

from workbench.contract.errors import HistoryError
from workbench.contract.runs import ARTIFACT_NAME, RunFolder
from workbench.contract.schema import Row

T = TypeVar("T")
_DTYPES: Mapping[frozenset[Any], str] = {
    frozenset({float}): "float64",
    frozenset({float, type(None)}): "float64",
    frozenset({int, type(None)}): "float64",
    frozenset({int, float}): "float64",
    frozenset({int, float, type(None)}): "float64",
    frozenset({int}): "int64",
    frozenset({bool}): "bool",
    frozenset({str}): "str",
    frozenset({str, type(None)}): "str",
}
_SEQUENCES = (tuple, list, set, frozenset)
_INNER = frozenset({*_SEQUENCES, np.ndarray})


def table_frame(kind: type[Row], rows: Sequence[tuple[int, str]], chunks: Sequence[tuple[int, Path]]) -> pd.DataFrame:
    """Return rows and chunks of one table as one frame in the order of their numbers.

    Args:
        kind: the type of the rows; its fields are the columns.
        rows: (number, JSON of the row), in order.
        chunks: (number, parquet file), in order.

    Raises:
        HistoryError: a chunk is gone or damaged.
    """
    frame = _rows_frame(kind, [body for _, body in rows])
    if not chunks:
        return frame
    parts = [frame, *(_chunk_frame(kind, path) for _, path in chunks)]
    order = [number for number, _ in rows]
    for (number, _), part in zip(chunks, parts[1:], strict=True):
        order.extend([number] * len(part))
    whole = joined(parts)
    if np.all(np.diff(order) >= 0):
        return whole
    return whole.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames of one row type one below the other; a column that one of them holds as objects stays so."""
    filled = [part for part in parts if len(part)]
    if len(filled) < 2:
        return filled[0] if filled else parts[0]
    return pd.concat(filled, ignore_index=True)


def chunk_path(folder: RunFolder, file: str) -> Path:
    """Return where a chunk of the run lies.

    Raises:
        HistoryError: the name is not one that a run gives a chunk; it may lead anywhere.
    """
    inner, bare = Path(file).parent.as_posix(), Path(file).name
    if inner not in (".", "tables") or not ARTIFACT_NAME.match(bare):
        raise HistoryError(f"{file[:80]!r} is not the name of a chunk of rows.", "The run folder may be damaged.")
    return folder.path / "tables" / bare


def chunk_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a chunk as they were written, missing values as None.

    Raises:
        HistoryError: it is gone or damaged.
    """
    return _read_parquet(path, pq.read_table).to_pylist()


def _read_parquet(path: Path, read: Callable[[Path], T]) -> T:
    try:
        return read(path)
    except (OSError, ValueError) as error:
        raise HistoryError(
            f"The rows in {path.name} of run {path.parent.parent.name} cannot be read: {str(error)[:200]}.",
            "The file was removed or damaged; run it again to have them back.",
        ) from error


class _Missing:
    """Stands where a stored row lacks a field."""


_MISSING = _Missing()


def _rows_frame(kind: type[Row], bodies: Sequence[str]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = from_json("[" + ",".join(bodies) + "]")
    return _typed(kind, {field: [row.get(field, _MISSING) for row in rows] for field in kind.model_fields}, len(rows))


def _chunk_frame(kind: type[Row], path: Path) -> pd.DataFrame:
    frame = _read_parquet(path, pd.read_parquet).reset_index(drop=True)
    missing = [_MISSING] * len(frame)
    return _typed(kind, {name: frame.get(name, missing) for name in kind.model_fields}, len(frame))


def _typed(kind: type[Row], columns: Mapping[str, "Sequence[Any] | pd.Series"], length: int) -> pd.DataFrame:
    series = {name: _column(kind.model_fields[name], values) for name, values in columns.items()}
    return pd.DataFrame(series, columns=list(kind.model_fields), index=pd.RangeIndex(length))


def _column(field: FieldInfo, values: "Sequence[Any] | pd.Series") -> pd.Series:
    leaves = _leaf_types(field.annotation)
    dtype = _DTYPES.get(leaves, "object")
    if isinstance(values, pd.Series):
        if dtype != "object" and str(values.dtype) == dtype:
            return values  # hundreds of thousands of rows are not to be read value by value
        values = values.tolist()
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    filled = [default if value is _MISSING else value for value in values]
    if dtype == "bool" and not set(map(type, filled)) <= {bool, np.bool_}:
        return pd.Series(filled, dtype="object")  # pandas would take anything for true or false
    if dtype != "object":
        try:
            return pd.Series(filled, dtype=dtype)
        except (ValueError, TypeError):
            return pd.Series(filled, dtype="object")
    plain = list(map(_frozen, filled))
    if float in leaves and all(type(value) in (float, int) for value in plain):
        return pd.Series(plain, dtype="float64")
    return pd.Series(plain, dtype="object")


def _leaf_types(annotation: Any) -> frozenset[Any]:
    """The types a field allows, unions and marks resolved; a Literal is the types of its values."""
    if hasattr(annotation, "__metadata__"):
        return _leaf_types(get_args(annotation)[0])
    if hasattr(annotation, "__value__"):
        return _leaf_types(annotation.__value__)
    args, origin = get_args(annotation), get_origin(annotation)
    if origin is Literal:
        return frozenset(map(type, args))
    if origin in (*_SEQUENCES, dict):
        return frozenset({origin})
    if origin is None or not args:
        return frozenset({annotation})
    return frozenset[Any]().union(*map(_leaf_types, args)) if _is_union(origin) else frozenset({origin})


def _is_union(origin: Any) -> bool:
    return origin is Union or getattr(origin, "__name__", "") == "UnionType"


def _frozen(value: Any) -> Any:
    """The value without numpy, its vectors as tuples."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if not isinstance(value, _SEQUENCES):
        return value
    return tuple(value) if _INNER.isdisjoint(map(type, value)) else tuple(map(_frozen, value))

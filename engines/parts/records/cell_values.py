"""Cells of a table as values of a record's fields, where only one reading is possible."""

import json
import math
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from engines.parts.records.record_types import is_several, item_type

MISSING = object()
SINGLE = (str, int, float, bool)
PARTED_BY = ("|", ";")
DEEPEST = 3


def flattened(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return cells with what nested objects hold beside the objects: {"a": {"b": 1}} has the columns "a" and "a.b"."""
    if not any(isinstance(value, dict) for value in cells.values()):
        return dict(cells)
    flat: dict[str, Any] = {}
    for column, value in cells.items():
        flat[column] = value
        if isinstance(value, dict):
            flat |= _inside(column, value, DEEPEST)
    return flat


def _inside(column: str, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, each in value.items():
        flat[f"{column}.{key}"] = each
        if isinstance(each, dict) and depth > 1:
            flat |= _inside(f"{column}.{key}", each, depth - 1)
    return flat


def is_blank(value: Any) -> bool:
    """Return whether a cell holds nothing: null, white space, NaN, an empty list."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return not value.strip() if isinstance(value, str) else value in ([], {})


class CellReader:
    """Reads the cells of one field: what each is as a value that the field's own validation can judge."""

    def __init__(self, field: FieldInfo) -> None:
        self._several = is_several(field)
        self._single = item_type(field) in SINGLE

    def __call__(self, cell: Any) -> Any:
        """The cell's value, or `MISSING` where it holds nothing."""
        if is_blank(cell):
            return MISSING
        if self._several:
            return _items(cell)
        if self._single and isinstance(cell, list) and len(cell) == 1:
            return cell[0]
        return cell


def is_readable(cell: Any, read: CellReader, adapter: TypeAdapter[Any]) -> bool:
    """Return whether a filled cell is a value of the field; `adapter` is that of its annotation."""
    try:
        adapter.validate_python(read(cell))
    except ValidationError:
        return False
    return True


def _items(value: Any) -> Any:
    if isinstance(value, str):
        return _parted(value.strip())
    if isinstance(value, dict):
        # Answers of reading sets come as {"text": [...], "answer_start": [...]}.
        inside = value.get("text")
        return inside if isinstance(inside, list) else value
    if isinstance(value, list):
        return [item for item in value if not is_blank(item)]
    return [value]


def _parted(text: str) -> list[Any]:
    if text.startswith("[") and text.endswith("]"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return [text]
    separator = next((each for each in PARTED_BY if each in text), None)
    return [part.strip() for part in text.split(separator) if part.strip()] if separator else [text]


def shown(value: Any, most: int = 60) -> str:
    """Return a cell's value in quotation marks, cut where it is long."""
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 3]}..."

"""Rows of JSON files: one object a line (JSONL), an array of objects, or an object of equally long arrays."""

import json
from collections.abc import Iterator
from typing import Any

from engines.parts.records.row_errors import Cells, RowError
from workbench.contract.errors import DataError

LARGEST_JSON = 50_000_000
"""Characters of one JSON text. Parsed, brackets alone take twenty times the memory that they take in the file."""
ONE_A_LINE = 'Write one JSON object per line, such as {"question": "...", "answer": "..."}.'


def json_line_rows(text: str) -> Iterator[Cells | RowError]:
    """Return rows of a JSONL file; a line that is no JSON object is named and passed over."""
    # Not splitlines(): a sentence may hold U+2028, which is no end of line in JSON.
    at, line = 0, 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line += 1
        content, at = text[at:end], end + 1
        if content.strip():
            yield _json_line(line, content)


def json_rows(text: str) -> Iterator[Cells | RowError]:
    """Return rows of a JSON file that is one array of objects, or one object of arrays; numbered from 1.

    Raises:
        DataError: not JSON, too large, or of another shape.
    """
    try:
        value = json.loads(_within_limit(text))
    except (ValueError, RecursionError) as error:
        if _is_json_lines(text):
            yield from json_line_rows(text)
            return
        raise DataError(
            f"The file is not JSON: {_reason(error)}.", "Write an array of objects, or save it as JSONL.", row=1
        ) from error
    for number, record in enumerate(_records(value), 1):
        yield _checked(number, record, record)


def _within_limit(text: str) -> str:
    if len(text) > LARGEST_JSON:
        raise DataError(
            f"The JSON text has {len(text):,} characters, at most {LARGEST_JSON:,} are read in one piece.",
            "Save it as JSONL, one object per line.",
        )
    return text


def _is_json_lines(text: str) -> bool:
    first, _, rest = text.strip().partition("\n")
    try:
        return bool(rest.strip()) and isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _records(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and value:
        lists = {key: each for key, each in value.items() if isinstance(each, list)}
        nested = [each for each in lists.values() if each and all(isinstance(item, dict) for item in each)]
        if len(nested) == 1:
            return nested[0]
        if len(lists) == len(value) and len({len(each) for each in lists.values()}) == 1:
            return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    raise DataError(
        f"The JSON file holds a {type(value).__name__} that is no table.",
        "Write an array of objects, or an object of equally long arrays.",
        row=1,
    )


def _json_line(line: int, content: str) -> Cells | RowError:
    if len(content) > LARGEST_JSON:
        what = f"Row {line:,} has {len(content):,} characters, at most {LARGEST_JSON:,} are read."
        return RowError(line, "", what, "Give a part of it.", content[:1000])
    try:
        record = json.loads(content)
    except (ValueError, RecursionError) as error:
        return RowError(line, "", f"Row {line:,} is not a JSON object: {_reason(error)}.", ONE_A_LINE, content.strip())
    return _checked(line, record, content.strip())


def _checked(line: int, record: Any, source: Any) -> Cells | RowError:
    if not isinstance(record, dict):
        what = f"Row {line:,} is a JSON {type(record).__name__}, not an object."
        return RowError(line, "", what, ONE_A_LINE, source)
    return line, {key.strip(): value for key, value in record.items()}


def _reason(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:120]

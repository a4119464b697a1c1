"""A run's tables as CSV text, safe to open in a spreadsheet."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.contract.runs import RunId
    from workbench.history import History

ROWS_A_STEP = 5_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(
    history: "History", run: "RunId", table: str, columns: Sequence[str] | None = None, most: int | None = None
) -> Iterator[str]:
    """Return the table as CSV, a few thousand rows at a time.

    Args:
        columns: header; without it, the fields of the first row.
        most: rows from the beginning on; without it, all there are by then.
    """
    cursor, more, left = -1, True, inf if most is None else most
    if columns is not None:
        yield csv_of([columns])
    while more and left > 0:
        page = history.rows_after(run, table, cursor, ROWS_A_STEP)
        rows = page.rows if left >= len(page.rows) else page.rows[: int(left)]
        cursor, more, left = page.next, page.more, left - len(rows)
        if columns is None and rows:
            columns = list(rows[0])
            yield csv_of([columns])
        yield csv_of([[row.get(name) for name in columns or ()] for row in rows])


def csv_of(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as CSV: nothing where a value is missing, lists and mappings as JSON, no cell a formula."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([safe_cell(value) for value in row] for row in rows)
    return out.getvalue()


def safe_cell(value: Any) -> Any:
    """Return the value, or for text that a spreadsheet would take for a formula, the text behind an apostrophe."""
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value

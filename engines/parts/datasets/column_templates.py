r"""Several columns as one text: a template such as "{Body} {Question}" stands in a mapping where a column's name may.

A data set often parts a text over columns (SVAMP's Body and Question, Alpaca's instruction and input, a table and what
is asked of it). A record type says which (`JoinedWith`); then the template is proposed, shown, and open to change.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engines.parts.records.cell_values import is_blank
from engines.parts.records.record_types import JoinedWith

COLUMN = re.compile(r"\{([^{}]+)\}")
LOOKED_AT = 200
"""Rows in which a column must hold a text somewhere to be joined."""


def columns_of(template: str) -> tuple[str, ...]:
    """Return the columns that a template names, each once; () for a text without any."""
    return tuple(dict.fromkeys(COLUMN.findall(template)))


def is_template(column: str, columns: Sequence[str]) -> bool:
    """Return whether a mapping's column is a template; a column that bears such a name is itself."""
    return column not in columns and COLUMN.search(column) is not None


def joined(template: str, cells: Mapping[str, Any]) -> str | None:
    """Fill a template with a row's cells; None where all of them are blank.

    White space between a blank cell and what follows is left out with it.
    """
    parts = COLUMN.split(template)
    texts = ["" if is_blank(cells.get(name)) else as_text(cells[name]) for name in parts[1::2]]
    if not any(texts):
        return None
    made = parts[0]
    for text, after in zip(texts, parts[2::2], strict=True):
        made += text + ("" if not text and not after.strip() else after)
    return made.strip()


def as_text(value: Any) -> str:
    """Return a cell as a part of a text: a list has a line for each of its items, an object is JSON."""
    if isinstance(value, list | tuple):
        return "\n".join(map(as_text, value))
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def cell_of(column: str, columns: Sequence[str]) -> Callable[[Mapping[str, Any]], Any]:
    """Return what reads a column, or a template, out of a row's cells."""
    if is_template(column, columns):
        return lambda cells: joined(column, cells)
    return lambda cells: cells.get(column)


def proposed_template(column: str, free: Sequence[str], rows: Sequence[Mapping[str, Any]], mark: JoinedWith) -> str:
    """Return a column with the free ones that hold the rest of its text, as a template; "" where none does.

    Args:
        free: columns that no other field takes.
        mark: of the field.
    """
    found, made = {_plain(name): name for name in free}, f"{{{column}}}"
    for pattern in mark.patterns:
        (part,) = COLUMN.findall(pattern)
        other = found.get(part)
        if other and other != column and any(_is_text(row.get(other)) for row in rows[:LOOKED_AT]):
            made = pattern.replace("{}", "\0").replace(f"{{{part}}}", f"{{{other}}}").replace("\0", made)
    return made if made != f"{{{column}}}" else ""


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _is_text(cell: Any) -> bool:
    return not is_blank(cell) and isinstance(cell, str | list) and not str(cell).replace(".", "").isdigit()

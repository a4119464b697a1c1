"""What is wrong with one row of a data file: where, what, and what to do; the other rows stay usable."""

from dataclasses import dataclass
from typing import Any

from workbench.contract.errors import DataError

Cells = tuple[int, dict[str, Any]]
"""A sound row: the line where it begins (its number in a file without lines), from 1; and its cells by column."""


@dataclass(frozen=True)
class RowError:
    """One row that cannot be used.

    Attributes:
        line: line of the file, or number of the record where a file has no lines; from 1.
        field: the column or record field to blame; empty where the whole row is.
        what: a sentence.
        remedy: a sentence.
        row: what the file holds there: cells by column, cells in order, or the line as text.
    """

    line: int
    field: str
    what: str
    remedy: str
    row: Any = None

    def raised(self) -> DataError:
        """Return the same as an error, for readers that take all rows or none."""
        return DataError(self.what, self.remedy, row=self.line, field=self.field or None)

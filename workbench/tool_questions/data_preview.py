"""What the page asks to see of a data file, and what it is shown: columns, rows, a mapping to confirm, broken rows."""

from typing import Annotated

from pydantic import Field, StringConstraints

from workbench.contract.schema import Config, Row
from workbench.contract.vocabulary import BASIC, DatasetRef

DATA_PREVIEW = "data_preview"
MOST_FIELDS = 12

_Part = Annotated[str, StringConstraints(min_length=1, max_length=400)]


class Looking(Config):
    """A data file, what its rows are to be read as, and which column is which field."""

    data: Annotated[DatasetRef, BASIC]
    """A bundled name, an upload, or a file's whole path on this machine."""
    record: Annotated[str, StringConstraints(max_length=100), BASIC] = ""
    """What a row is to hold; empty takes the kind that fits the columns best."""
    setting: Annotated[str, StringConstraints(max_length=200)] = ""
    """The setting of a method that names the data, as METHOD.SETTING: rows are then read as that method reads them."""
    mapping: Annotated[tuple[_Part, ...], Field(max_length=MOST_FIELDS)] = ()
    """Columns by field, each as field=column; empty takes what is proposed."""


class RecordChoice(Row):
    """A kind of record that rows can be read as."""

    name: str
    help: str
    chosen: bool


class FileFacts(Row):
    """What the file is."""

    name: str
    kind: str
    """Ending of its name, without the dot."""
    rows: int
    columns: int
    unreadable: int
    """Rows that cannot be read at all, whatever they are to hold."""
    complete: bool
    """Whether every row was looked at."""
    credit: str = ""


class ColumnFacts(Row):
    """What a column holds."""

    column: str
    filled: int
    distinct: int
    kind: str
    """Text, numbers, yes or no, lists, or mixed."""
    shortest: int
    typical: int
    longest: int
    """Lengths in characters; the typical one is the median."""
    example: str


class PreviewRow(Row):
    """One of the first rows, its cells in the order of the columns, long ones cut."""

    line: int
    cells: tuple[str, ...]


class ProposedField(Row):
    """A field of the record, and the column that fills it."""

    field: str
    help: str
    column: str
    """Empty where no column does."""
    confidence: float
    """0 (none) to 1 (the same name, fitting values)."""
    reason: str
    required: bool


class BrokenRow(Row):
    """A row that cannot be used: where, what, and what to do."""

    line: int
    field: str
    what: str
    remedy: str


class FoundChoices(Row):
    """Values of a setting that the file holds: its languages, its topics."""

    setting: str
    values: tuple[str, ...]


class RecordFacts(Row):
    """How many rows can be used as this kind of record."""

    record: str
    usable: int
    broken: int
    setting: str
    """The mapping as a method's settings take it."""

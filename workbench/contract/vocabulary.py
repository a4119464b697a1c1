"""Field types and field marks: what a setting means beyond its Python type.

A mark sits in `Annotated[...]` and is read by `fields` alone; form, flags, YAML, validation and documentation
derive from it. Bounds are annotated-types (`Ge`, `Le`); choices are `Literal`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le
from pydantic import StringConstraints


@dataclass(frozen=True)
class Basic:
    """Shown at once; fields without it wait under "More settings"."""


BASIC = Basic()


@dataclass(frozen=True)
class PerArm:
    """An arm may change the field; what all arms of a run share (the model that is read once) goes without it."""


PER_ARM = PerArm()


@dataclass(frozen=True)
class InPaper:
    """The paper's value of a setting, beside the default.

    Attributes:
        value: as the paper gives it, in words if need be.
        source: section, table, released code at a commit, third-party note.
        status: "reported" by the source; "unverified" could not be confirmed; "reconstruction" is our reasoned choice
            where the paper is silent (then `source` gives the reason).
    """

    value: str
    source: str
    status: Literal["reported", "unverified", "reconstruction"] = "reported"


@dataclass(frozen=True)
class OneOf:
    """Suggested values of an open field; other values are allowed when `open` is true."""

    values: Sequence[Any]
    open: bool = False


@dataclass(frozen=True)
class Unit:
    """Unit printed after the label: "tokens", "%", "seconds"."""

    name: str


@dataclass(frozen=True)
class ModelKind:
    """The field names a model; `role` says what it must be able to do."""

    role: Literal["causal", "encoder", "classifier", "generator"] = "causal"


@dataclass(frozen=True)
class DataKind:
    """The field names a data set.

    Attributes:
        record: what a row must hold, in words for the picker.
        rows: the record that a row is read as, "module:Class", so that a look into a file checks it the same way; ""
            where rows are not read one by one.
        columns: the setting that says which column is which field of it, "" for none.
    """

    record: str
    rows: str = ""
    columns: str = ""


@dataclass(frozen=True)
class ChoicesOf:
    """The field's values are found in a data set: its languages, or what a field of its records holds.

    Attributes:
        data: the setting that names the data set.
        of: the field of its record; "" for the columns that hold sentences of a language.
    """

    data: str
    of: str = ""


@dataclass(frozen=True)
class LongText:
    """A text of several lines, at most `limit` characters."""

    limit: int = 20_000


ModelRef = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True), ModelKind()]
"""A bundled name, a folder under the allowed roots, a hub id, or `run:ID/NAME`; resolved by engines.parts.models."""

DatasetRef = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True), DataKind("rows")]
"""A bundled name, an uploaded file (`upload:NAME`), a file under the allowed roots, or a hub id."""

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}([_-][A-Za-z]{2,8})*$")]
"""A language tag as in the data ("fr", "zh-hans", "pt_BR")."""

Probability = Annotated[float, Ge(0.0), Le(1.0)]
Percent = Annotated[float, Ge(0.0), Le(100.0), Unit("%")]
LayerIndex = Annotated[int, Ge(0)]
"""Index into `hidden_states`: 0 is the embedding, k the output of block k."""

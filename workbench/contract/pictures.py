"""Pictures as declarations: which table, which columns play which part, what is averaged.

Drawing, controls, choices, tooltips, legend and the sentence in words follow from the declaration; a room writes no
drawing code. What no declaration says is a `Chart` with functions of its own.

Design decisions:
- Rows are kept by the picks, shaped by `where`, then averaged over every column that plays no part (seeds).
- `says` puts the drawn frame into a better sentence than the automatic one; both see the very frame that is drawn.
- `note` adds what a reader must know of the whole run (what a basis is of, what was left out), after the sentence.
- Arms are named by the titles of the card, wherever a column is called "arm".
"""

# pyright: reportMissingTypeStubs=false

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.contract.schema import Row

if TYPE_CHECKING:
    import pandas as pd

    from workbench.contract.views import Tables

    Where = Callable[[pd.DataFrame, Tables], pd.DataFrame]
    Says = Callable[[pd.DataFrame], str]
    Note = Callable[[Tables], str]


@dataclass(frozen=True)
class Pick:
    """A control that keeps the rows of one value of `column`; its choices are the values there.

    Attributes:
        every: a further choice that keeps all rows ("all languages"); "" offers none.
        last: begin with the newest value, and follow it while the run goes on, instead of with the first.
        help: tooltip of the control.
        begin: where a slider over whole numbers stands at first, as far as the rows have it.
    """

    column: str
    every: str = ""
    last: bool = False
    help: str = ""
    begin: int = 0


@dataclass(frozen=True)
class Measure:
    """A control that chooses which column is drawn: column -> title of the axis."""

    titles: Mapping[str, str]


@dataclass(frozen=True)
class Source:
    """Rows of a picture: of one table, those that the picks keep.

    Attributes:
        rows: the table.
        also: further tables that `where`, `marks` read; the page redraws when they have grown.
        where: shapes the rows before the picks are applied (a selection, a joined column, a sum).
        picks: controls, each keeping the rows of one value.
    """

    rows: type[Row]
    also: tuple[type[Row], ...] = ()
    where: "Where | None" = None
    picks: tuple[Pick, ...] = ()

    @property
    def reads(self) -> tuple[type[Row], ...]:
        """The row types it needs."""
        return (self.rows, *self.also)


@dataclass(frozen=True)
class Mark:
    """Something drawn behind curves or bars: a shaded stretch of x, or a dotted line.

    Attributes:
        kind: "shade" from `at` to `to` on the x axis; "x" or "y" a line across that axis at `at`.
    """

    kind: Literal["shade", "x", "y"]
    at: float
    to: float = 0.0
    label: str = ""


class _OverSource:
    """What every picture is over."""

    source: Source

    @property
    def reads(self) -> tuple[type[Row], ...]:
        """The row types it needs."""
        return self.source.reads


@dataclass(frozen=True)
class Curves(_OverSource):
    """Curves of y over x, one for each value of `by`, averaged over what plays no part.

    More series than eight are drawn grey, with their mean and a chosen one marked.

    Attributes:
        name: snake_case, unique in the engine; part of links (`&view=`).
        y: a column, or a `Measure` that lets the reader choose one.
        axes: titles of both axes, units included; the second is the measure's where y is one.
        muted: series drawn thin and grey: noise floors, references.
        order: series in this order, others after them.
        panel: column whose values are small multiples, side by side.
        log: axes on a logarithmic scale.
        marks: what stands behind the curves, from the tables.
        dots: column each value of which is an open point beside the curves (seeds), muted series apart.
        says: the drawn frame (columns x, `by`, "value") as a sentence.
        note: what stands after the sentence, from the tables.
        group: heading under which the page shows it ("Router", "Cost").
        claim: name of the claim it illustrates.
    """

    name: str
    title: str
    source: Source
    x: str
    y: str | Measure
    by: str | None = None
    axes: tuple[str, str] = ("", "")
    muted: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    panel: str | None = None
    log: Literal["", "x", "y", "xy"] = ""
    marks: "Callable[[Tables], Sequence[Mark]] | None" = None
    dots: str | None = None
    says: "Says | None" = None
    note: "Note | None" = None
    help: str = ""
    group: str = ""
    claim: str = ""


@dataclass(frozen=True)
class Bars(Curves):
    """Bars of y by the categories of x, grouped by `by`; long or many names lie to the left of horizontal bars.

    Attributes:
        stacked: series of one category lie on top of each other (shares, tokens by stage).
        total: several rows of one bar are summed instead of averaged (tokens).
    """

    stacked: bool = False
    total: bool = False


@dataclass(frozen=True)
class Matrix(_OverSource):
    """A matrix as colour and number.

    Attributes:
        down, across: columns that name rows and columns of the matrix.
        value: the column that is coloured, averaged over what plays no part.
        unit: what the colour measures.
        axes: titles of across and down.
        mirrored: (a, b) stands for (b, a) too.
        middle: neutral value of a diverging scale; None for a sequential one.
        selects: the control that a click on a cell sets, or None.
        label: column with the name of a row on its axis, where `down` is a longer key.
        note: what stands after the sentence, from the tables.
    """

    name: str
    title: str
    source: Source
    down: str
    across: str
    value: str
    unit: str
    axes: tuple[str, str]
    digits: int = 2
    mirrored: bool = False
    middle: float | None = None
    selects: str | None = None
    label: str | None = None
    says: "Says | None" = None
    note: "Note | None" = None
    help: str = ""
    group: str = ""
    claim: str = ""


@dataclass(frozen=True)
class Points(_OverSource):
    """Points in the plane, coloured and shaped by `by`; `panel` names panels side by side.

    Attributes:
        label: column shown on hover.
        key: column handed to a click; `selects` is the control that it sets.
        muted: series drawn grey: what the others are compared with.
        marks: lines behind the points.
        note: what stands after the sentence, from the tables.
    """

    name: str
    title: str
    source: Source
    x: str
    y: str
    by: str | None = None
    panel: str | None = None
    label: str | None = None
    key: str | None = None
    axes: tuple[str, str] = ("", "")
    log: Literal["", "x", "y", "xy"] = ""
    order: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    marks: "Callable[[Tables], Sequence[Mark]] | None" = None
    selects: str | None = None
    says: "Says | None" = None
    note: "Note | None" = None
    help: str = ""
    group: str = ""
    claim: str = ""


@dataclass(frozen=True)
class Rows(_OverSource):
    """Rows of a table, or of what `where` makes of it; sortable, with CSV download.

    Attributes:
        columns: column -> title, in this order; () for all columns under their own names.
        sort: column to sort by; a leading "-" turns it round.
    """

    name: str
    title: str
    source: Source
    columns: Mapping[str, str] | tuple[()] = ()
    sort: str = ""
    selects: str | None = None
    help: str = ""
    group: str = ""
    claim: str = ""


Picture = Curves | Bars | Matrix | Points | Rows

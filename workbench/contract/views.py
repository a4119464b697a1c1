"""Views: pure functions from a run's tables (and a view's own controls) to something to look at.

Design decisions:
- A view never computes what the run should have: it may select, group, project and draw rows, so that a live run, an
  old run, a shared link and the offline report show the same picture.
- A view's controls are a Config like any other; `options` fills their choices from the rows (the layers seen).
- A view may emit a selection (`selects`, the name of a control): a click sets that control in every view that has it.
"""

# pyright: reportMissingTypeStubs=false

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.contract.pictures import Picture
from workbench.contract.schema import Config, Outcome, Row

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from workbench.contract.circumstances import Circumstances


class NoControls(Config):
    """A view without controls."""


class Tables(Mapping[type[Row], "pd.DataFrame"]):
    """A run's rows by row type; a type without rows gives an empty frame with the right columns."""

    def __init__(
        self,
        load: Callable[[type[Row]], "pd.DataFrame"],
        kinds: Sequence[type[Row]],
        circumstances: "Callable[[], Circumstances] | None" = None,
    ) -> None:
        """Take the rows from `load`, and what is known of the run beside its outcomes from `circumstances`."""
        self._load = load
        self._kinds = tuple(kinds)
        self._kept: dict[type[Row], pd.DataFrame] = {}
        self._circumstances = circumstances
        self._derived: dict[Hashable, Any] = {}

    def __getitem__(self, kind: type[Row]) -> "pd.DataFrame":
        """Load the rows of `kind` (kept for the next look)."""
        if kind not in self._kept:
            self._kept[kind] = self._load(kind)
        return self._kept[kind]

    def __iter__(self) -> Iterator[type[Row]]:
        """Iterate over the declared row types."""
        return iter(self._kinds)

    def __len__(self) -> int:
        """Count the declared row types."""
        return len(self._kinds)

    @property
    def circumstances(self) -> "Circumstances | None":
        """What is known of the run beside its outcomes; None where nobody said."""
        return self.derived("circumstances", self._circumstances) if self._circumstances else None

    def derived(self, name: Hashable, compute: Callable[[], Any]) -> Any:
        """Compute what several views need of the same rows, and keep it under `name` for the next look."""
        if name not in self._derived:
            self._derived[name] = compute()
        return self._derived[name]


Options = Callable[[Tables], Mapping[str, Sequence[Any]]]


@dataclass(frozen=True)
class Chart:
    """A plotly figure.

    Attributes:
        name: snake_case, unique in the engine; part of links (`&view=`).
        title: shown above the figure.
        reads: the row types it needs; the page redraws when one of them has grown.
        draw: (tables, controls) -> figure; must draw empty tables.
        describe: (tables, controls) -> one to three sentences that say what the figure shows, in place of seeing it.
        controls, options: the view's own settings and what they may be set to, given the rows.
        selects: the control that a click on a point sets (the point's `customdata` is the value), or None.
        help: how to read the picture.
        group: heading under which the page shows it ("Router", "Cost").
        claim: name of the claim it illustrates.
    """

    name: str
    title: str
    reads: tuple[type[Row], ...]
    draw: Callable[[Tables, Any], "go.Figure"]
    describe: Callable[[Tables, Any], str]
    controls: type[Config] = NoControls
    options: Options | None = None
    selects: str | None = None
    help: str = ""
    group: str = ""
    claim: str = ""


@dataclass(frozen=True)
class Listing:
    """A table of rows or of something derived from them; sortable, with CSV download. Attributes as in `Chart`."""

    name: str
    title: str
    reads: tuple[type[Row], ...]
    rows: Callable[[Tables, Any], "pd.DataFrame"]
    controls: type[Config] = NoControls
    options: Options | None = None
    selects: str | None = None
    help: str = ""
    group: str = ""
    claim: str = ""


@dataclass(frozen=True)
class Node:
    """One node of a tree: `parent` is None at a root; `status` shapes its mark and labels it."""

    id: str
    parent: str | None
    label: str
    value: float = 1.0
    status: str = ""


@dataclass(frozen=True)
class Tree:
    """A hierarchy, drawn as lines to children with an accessible outline beside it. Attributes as in `Chart`."""

    name: str
    title: str
    reads: tuple[type[Row], ...]
    nodes: Callable[[Tables, Any], Sequence[Node]]
    controls: type[Config] = NoControls
    options: Options | None = None
    selects: str | None = None
    help: str = ""
    group: str = ""
    claim: str = ""


@dataclass(frozen=True)
class Span:
    """A piece of text; `mark` names its class (colour and text mark), "" for plain; `note` is its tooltip."""

    text: str
    mark: str = ""
    note: str = ""


@dataclass(frozen=True)
class Passage:
    """Text with marked spans (evidence, flips, tokens coloured by expert). Attributes as in `Chart`."""

    name: str
    title: str
    reads: tuple[type[Row], ...]
    spans: Callable[[Tables, Any], Sequence[Span]]
    controls: type[Config] = NoControls
    options: Options | None = None
    help: str = ""
    group: str = ""
    claim: str = ""


@dataclass(frozen=True)
class Measures:
    """Metrics of every arm with the intervals of the verdict: the one way in which an outcome gets an interval.

    The bench draws it: dots with the 95 % interval and, lighter, the one at the level that decides; in place of the
    values the differences to any arm, paired by item.

    Attributes:
        name: snake_case, unique in the engine; part of links (`&view=`).
        title: shown above the figure.
        metrics: names of the engine's metrics, offered as a choice where there are several; () for all that the run
            reports.
        along: a slice glob ending in "*": one group of dots per slice that matches ("language/*"); "" for one number an
            arm.
        within: a slice glob that restricts the outcomes ("*/held_out"); "" for all of them.
        noun: what one of these slices is ("block"); "" for the last fixed part of `along`.
        help: how to read the picture.
        group, claim: as in `Chart`.
    """

    name: str
    title: str
    metrics: tuple[str, ...] = ()
    along: str = ""
    within: str = ""
    noun: str = ""
    help: str = ""
    group: str = ""
    claim: str = ""

    @property
    def reads(self) -> tuple[type[Row], ...]:
        """The row types it needs."""
        return (Outcome,)


View = Chart | Listing | Tree | Passage | Measures | Picture

"""One look at a run: its record, what the page has shown of it, and who looks."""

import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from workbench.bench.run_circumstances import circumstances_of
from workbench.bench.time_left import time_left
from workbench.contract.engine import Engine
from workbench.contract.runs import RunId
from workbench.contract.schema import Outcome, Row
from workbench.contract.views import Tables

if TYPE_CHECKING:
    import pandas as pd

    from workbench.history import History, RunRecord
    from workbench.statistics import Verdict


@dataclass(frozen=True)
class Seen:
    """What a page has drawn of a run; kept between two looks, one per visitor and tab.

    Attributes:
        version: `RunRecord.version` at the last look.
    """

    run: RunId = ""
    version: int = -1


@dataclass(frozen=True)
class RunSnapshot:
    """A run as it stands, for the panels to draw.

    Attributes:
        mine: the visitor may stop, resume and steer it.
        since: what the page had drawn before.
        position: place in the queue, 1 for the next; None when it does not wait.
        preview: an example shown before the visitor has a run: beside the form, which stays open.
        now: seconds since the epoch.
    """

    record: "RunRecord"
    engine: Engine
    history: "History"
    mine: bool
    since: Seen
    position: int | None = None
    preview: bool = False
    now: float = field(default_factory=time.time)

    @property
    def first(self) -> bool:
        """Whether the page shows this run for the first time."""
        return self.since.run != self.record.run

    @property
    def changed(self) -> bool:
        """Whether anything of the run is new."""
        return self.first or self.since.version != self.record.version

    @cached_property
    def tables(self) -> Tables:
        """The run's rows by row type, read when they are asked for."""
        return tables_of(self.history, self.engine, self.record.run)

    @cached_property
    def verdicts(self) -> "tuple[Verdict, ...]":
        """The run's verdicts, judged when they are asked for."""
        from workbench.statistics import judge

        return tuple(judge(self.engine, self.tables[Outcome], self.tables.circumstances))

    @cached_property
    def seconds_left(self) -> float | None:
        """About how long the whole run will still take; None while unknown."""
        return time_left(self.history, self.record, self.now)

    def seen(self) -> Seen:
        """Return what the page will have drawn once this look is on it."""
        return Seen(self.record.run, self.record.version)


def tables_of(history: "History", engine: Engine, run: RunId) -> Tables:
    """Return the rows of `run` by row type, each read once."""

    def load(kind: type[Row]) -> "pd.DataFrame":
        return history.table(run, kind)

    return Tables(load, tuple(engine.row_types().values()), lambda: circumstances_of(history, run))

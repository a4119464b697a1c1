"""Columns of the table of runs: what each shows of a run."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workbench.contract.engine import Engine
from workbench.formatting import duration, size
from workbench.history.records import RunRecord
from workbench.messages import noted, say, say_many
from workbench.specs.run_names import name_parts
from workbench.ui.elements.elements import join, tag
from workbench.ui.elements.markup import isolated, moment, state_badge

NOTHING = "–"
TONES = {"holds": "good", "does not hold": "bad", "undecided": "warn"}


@dataclass(frozen=True)
class ListedRun:
    """A run as the table shows it.

    Attributes:
        record: what the history knows of it.
        engine: its method, None where that is not installed.
        left: seconds until it will have ended, None where unknown.
    """

    record: RunRecord
    engine: Engine | None
    left: float | None = None

    @cached_property
    def parts(self) -> Mapping[str, str]:
        """The parts of its name: "method", "model", "data", "preset", "seeds"."""
        return name_parts(self.engine, self.record.spec) if self.engine else {"method": self.record.engine}

    def name_without(self, shown: Iterable[str]) -> str:
        """Return its title, else its name without the parts that columns show."""
        kept = [part for name, part in self.parts.items() if part and name not in shown]
        return self.record.title or " · ".join(dict.fromkeys(kept)) or self.parts["method"]


Cell = Callable[[ListedRun], object]


@dataclass(frozen=True)
class Column:
    """A column: its head, what it shows, and whether it is there before anybody chooses."""

    title: str
    cell: Cell = field(repr=False)
    usual: bool = True


def verdict_cell(run: ListedRun) -> object:
    """Return how many claims got which word: "2 hold, 1 open"; why there are none, where there are none."""
    record = run.record
    if record.live:
        return tag("span", say("when it has ended"), class_="bw-muted")
    if record.digest is None:
        return tag("span", "…", title=say("The claims are being judged."))
    words = [(name, verdict_words(name, many)) for name, many in record.digest.verdicts.items() if many]
    return join([tag("span", each, class_=f"bw-{TONES.get(name, 'calm')}") for name, each in words], ", ") or NOTHING


def verdict_words(decision: str, many: int) -> str:
    """Return a decision and its count in short: "2 hold", "1 open"."""
    match decision:
        case "holds":
            return say_many("{n} holds", "{n} hold", many)
        case "does not hold":
            return say_many("{n} does not hold", "{n} do not hold", many)
        case "undecided":
            return say_many("{n} open", "{n} open", many)
        case "not measurable here":
            return say_many("{n} not measurable", "{n} not measurable", many)
        case _:
            return say_many("{n} not asked", "{n} not asked", many)


def state_cell(run: ListedRun) -> object:
    """Return the run's state, its progress, and the time it has left."""
    if run.left is None:
        return state_badge(run.record)
    left = tag("span", say("about {left} left", left=duration(run.left)), class_="bw-muted bw-left")
    return join([state_badge(run.record), left], " ")


def _part(name: str) -> Cell:
    return lambda run: isolated(run.parts.get(name) or NOTHING, 60)


def _took(run: ListedRun) -> object:
    return NOTHING if run.record.seconds is None else duration(run.record.seconds)


def _size(run: ListedRun) -> object:
    return size(run.record.digest.bytes) if run.record.digest else NOTHING


def _method(run: ListedRun) -> object:
    return isolated(run.engine.title if run.engine else run.record.engine, 60)


COLUMNS: Mapping[str, Column] = {
    "method": Column(noted("Method"), _method, usual=False),
    "model": Column(noted("Model"), _part("model")),
    "data": Column(noted("Data"), _part("data")),
    "preset": Column(noted("Preset"), _part("preset")),
    "verdict": Column(noted("Verdict"), verdict_cell),
    "state": Column(noted("State"), state_cell),
    "started": Column(noted("Started"), lambda run: moment(run.record.created)),
    "took": Column(noted("Took"), _took),
    "size": Column(noted("On disk"), _size, usual=False),
}
USUAL = tuple(name for name, column in COLUMNS.items() if column.usual)


def chosen_columns(value: object) -> tuple[str, ...]:
    """Return the columns that a visitor chose, in the order of the table; the usual ones where that is no choice."""
    if not isinstance(value, list | tuple):
        return USUAL
    return tuple(name for name in COLUMNS if name in value)

"""The estimate of a run beside what it took: by phase, in all, and in memory, so that estimates can be judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.contract.facts import PHASE_SECONDS, Fact
from workbench.contract.schema import Estimate, EstimatePart
from workbench.formatting import count, duration, size

if TYPE_CHECKING:
    from workbench.history import History
    from workbench.history.records import RunRecord

LOOKED_THROUGH = 50
"""Newest pre-flights among which that of a run is sought."""


@dataclass(frozen=True)
class Compared:
    """A quantity as it was estimated and as it turned out; None where unknown."""

    what: str
    estimated: float | None
    took: float | None


@dataclass(frozen=True)
class EstimateCheck:
    """What a run took beside its estimate.

    Attributes:
        phases: seconds by phase, those that were estimated first, in their order.
        seconds: of the whole run.
        memory: peak bytes.
        differs: settings, arms or seeds in which the pre-flight differed from the run; none where it was the same.
        attempts: more than one tell that the phases' times are those of the last attempt alone.
    """

    phases: tuple[Compared, ...]
    seconds: Compared
    memory: Compared
    differs: tuple[str, ...]
    attempts: int

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """(what, estimated, took) in words: the whole, then phases, then memory."""
        timed = [self.seconds, *self.phases]
        rows = [(each.what, _shown(each.estimated, duration), _shown(each.took, duration)) for each in timed]
        return [*rows, (self.memory.what, _shown(self.memory.estimated, size), _shown(self.memory.took, size))]

    @property
    def caution(self) -> str:
        """What keeps the two from being comparable, "" where nothing does."""
        parts = []
        if self.differs:
            named = ", ".join(self.differs[:6]) + (" …" if len(self.differs) > 6 else "")
            parts.append(f"The estimate was made for a run that differed in {named}.")
        if self.attempts > 1:
            parts.append(f"The run took {count(self.attempts, 'attempt')}; times and memory are those of the last.")
        return " ".join(parts)


def estimate_check(history: "History", record: "RunRecord") -> EstimateCheck | None:
    """Lay the estimate of a finished run beside what it took.

    The pre-flight of the same settings, arms and seeds counts; where there is none, the last one that this owner made
    of the method before the run, and what differs is said.

    Returns:
        None where the run is not finished or no estimate was made.
    """
    if record.purpose != "run" or record.state != "finished":
        return None
    made = preflight_of(history, record)
    if made is None:
        return None
    estimates = history.table(made.run, Estimate)
    if estimates.empty:
        return None
    estimate, parts = estimates.iloc[-1], history.table(made.run, EstimatePart)
    facts = history.facts(record.run)
    expected = parts.groupby("phase", sort=False)["seconds"].sum().to_dict()
    return EstimateCheck(
        phases=tuple(_phases(expected, facts)),
        seconds=Compared("Time", float(estimate["seconds"]), record.seconds),
        memory=Compared("Memory", float(estimate["memory_bytes"]), _number(facts.get(Fact.PEAK_MEMORY))),
        differs=differences(made, record),
        attempts=record.attempt,
    )


def differences(made: "RunRecord", record: "RunRecord") -> tuple[str, ...]:
    """Return the names of the settings in which two runs differ, "arms" and "seeds" among them."""
    before, now = made.spec, record.spec
    names = [name for name, value in now.settings.items() if before.settings.get(name) != value]
    same_arms = before.arms == now.arms and before.own_arms == now.own_arms
    return (*names, *([] if same_arms else ["arms"]), *([] if before.seeds == now.seeds else ["seeds"]))


def preflight_of(history: "History", record: "RunRecord") -> "RunRecord | None":
    """Return the pre-flight of the same settings, arms and seeds, else the last one of this owner before the run."""
    from workbench.history.records import RunFilter

    wanted = RunFilter(engine=record.engine, purpose="preflight", owner=record.owner, states=("finished",))
    found = history.listing(wanted, limit=LOOKED_THROUGH).records
    before = [made for made in found if made.created <= record.created]
    same = [made for made in found if not differences(made, record)]
    return next(iter((*same, *before)), None)


def _phases(expected: Mapping[str, float], facts: Mapping[str, Any]) -> list[Compared]:
    took = {name.removeprefix(PHASE_SECONDS): value for name, value in facts.items() if name.startswith(PHASE_SECONDS)}
    names = dict.fromkeys([*expected, *took])
    return [Compared(name, expected.get(name), _number(took.get(name))) for name in names]


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _shown(value: float | None, words: Any) -> str:
    return "–" if value is None else words(value)

"""The time that a live run has left in all, from how long a run like it took and from its own pace.

Design decisions:
- What a run like it took, phase by phase, is its plan: a run of the same settings made here, else the pre-flight of
  them, else the run that differs least, shipped examples among them.
- The seconds of a plan of the same settings made here are taken as they are and corrected by the phases that have
  ended. Of another plan they are weights alone: nothing is said until a tenth of them is done.
- While nothing is known nothing is said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from workbench.bench.estimate_check import differences, preflight_of
from workbench.contract.events import Event, Finished, PhaseOpened
from workbench.contract.facts import PHASE_SECONDS
from workbench.contract.runs import RunId
from workbench.contract.schema import EstimatePart
from workbench.storage.event_fold import EventFold, moment

if TYPE_CHECKING:
    from workbench.history import History
    from workbench.history.records import RunRecord

LOOKED_THROUGH = 30
"""Newest finished runs of the method among which the one most like it is sought."""
LEAST_DONE = 0.1
"""Share of a plan that must be done before its weights are scaled by the run's pace."""
CELL = "cell:"


@dataclass(frozen=True)
class PhasePlan:
    """How long each phase of a run like this one takes.

    Attributes:
        seconds: by outermost phase, in order.
        exact: it was measured on this machine with the same settings, arms and seeds.
    """

    seconds: Mapping[str, float]
    exact: bool

    @property
    def total(self) -> float:
        """Seconds of all phases."""
        return sum(self.seconds.values())


@dataclass(frozen=True)
class PhaseProgress:
    """How far a run is.

    Attributes:
        ended: seconds by phase that has ended; 0 where an earlier attempt did it.
        phase: the outermost open phase, "" between phases.
        here: seconds in it so far; None in a run that was taken up again, which has some of it from before.
        share: how much of it is done, from 0 to 1; None where unknown.
    """

    ended: Mapping[str, float]
    phase: str = ""
    here: float | None = 0.0
    share: float | None = None


def seconds_left(plan: PhasePlan | None, progress: PhaseProgress) -> float | None:
    """Return the seconds that all phases still to do will take, None while unknown."""
    if plan is None or plan.total <= 0:
        return None
    pace = _pace(plan, progress)
    here = None if pace is None else _left_here(plan, progress, pace)
    if pace is None or here is None:
        return None
    return here + pace * sum(_later(plan, progress).values())


def seconds_left_of_cells(done: int, asked: int, elapsed: float) -> float | None:
    """Return the seconds that the other cells will take if each takes as long as those done did; None before one is."""
    return elapsed * max(0, asked - done) / done if done else None


def time_left(history: "History", record: "RunRecord", now: float) -> float | None:
    """Return the seconds until a running run will have ended, about; None where that is unknown.

    What it reads of a run is kept until the run has said more: it may be asked as often as a page looks.

    Args:
        history: has the run, and earlier ones of its method.
        record: of the run.
        now: seconds since the epoch.
    """
    if record.state != "running" or record.started is None or record.purpose != "run":
        return None
    kept = _KEPT.setdefault(history, {})
    reading = kept.get(record.run)
    if reading is None or reading.version != record.version:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        plan = reading.plan if reading else phase_plan(history, record)
        reading = kept[record.run] = _read(history, record, plan)
    return reading.left(max(0.0, now - record.started))


@dataclass(frozen=True)
class _Reading:
    """What is known of a run at one version.

    Attributes:
        cells: (done, asked) where the run consists of cells alone.
        closed: phases that an earlier attempt ended; None in a first attempt.
    """

    version: int
    plan: PhasePlan | None
    phase: str
    spent: Mapping[str, float]
    share: float | None
    cells: tuple[int, int] | None
    closed: frozenset[str] | None

    def left(self, elapsed: float) -> float | None:
        if self.cells and self.closed is None:
            whole = self.plan.total - elapsed if self.plan and self.plan.exact else 0.0
            return seconds_left_of_cells(*self.cells, elapsed) if self.cells[0] else whole if whole > 0 else None
        if self.closed is not None:
            ended = dict.fromkeys(self.closed - {self.phase}, 0.0)
            return seconds_left(self.plan, PhaseProgress(ended, self.phase, None, self.share))
        ended = {name: seconds for name, seconds in self.spent.items() if name != self.phase}
        here = max(0.0, elapsed - sum(ended.values()))
        return seconds_left(self.plan, PhaseProgress(ended, self.phase, here, self.share))


_KEPT: "WeakKeyDictionary[History, dict[RunId, _Reading]]" = WeakKeyDictionary()
MOST_KEPT = 500


def phase_plan(history: "History", record: "RunRecord") -> PhasePlan | None:
    """Return how long each phase of the run that is most like this one took; None where no run and no estimate is."""
    from workbench.history.records import RunFilter

    finished = RunFilter(engine=record.engine, states=("finished",))
    found = [each for each in history.listing(finished, limit=LOOKED_THROUGH).records if each.run != record.run]
    found += history.listing(RunFilter(engine=record.engine, states=("finished",), origin="example"), limit=3).records
    ranked = sorted(found, key=lambda each: (len(differences(each, record)), bool(each.origin)))
    alike = [each for each in ranked if not differences(each, record) and not each.origin]
    made = preflight_of(history, record)
    if not alike and made is not None and not differences(made, record):
        parts = history.table(made.run, EstimatePart)
        if len(parts):
            return PhasePlan(_by_scope(parts.groupby("phase", sort=False)["seconds"].sum().to_dict()), exact=True)
    for each in ranked:
        seconds = phase_seconds(history, each)
        if sum(seconds.values()) > 0:
            return PhasePlan(seconds, exact=each in alike)
    return None


def phase_seconds(history: "History", record: "RunRecord") -> dict[str, float]:
    """Return the seconds by outermost phase that a finished run took: as it recorded them, else as its events tell."""
    recorded = _recorded(history, record.run)
    return recorded or dict(_seconds_between_phases(history.folder(record.run).events))


def _recorded(history: "History", run: RunId) -> dict[str, float]:
    facts = history.facts(run)
    numbers = {name: float(value) for name, value in facts.items() if isinstance(value, int | float)}
    return _by_scope(
        {name.removeprefix(PHASE_SECONDS): value for name, value in numbers.items() if name.startswith(PHASE_SECONDS)}
    )


@lru_cache(maxsize=64)
def _seconds_between_phases(events: Path) -> tuple[tuple[str, float], ...]:
    """Seconds from the opening of each outermost phase to that of the next, for runs that recorded none."""
    opened: list[tuple[str, float]] = []

    def hear(event: Event) -> None:
        at = moment(event)
        outermost = isinstance(event, PhaseOpened) and "/" not in event.scope
        if at is not None and (outermost or isinstance(event, Finished)):
            opened.append((event.scope, at))

    try:
        with events.open("rb") as lines:
            EventFold(listen=hear).take_lines(lines)
    except OSError:
        return ()
    return tuple((name, after - at) for (name, at), (_, after) in pairwise(opened) if after >= at)


def _read(history: "History", record: "RunRecord", plan: PhasePlan | None) -> _Reading:
    phase, asked = record.phase.split("/")[0], len(record.spec.arms) * len(record.spec.seeds)
    again = record.attempt > 1
    if again and history.extensions(record.run):
        plan = None  # most of an extended run is kept: no plan says how much of it is new
    if phase.startswith(CELL):
        done = len(_cells(history.closed_scopes(record.run, CELL)))
        return _Reading(record.version, plan, "", {}, None, (done, asked), frozenset() if again else None)
    closed = frozenset(each for each in history.closed_scopes(record.run) if "/" not in each) if again else None
    return _Reading(
        record.version, plan, phase.partition("#")[0], _recorded(history, record.run),
        _share(history, record, phase, asked), None, closed,
    )  # fmt: skip


def _share(history: "History", record: "RunRecord", phase: str, asked: int) -> float | None:
    """How much of a phase is done, by its own count, else by its cells; None where neither tells."""
    counted = min(1.0, record.done / record.total) if record.total else 0.0
    if record.phase == phase and record.total:
        return counted
    done = len(_cells(history.closed_scopes(record.run, f"{phase}/{CELL}")))
    in_cell = record.phase.startswith(f"{phase}/{CELL}") and record.phase.count("/") == 2
    within = counted if in_cell else 0.0
    return min(1.0, (done + within) / asked) if asked and (done or within) else None


def _cells(scopes: Iterable[str]) -> list[str]:
    """Those of the scopes that are a whole cell: "cell:ARM/SEED" and nothing below."""
    return [scope for scope in scopes if scope.rpartition(CELL)[2].count("/") == 1]


def _by_scope(seconds: Mapping[str, float]) -> dict[str, float]:
    """Phases as their scopes name them (see `workbench.worker.scopes`)."""
    return {name.replace("/", "∕").replace("#", "♯"): value for name, value in seconds.items()}


def _later(plan: PhasePlan, progress: PhaseProgress) -> dict[str, float]:
    begun = {*progress.ended, progress.phase}
    return {name: seconds for name, seconds in plan.seconds.items() if name not in begun}


def _pace(plan: PhasePlan, progress: PhaseProgress) -> float | None:
    """Seconds of this run for one of its plan's; None where too little is done to say."""
    if progress.here is None:
        return 1.0 if plan.exact else None
    known = [name for name in progress.ended if name in plan.seconds]
    planned = sum(plan.seconds[name] for name in known)
    taken = sum(progress.ended[name] for name in known)
    if plan.exact:
        doubt = LEAST_DONE * plan.total
        return (taken + doubt) / (planned + doubt)
    if progress.share and progress.phase in plan.seconds:
        planned += progress.share * plan.seconds[progress.phase]
        taken += progress.here
    return taken / planned if planned >= LEAST_DONE * plan.total else None


def _left_here(plan: PhasePlan, progress: PhaseProgress, pace: float) -> float | None:
    """Seconds that the open phase will still take, by its plan or its own pace; None where neither tells."""
    if not progress.phase:
        return 0.0
    planned, share = pace * plan.seconds.get(progress.phase, 0.0), progress.share
    if progress.here is None:
        return planned * (1 - (share or 0.0)) if planned else None
    if planned > progress.here and (plan.exact or not share):
        return planned - progress.here
    return progress.here * (1 - share) / share if share else None

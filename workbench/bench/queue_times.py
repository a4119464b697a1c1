"""When waiting runs will start: from the time that running ones have left, and from how long runs like them took."""

import time
from collections.abc import Mapping, Sequence
from heapq import heapify, heapreplace
from typing import TYPE_CHECKING

from workbench.bench.time_left import phase_plan, time_left
from workbench.contract.runs import RunId
from workbench.history.records import RunFilter

if TYPE_CHECKING:
    from workbench.history import History
    from workbench.history.records import RunRecord

KEPT_SECONDS = 60.0
UNKNOWN = float("inf")


def starts_in(left: Sequence[float | None], takes: Sequence[float | None], slots: int) -> list[float | None]:
    """Return the seconds until each waiting run starts, None where that is unknown.

    Args:
        left: seconds that each running run has left, None where unknown.
        takes: seconds that each waiting run will take, in the order of the queue, None where unknown.
        slots: how many run side by side.
    """
    if slots < 1:
        return [None] * len(takes)
    free = [UNKNOWN if seconds is None else seconds for seconds in left]
    free += [0.0] * (slots - len(free))
    heapify(free)
    starts: list[float | None] = []
    for seconds in takes:
        at = free[0]
        starts.append(None if at == UNKNOWN else at)
        heapreplace(free, at + (UNKNOWN if seconds is None else seconds))
    return starts


class QueueTimes:
    """Estimates of one history's queue; what it takes to make them is kept for a minute."""

    def __init__(self, history: "History", slots: int) -> None:
        self._history, self._slots = history, slots
        self._takes: dict[RunId, tuple[float, float | None]] = {}

    def starts(self, waiting: Sequence["RunRecord"], now: float | None = None) -> Mapping[RunId, float]:
        """Return the seconds until each waiting run starts, in the order of the queue; unknown ones left out."""
        if not waiting:
            return {}
        moment = time.time() if now is None else now
        working = RunFilter(states=("starting", "running", "stopping"))
        left = [time_left(self._history, each, moment) for each in self._history.listing(working, limit=100).records]
        runs = [each for each in waiting if each.purpose == "run"]
        found = starts_in(left, [self._seconds(each, moment) for each in runs], self._slots)
        return {each.run: start for each, start in zip(runs, found, strict=True) if start is not None}

    def _seconds(self, record: "RunRecord", now: float) -> float | None:
        at, seconds = self._takes.get(record.run, (-KEPT_SECONDS, None))
        if now - at >= KEPT_SECONDS:
            plan = phase_plan(self._history, record)
            seconds = plan.total if plan and plan.exact else None
            self._takes = {run: kept for run, kept in self._takes.items() if now - kept[0] < KEPT_SECONDS}
            self._takes[record.run] = (now, seconds)
        return seconds

"""Waiting for a run in the foreground: what it does, its time left, and Ctrl-C as Stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.contract.runs import LIVE, RunId

if TYPE_CHECKING:
    from workbench.bench.session import Session
    from workbench.history.records import RunRecord

STEP_SECONDS = 0.25


@dataclass
class Pace:
    """Estimates the seconds left of what a run counts at present, from what was seen of it.

    The clock starts when a count is first seen here, so that a resumed or late-followed run is not misjudged; it goes
    on while the same count goes on through inner scopes.
    """

    counted: tuple[int, str] = (0, "")
    since: float = 0.0
    first: int = 0
    last: int = 0

    def left(self, record: "RunRecord", now: float) -> float | None:
        """Seconds until the count ends at its pace so far, None before there is one."""
        if (record.total, record.unit) != self.counted or record.done < self.last:
            self.counted, self.since, self.first = (record.total, record.unit), now, record.done
        self.last = record.done
        moved = record.done - self.first
        return (now - self.since) * (record.total - record.done) / moved if moved > 0 and record.total else None


def follow(
    session: "Session", run: RunId, tell: "Callable[[RunRecord, float | None], None] | None" = None
) -> "RunRecord":
    """Wait until the run ends.

    Args:
        session: whose bench supervises the run.
        run: a run that was started or resumed.
        tell: called with the record and the seconds left of its phase (None where unknown), a few times a second.

    Raises:
        KeyboardInterrupt: at the second Ctrl-C; the first one asks the run to stop, the second leaves it to itself.
    """
    asked, pace = False, Pace()
    while True:
        try:
            record = session.bench.wait(run, STEP_SECONDS)
            if tell:
                tell(record, pace.left(record, time.monotonic()))
            if record.state not in LIVE:
                return record
        except KeyboardInterrupt:
            if asked:
                raise
            session.bench.stop(run)
            asked = True

"""Waiting for a run in the foreground: what it does, its time left, and Ctrl-C as Stop."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.bench.time_left import time_left
from workbench.contract.runs import LIVE, RunId

if TYPE_CHECKING:
    from workbench.bench.session import Session
    from workbench.history.records import RunRecord

STEP_SECONDS = 0.25


def follow(
    session: "Session", run: RunId, tell: "Callable[[RunRecord, float | None], None] | None" = None
) -> "RunRecord":
    """Wait until the run ends.

    Args:
        session: whose bench supervises the run.
        run: a run that was started or resumed.
        tell: called a few times a second with the record and the seconds that the run has left, None while unknown.

    Raises:
        KeyboardInterrupt: at the second Ctrl-C; the first one asks the run to stop, the second leaves it to itself.
    """
    asked = False
    while True:
        try:
            record = session.bench.wait(run, STEP_SECONDS)
            if tell:
                tell(record, time_left(session.history, record, time.time()))
            if record.state not in LIVE:
                return record
        except KeyboardInterrupt:
            if asked:
                raise
            session.bench.stop(run)
            asked = True

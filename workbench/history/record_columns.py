"""What events change of a run's record: state, times, phase and progress, errors, facts and artifacts."""

import math
from typing import Any

from pydantic_core import to_json

from workbench.contract.events import (
    ArtifactSaved,
    Event,
    Failed,
    Finished,
    PhaseOpened,
    Progress,
    Recorded,
    ScopeClosed,
    Started,
    Stopped,
)
from workbench.storage.event_fold import bounded, moment

_BLANK = dict.fromkeys(("error_code", "error", "hint", "traceback", "unit"), "")
_NONE = dict.fromkeys(("ended", "seconds", "progress_at"))


class RecordColumns:
    """Columns of a run's record as they are after some events.

    Args:
        phase: path of the innermost open phase before the first of them.

    Attributes:
        columns: new values by column; `started` is the first start among them.
        begun_anew: an attempt began after another had ended.
    """

    def __init__(self, phase: str) -> None:
        self.phase = phase
        self.columns: dict[str, Any] = {}
        self.begun_anew = False
        self.artifacts: dict[str, tuple[int, str]] = {}
        self.facts: dict[str, str] = {}

    def take(self, event: Event) -> None:
        """Take up one event that is neither row nor chunk nor note.

        Raises:
            ValueError: it holds a count that is none; nothing has changed.
        """
        at = moment(event)
        match event:
            case Started():
                self._begin(bounded(event.attempt), at)
            case PhaseOpened(scope=scope):
                self._enter(scope)
            case Progress(scope=scope, done=done, total=total, unit=unit):
                self.columns |= {"done": bounded(done), "total": bounded(total), "unit": unit, "progress_at": at}
                self.phase = scope or self.phase
            case ScopeClosed(scope=scope):
                if self.phase == scope or self.phase.startswith(scope + "/"):
                    self._enter(scope.rpartition("/")[0])
            case Finished() | Stopped() | Failed():
                self._end(event, at)
            case ArtifactSaved(name=name, bytes=size, sha256=sha256):
                self.artifacts[name] = (bounded(size), sha256)
            case Recorded(name=name, value=value):
                self.facts[name] = to_json(value, inf_nan_mode="constants").decode()
            case _:
                pass

    def _begin(self, attempt: int, at: float | None) -> None:
        self.begun_anew = self.begun_anew or self.columns.get("state", "running") != "running"
        started = self.columns.get("started")
        self.columns |= {"state": "running", "attempt": attempt, "done": 0, "total": 0} | _BLANK | _NONE
        self.columns["started"] = at if started is None else started
        self.phase = ""

    def _enter(self, phase: str) -> None:
        self.phase = phase
        self.columns |= {"done": 0, "total": 0, "unit": "", "progress_at": None}

    def _end(self, event: Finished | Stopped | Failed, at: float | None) -> None:
        seconds = event.seconds if math.isfinite(event.seconds) else None
        self.columns |= {"state": event.kind, "ended": at, "seconds": seconds}
        self.phase = ""
        if isinstance(event, Failed):
            self.columns |= {
                "error_code": event.code,
                "error": event.message,
                "hint": event.hint,
                "traceback": event.traceback,
            }

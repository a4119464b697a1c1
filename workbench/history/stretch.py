"""Events in whole lines, folded into what they add to a run.

Design decisions:
- Rows, by far the most frequent, are parsed but not validated; every other event is validated by its model.
- A line that cannot be read is counted and left out; it never stops the run's record.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json, to_json

from workbench.contract.events import (
    EVENT,
    ArtifactSaved,
    ChunkAdded,
    Event,
    Failed,
    Finished,
    Note,
    PhaseOpened,
    Progress,
    Recorded,
    ScopeClosed,
    ScopeReopened,
    Started,
    Stopped,
)

_LARGEST = 2**53


@dataclass
class Batch:
    """What a stretch of events adds to a run. At most one attempt begins in it, at its start.

    Attributes:
        reopened: scopes whose rows in the history go before those of this batch come; what the batch itself held of
            them by then has gone already.
    """

    attempt: int | None = None
    reopened: set[str] = field(default_factory=set)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    chunks: list[tuple[Any, ...]] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    artifacts: dict[str, tuple[int, str]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    notes: list[tuple[Any, ...]] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)

    def reopen(self, scope: str) -> None:
        """Drop what was said directly in a scope, here and in the history."""
        self.reopened.add(scope)
        self.closed.discard(scope)
        self.rows = [row for row in self.rows if row[4] != scope]
        self.chunks = [chunk for chunk in self.chunks if chunk[4] != scope]
        self.notes = [note for note in self.notes if note[3] != scope]


@dataclass
class Stretch:
    """The events of some whole lines, in batches, and where the reading stands after them."""

    number: int
    last_seq: int
    phase: str
    read_to: int
    batches: list[Batch] = field(default_factory=lambda: [Batch()])
    events: int = 0
    refused: int = 0
    refused_at: int | None = None

    def take_all(self, piece: bytes) -> "Stretch":
        """Take up every line of a piece; what follows its last line end is one more line."""
        *whole, rest = piece.split(b"\n")
        for line in whole:
            self._take_line(line)
            self.read_to += len(line) + 1
        self._take_line(rest)
        self.read_to += len(rest)
        return self

    def _take_line(self, line: bytes) -> None:
        if not line or line.isspace():
            return
        try:
            self._take(from_json(line))
            self.events += 1
        except (ValueError, KeyError, TypeError):
            self.refused += 1
            self.refused_at = self.read_to if self.refused_at is None else self.refused_at

    def _take(self, event: dict[str, Any]) -> None:
        seq = event["seq"]
        if type(seq) is not int or not self.last_seq < seq < _LARGEST:
            raise ValueError("events are numbered upwards")
        if event["kind"] == "row":
            self._take_row(seq, event)
        else:
            self._take_other(EVENT.validate_python(event))
        self.last_seq = seq

    def _take_row(self, seq: int, event: dict[str, Any]) -> None:
        name, attempt, scope, row = event["table"], event["attempt"], event["scope"], event["row"]
        if not (type(name) is str and type(attempt) is int and type(scope) is str and type(row) is dict):
            raise TypeError("not a row")
        body = to_json(row, inf_nan_mode="constants").decode()
        self.batches[-1].rows.append((self.number, name, seq, _bounded(attempt), scope, body))

    def _take_other(self, event: Event) -> None:
        if isinstance(event, Started):
            self.batches.append(Batch(attempt=_bounded(event.attempt)))
        batch = self.batches[-1]
        at = event.at if math.isfinite(event.at) else None
        match event:
            case Started():
                batch.columns = _begun(event.attempt, at)
                self.phase = ""
            case PhaseOpened(scope=scope):
                self._enter(scope)
            case Progress(scope=scope, done=done, total=total, unit=unit):
                self.phase = scope or self.phase
                batch.columns |= {"done": _bounded(done), "total": _bounded(total), "unit": unit, "progress_at": at}
            case ScopeReopened(scope=scope):
                batch.reopen(scope)
            case ScopeClosed(scope=scope):
                batch.closed.add(scope)
                if self.phase == scope or self.phase.startswith(scope + "/"):
                    self._enter(scope.rpartition("/")[0])
            case Finished(seconds=seconds) | Stopped(seconds=seconds) | Failed(seconds=seconds):
                self._end(event, at, seconds)
            case _:
                _keep(batch, self.number, event, at)

    def _enter(self, phase: str) -> None:
        self.phase = phase
        self.batches[-1].columns |= {"done": 0, "total": 0, "unit": "", "progress_at": None}

    def _end(self, event: Finished | Stopped | Failed, at: float | None, seconds: float) -> None:
        batch = self.batches[-1]
        self.phase = ""
        batch.columns |= {"state": event.kind, "ended": at, "seconds": seconds if math.isfinite(seconds) else None}
        if isinstance(event, Finished):
            batch.closed.add("")
        if isinstance(event, Failed):
            batch.columns |= {
                "error_code": event.code,
                "error": event.message,
                "hint": event.hint,
                "traceback": event.traceback,
            }


def _begun(attempt: int, at: float | None) -> dict[str, Any]:
    blank = dict.fromkeys(("error_code", "error", "hint", "traceback", "unit"), "")
    none = dict.fromkeys(("ended", "seconds", "progress_at"))
    return {"state": "running", "attempt": _bounded(attempt), "started": at, "done": 0, "total": 0} | blank | none


def _keep(batch: Batch, number: int, event: Event, at: float | None) -> None:
    match event:
        case ChunkAdded(seq=seq, attempt=attempt, scope=scope, table=table, file=file, rows=rows):
            batch.chunks.append((number, table, seq, _bounded(attempt), scope, file, _bounded(rows)))
        case ArtifactSaved(name=name, bytes=size, sha256=sha256):
            batch.artifacts[name] = (_bounded(size), sha256)
        case Recorded(name=name, value=value):
            batch.facts[name] = to_json(value, inf_nan_mode="constants").decode()
        case Note(seq=seq, attempt=attempt, scope=scope, text=text):
            batch.notes.append((number, seq, _bounded(attempt), scope, at, text))
        case _:
            pass


def _bounded(count: int) -> int:
    if not 0 <= count < _LARGEST:
        raise ValueError("not a count")
    return count

"""What a run's events leave standing, folded over whole lines: the one reading of `events.jsonl`.

Design decisions:
- The fold over a whole file is a run's rows; the fold over some lines more is what they change of what stood before:
  first go the rows of `dropped` scopes, then come those said since. History and `FinishedRun` both read it so.
- Rows, by far the most frequent, are parsed but not validated; every other event is validated by its model.
- A line that cannot be read is counted and left out; it never stops the run's record.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from workbench.contract.events import EVENT, ChunkAdded, Event, Note
from workbench.storage.committed_scopes import CommittedScopes

LARGEST = 2**53
"""Counts and numbers beyond it are refused: no double and no SQLite integer is to be strained."""


class SaidRow(NamedTuple):
    """A row as it was reported; `body` is its JSON."""

    table: str
    seq: int
    attempt: int
    scope: str
    body: str


class SaidChunk(NamedTuple):
    """Many rows in a parquet file."""

    table: str
    seq: int
    attempt: int
    scope: str
    file: str
    rows: int


class SaidNote(NamedTuple):
    """A remark; `at` is None where its moment was no number."""

    seq: int
    attempt: int
    scope: str
    at: float | None
    text: str


Said = SaidRow | SaidChunk | SaidNote


class EventFold:
    """Folds event lines.

    Args:
        scopes: which scopes are committed before the first line.
        last_seq: number of the event before the first line.
        read_to: byte at which the first line begins.
        listen: called with every event that is neither row nor chunk nor note, in order; what it refuses by ValueError
            is left out.

    Attributes:
        dropped: scopes whose rows from before the first line go, each with the number of the event that said so.
        changed: tables that have changed, each with the number of the last event that changed it.
        shrunk: those of them that have lost rows, with the number of the last event that took some. What tables lose of
            the rows from before the first line is not known here.
        events: lines taken up; `refused` could not be, the first of them at byte `refused_at`.
    """

    def __init__(
        self,
        scopes: CommittedScopes | None = None,
        *,
        last_seq: int = -1,
        read_to: int = 0,
        listen: Callable[[Event], None] | None = None,
    ) -> None:
        self.scopes = scopes or CommittedScopes()
        self.last_seq, self.read_to = last_seq, read_to
        self.dropped: dict[str, int] = {}
        self.changed: dict[str, int] = {}
        self.shrunk: dict[str, int] = {}
        self.events, self.refused = 0, 0
        self.refused_at: int | None = None
        self._said: defaultdict[str, list[Said]] = defaultdict(list)
        self._listen = listen

    @property
    def rows(self) -> Iterable[SaidRow]:
        """The rows that stand, in no order."""
        return (said for said in self._all() if isinstance(said, SaidRow))

    @property
    def chunks(self) -> Iterable[SaidChunk]:
        """The chunks that stand, in no order."""
        return (said for said in self._all() if isinstance(said, SaidChunk))

    @property
    def notes(self) -> Iterable[SaidNote]:
        """The notes that stand, in no order."""
        return (said for said in self._all() if isinstance(said, SaidNote))

    def take_lines(self, lines: Iterable[bytes]) -> "EventFold":
        """Take up lines, each with its line end or without."""
        for line in lines:
            self._take_line(line)
            self.read_to += len(line)
        return self

    def _all(self) -> Iterable[Said]:
        return chain.from_iterable(self._said.values())

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
        if type(seq) is not int or not self.last_seq < seq < LARGEST:
            raise ValueError("events are numbered upwards")
        if event["kind"] == "row":
            self._take_row(seq, event)
        else:
            self._take_other(EVENT.validate_python(event))
        self.last_seq = seq

    def _take_row(self, seq: int, event: dict[str, Any]) -> None:
        table, attempt, scope, row = event["table"], event["attempt"], event["scope"], event["row"]
        if not (type(table) is str and type(attempt) is int and type(scope) is str and type(row) is dict):
            raise TypeError("not a row")
        body = to_json(row, inf_nan_mode="constants").decode()
        self._say(SaidRow(table, seq, bounded(attempt), scope, body), table)

    def _take_other(self, event: Event) -> None:
        attempt = bounded(event.attempt)
        match event:
            case ChunkAdded(seq=seq, scope=scope, table=table, file=file, rows=rows):
                self._say(SaidChunk(table, seq, attempt, scope, file, bounded(rows)), table)
            case Note(seq=seq, scope=scope, text=text):
                self._say(SaidNote(seq, attempt, scope, moment(event), text))
            case _:
                if self._listen is not None:
                    self._listen(event)
                for scope in self.scopes.take(event.kind, event.scope):
                    self._drop(scope, event.seq)

    def _say(self, said: Said, table: str = "") -> None:
        self.scopes.say(said.scope)
        self._said[said.scope].append(said)
        if table:
            self.changed[table] = said.seq

    def _drop(self, scope: str, seq: int) -> None:
        self.dropped.setdefault(scope, seq)
        for said in self._said.pop(scope, ()):
            if not isinstance(said, SaidNote):
                self.changed[said.table] = self.shrunk[said.table] = seq


def moment(event: Event) -> float | None:
    """Return when the event was said, seconds since the epoch.

    None where that is no number.
    """
    return event.at if event.at - event.at == 0 else None


def bounded(count: int) -> int:
    """Return a count as it is.

    Raises:
        ValueError: it is negative or beyond what is stored.
    """
    if not 0 <= count < LARGEST:
        raise ValueError("not a count")
    return count

"""What earlier attempts of a run left in `events.jsonl`, so that a resumed run goes on where they stood."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic_core import from_json

from workbench.storage.closed_scopes import ClosedScopes
from workbench.storage.event_writer import whole_lines

_KIND = b'"kind":"'
_TELLING = (b"started", b"closed", b"reopened", b"command", b"finished")


@dataclass(frozen=True)
class Earlier:
    """What earlier attempts did.

    Attributes:
        seq: number of the next event.
        attempt: number of the attempt that begins now, from 1.
        closed: scopes whose rows are committed; its `extension` is that of the last attempt.
        commands: numbers of the commands that were taken up.
    """

    seq: int = 0
    attempt: int = 1
    closed: ClosedScopes = field(default_factory=ClosedScopes)
    commands: frozenset[int] = field(default_factory=frozenset)


def read_earlier(path: Path) -> Earlier:
    """Read what earlier attempts did and cut off a last line that a killed worker tore; none is a first attempt."""
    if not path.exists():
        return Earlier()
    _cut_torn_line(path)
    closed = ClosedScopes()
    commands: set[int] = set()
    seq, attempt = 0, 0
    for event in _telling_events(path):
        seq, attempt = max(seq, int(event["seq"]) + 1), max(attempt, int(event["attempt"]))
        closed.take(event)
        if event["kind"] == "command":
            commands.add(int(event["number"]))
    return Earlier(seq, attempt + 1, closed, frozenset(commands))


def last_extension(path: Path) -> int:
    """Return how often the run had been extended when a worker took it up last; 0 before any did. Changes nothing."""
    last = 0
    with contextlib.suppress(FileNotFoundError), path.open("rb") as lines:
        for line in lines:
            if kind_of(line) == b"started" and line.endswith(b"\n"):
                told = _parsed(line).get("extension", 0)
                last = told if isinstance(told, int) else 0
    return last


def kind_of(line: bytes) -> bytes:
    """Return the kind of an event line without parsing it.

    The header precedes all free text, where quotes are escaped.
    """
    start = line.find(_KIND) + len(_KIND)
    return line[start : line.find(b'"', start)] if start >= len(_KIND) else b""


def _telling_events(path: Path) -> Iterator[dict]:
    """The events that say more than a row, and the last line whatever it is (for its number)."""
    last = b""
    with path.open("rb") as lines:
        for last in lines:
            if kind_of(last) in _TELLING:
                yield _parsed(last)
    if last:
        yield _parsed(last)


def _parsed(line: bytes) -> dict:
    try:
        return from_json(line)
    except ValueError:
        return {"seq": -1, "attempt": 0, "kind": ""}


def _cut_torn_line(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        size = os.fstat(descriptor).st_size
        whole = whole_lines(descriptor, size)
        if whole < size:
            os.ftruncate(descriptor, whole)
    finally:
        os.close(descriptor)

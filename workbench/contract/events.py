"""Everything a run may say, in the order it happens; one JSON line each in `events.jsonl`.

A line is `{"seq": n, "attempt": a, "at": unix seconds, "scope": path, "kind": ..., ...}`. `seq` counts from 0 over all
attempts of a run. `scope` is the "/"-joined path of open phases, cells and onces ("" is the run itself).
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class EventBase(BaseModel):
    """What every event carries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: int
    attempt: int
    at: float
    scope: str = ""


class Started(EventBase):
    """A worker took the run up: the first event of each attempt."""

    kind: Literal["started"] = "started"
    pid: int
    process_started: float
    """Start time of the process, seconds since the epoch; tells a living worker from a reused pid."""
    extension: Annotated[int, Field(ge=0)] = 0
    """How often the run had been extended by more seeds, items or arms."""


class PhaseOpened(EventBase):
    """A phase began; `scope` is the phase's own path."""

    kind: Literal["phase"] = "phase"
    name: str


class ScopeClosed(EventBase):
    """A scope ended well: its rows are committed."""

    kind: Literal["closed"] = "closed"
    key: str = ""
    """What the value of a once or cell depended on beside the settings."""


class ScopeReopened(EventBase):
    """A closed scope is to be said anew, or no more: the rows said directly in it are dropped."""

    kind: Literal["reopened"] = "reopened"


class Progress(EventBase):
    """How far the innermost phase is."""

    kind: Literal["progress"] = "progress"
    done: int
    total: int
    unit: str


class RowAdded(EventBase):
    """One row of a table."""

    kind: Literal["row"] = "row"
    table: str
    row: dict[str, Any]


class ChunkAdded(EventBase):
    """Many rows of a table, in a parquet file of the run folder."""

    kind: Literal["chunk"] = "chunk"
    table: str
    file: str
    rows: int


class ArtifactSaved(EventBase):
    """A file the run made, listed for download."""

    kind: Literal["artifact"] = "artifact"
    name: str
    bytes: int
    sha256: str


class Recorded(EventBase):
    """A fact about the run's surroundings."""

    kind: Literal["record"] = "record"
    name: str
    value: str | float | bool


class Note(EventBase):
    """A remark for the reader."""

    kind: Literal["note"] = "note"
    text: str


class CommandTaken(EventBase):
    """The method took up a command of the page; `number` counts the lines of the run's commands.jsonl from 0."""

    kind: Literal["command"] = "command"
    number: int
    name: str


class Finished(EventBase):
    """The run did all it was asked."""

    kind: Literal["finished"] = "finished"
    seconds: float


class Stopped(EventBase):
    """The run ended because the user asked."""

    kind: Literal["stopped"] = "stopped"
    seconds: float


class Failed(EventBase):
    """The run ended by an error: a sentence, a remedy, and for the unknown a traceback."""

    kind: Literal["failed"] = "failed"
    code: str
    message: str
    hint: str = ""
    traceback: str = ""
    seconds: float = 0.0


Event = Annotated[
    Started
    | PhaseOpened
    | ScopeClosed
    | ScopeReopened
    | Progress
    | RowAdded
    | ChunkAdded
    | ArtifactSaved
    | Recorded
    | Note
    | CommandTaken
    | Finished
    | Stopped
    | Failed,
    Field(discriminator="kind"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)

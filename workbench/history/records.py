"""What the history answers: a run's record, pages of records, rows, artifacts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from workbench.contract.runs import LIVE, RESUMABLE, Purpose, RunId, RunSpec, State

Cursor = int
"""A place in a listing: the number of the last run seen; runs are numbered in the order in which they were opened."""


@dataclass(frozen=True)
class RunDigest:
    """What is kept of a run for its listing, so that no listing judges claims or looks through folders.

    Attributes:
        basis: what it was made from; another basis means that it is to be made anew.
        verdicts: how many claims got each word, in the order in which words are told.
        bytes: what the run's folder takes on disk.
        spare: of those, what can be removed without loss of record, rows or files.
    """

    basis: str
    verdicts: Mapping[str, int]
    bytes: int
    spare: int


@dataclass(frozen=True)
class RunRecord:
    """Everything the history knows of a run but its rows. Times are seconds since the epoch.

    Attributes:
        origin: "" for a run made here, else "imported" or "example".
        starred: kept at hand by the user.
        seconds: how long the attempt that ended last took, None before an end.
        phase: path of the innermost open phase, "" between phases.
        done, total, unit: progress of that phase; `progress_at` is when it was last reported.
        error_code, error, hint: why the run failed; `traceback` is filled for unknown errors.
        attempt: how often a worker took the run up.
        tables: rows by table name.
        revisions: number of the event that changed a table last, by table name; see `revision`.
        version: grows with every change of the run; equal versions mean that nothing is new.
        events: events taken up so far.
        deleted: hidden and waiting to be purged.
        archived: laid aside by the user; listed only where asked for.
        digest: what was kept of it for listings, None before that.
    """

    run: RunId
    engine: str
    state: State
    purpose: Purpose
    title: str
    note: str
    tags: tuple[str, ...]
    starred: bool
    owner: str
    origin: str
    parent: RunId | None
    created: float
    started: float | None
    ended: float | None
    seconds: float | None
    spec: RunSpec
    phase: str
    done: int
    total: int
    unit: str
    progress_at: float | None
    error_code: str
    error: str
    hint: str
    traceback: str
    attempt: int
    tables: Mapping[str, int]
    revisions: Mapping[str, int]
    version: int
    events: int
    deleted: bool
    archived: bool = False
    digest: RunDigest | None = None

    @property
    def live(self) -> bool:
        """Whether the run waits, starts, runs or is about to stop."""
        return self.state in LIVE

    def revision(self, *tables: str) -> tuple[int, ...]:
        """Return the revision of each of these tables, -1 for one that never had rows.

        Whoever keeps what was made from tables keeps their revision beside it: equal revisions, equal rows.
        """
        return tuple(self.revisions.get(table, -1) for table in tables)

    @property
    def resumable(self) -> bool:
        """Whether Resume makes sense: it ended early, and it was made here."""
        return self.state in RESUMABLE and not self.origin


@dataclass(frozen=True)
class RunFilter:
    """Which runs to list. Empty or None means any; all given conditions must hold.

    Attributes:
        text: words, each the beginning of a word in title, note, tags, engine, run id or settings.
        tags: every one of them must be on the run.
        deleted: list the deleted runs instead of the others.
        archived: only those laid aside (True), only the others (False).
    """

    text: str = ""
    engine: str = ""
    states: tuple[State, ...] = ()
    tags: tuple[str, ...] = ()
    owner: str | None = None
    purpose: Purpose | None = "run"
    origin: str | None = None
    parent: RunId | None = None
    starred: bool | None = None
    deleted: bool = False
    archived: bool | None = None


@dataclass(frozen=True)
class Page:
    """Some records, newest first; `next` is the cursor of the page after, None on the last."""

    records: tuple[RunRecord, ...]
    next: Cursor | None


@dataclass(frozen=True)
class RowPage:
    """Rows of one table in the order in which they were reported; `next` is the cursor to go on from.

    A bulk chunk is never cut, so that a page may be longer than its limit. `more` is false at the present end.
    """

    rows: tuple[dict[str, Any], ...]
    next: Cursor
    more: bool


class ArtifactLine(NamedTuple):
    """A file that the run made: its bare name, its size, and the SHA-256 of its content."""

    name: str
    bytes: int
    sha256: str

"""The history: every run, what it was asked, what it said; the only place with SQL.

Design decisions:
- The run folder is the truth, the database an index of it: a lost or damaged file is built anew from the folders
  (titles, notes and tags, which people gave, live in the database alone).
- Pages and workers never talk: the worker appends to its folder, `ingest` takes that up, pages read by cursor.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.contract.errors import HistoryError, WorkbenchError
from workbench.contract.runs import Purpose, RunFolder, RunId, RunSpec, State, new_run_id
from workbench.contract.schema import Row
from workbench.history import adopt, changes, digests, frames, queries
from workbench.history.ingest import take_up_events
from workbench.history.rebuild import rebuild_from_folders
from workbench.history.records import ArtifactLine, Cursor, Page, RowPage, RunDigest, RunFilter, RunRecord
from workbench.history.store import Store
from workbench.history.table_cache import TableCache
from workbench.storage.extensions import Extension

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ArtifactLine", "Cursor", "History", "Page", "RowPage", "RunDigest", "RunFilter", "RunRecord"]


class History:
    """Every run on this machine. Safe to use from any thread; several processes may open one file.

    Args:
        path: the database file; made if missing, brought up to date if older.
        runs_root: where the run folders lie; by default `runs` beside the file.

    Raises:
        HistoryError: the file cannot be used, or a newer version of Benchwright made it.
    """

    def __init__(self, path: Path, runs_root: Path | None = None) -> None:
        self.path = path
        self.runs_root = runs_root if runs_root is not None else path.parent / "runs"
        self._store = Store(path)
        self._tables = TableCache()
        if self._store.fresh and self.runs_root.is_dir():
            rebuild_from_folders(self._store, self.runs_root)

    @property
    def notices(self) -> Sequence[str]:
        """What the reader of the page should know: a damaged file set aside, a backup made, a slow disk."""
        return tuple(self._store.notices)

    def folder(self, run: RunId) -> RunFolder:
        """Return the run's folder on disk."""
        return RunFolder(self.runs_root, run)

    def open_run(
        self,
        spec: RunSpec,
        *,
        owner: str = "",
        title: str = "",
        key: str | None = None,
        origin: str = "",
        run: RunId | None = None,
    ) -> RunId:
        """Open a run in state "queued"; the same owner and key give the same run again.

        Raises:
            StateError: the id is taken.
            ConfigError: the title is too long.
        """
        opening = changes.Opening(
            new_run_id(spec.engine) if run is None else run, owner=owner, title=title, key=key, origin=origin
        )
        with self._store.writing() as connection:
            return changes.open_run(connection, spec, opening)

    def record(self, run: RunId) -> RunRecord:
        """Everything known of one run but its rows.

        Raises:
            RunNotFound: no run has that id.
        """
        with self._store.reading() as connection:
            return queries.record(connection, run)

    def listing(self, wanted: RunFilter | None = None, after: Cursor | None = None, limit: int = 50) -> Page:
        """Return one page of the runs that pass the filter, newest first."""
        with self._store.reading() as connection:
            return queries.listing(connection, wanted or RunFilter(), after, limit)

    def counts(self, purpose: Purpose = "run") -> dict[State, int]:
        """Runs by state, the deleted ones left out."""
        with self._store.reading() as connection:
            return queries.counts(connection, purpose)

    def tags_in_use(self) -> list[str]:
        """Return every tag, the most used first."""
        with self._store.reading() as connection:
            return queries.tags_in_use(connection)

    def ingest(self, run: RunId, folder: RunFolder) -> int:
        """Number of events taken up: everything the run has said in whole lines since last time.

        Raises:
            RunNotFound: no run has that id.
            HistoryError: the event file cannot be read or the history not be written; the run stays as it was.
        """
        return take_up_events(self._store, run, folder)

    def set_state(
        self, run: RunId, new: State, *, expect: Collection[State], error: WorkbenchError | None = None
    ) -> bool:
        """Return whether the run was in an expected state and is in the new one now; queued again, it waits at the end.

        Raises:
            RunNotFound: no run has that id.
        """
        with self._store.writing() as connection:
            return changes.set_state(connection, run, new, expect, error)

    def extend(
        self, run: RunId, spec: RunSpec, extensions: Sequence[Extension], *, before: RunSpec, expect: Collection[State]
    ) -> bool:
        """Return whether the run was asked `before` and in an expected state; then it waits to be worked off as `spec`.

        Raises:
            RunNotFound: no run has that id.
        """
        with self._store.writing() as connection:
            return changes.extend(connection, run, spec, extensions, before=(before, expect))

    def extensions(self, run: RunId) -> tuple[Extension, ...]:
        """Return how the run was extended, the first time first."""
        with self._store.reading() as connection:
            return queries.extensions(connection, run)

    def rename(self, run: RunId, title: str) -> None:
        """Give the run a title of at most 200 characters; an empty one takes it away."""
        with self._store.writing() as connection:
            changes.rename(connection, run, title)

    def set_note(self, run: RunId, note: str) -> None:
        """Keep the user's remark on the run, at most 20,000 characters."""
        with self._store.writing() as connection:
            changes.set_note(connection, run, note)

    def set_tags(self, run: RunId, tags: Sequence[str]) -> None:
        """Replace the run's tags: at most 20 of at most 40 characters."""
        with self._store.writing() as connection:
            changes.set_tags(connection, run, tags)

    def star(self, run: RunId, starred: bool = True) -> None:
        """Star the run or take the star away."""
        with self._store.writing() as connection:
            changes.star(connection, run, starred)

    def archive(self, run: RunId, archived: bool = True) -> None:
        """Lay the run aside or take it up again.

        Raises:
            StateError: the run is live.
        """
        with self._store.writing() as connection:
            changes.archive(connection, run, archived)

    def keep_digest(self, run: RunId, digest: RunDigest | None) -> None:
        """Keep what a listing tells of the run; None forgets it.

        Raises:
            RunNotFound: no run has that id.
        """
        with self._store.writing() as connection:
            digests.keep(connection, run, digest)

    def disk_use(self) -> tuple[int, int]:
        """Return (bytes, spare bytes) of all runs whose digest is kept, the deleted ones included."""
        with self._store.reading() as connection:
            return digests.disk_use(connection)

    def delete(self, run: RunId) -> None:
        """Hide the run until `undelete` or `purge`.

        Raises:
            StateError: the run is live.
        """
        with self._store.writing() as connection:
            changes.delete(connection, run)

    def undelete(self, run: RunId) -> None:
        """Bring a deleted run back.

        Raises:
            RunNotFound: it was purged.
        """
        with self._store.writing() as connection:
            changes.undelete(connection, run)

    def purge(self, before: float | None = None) -> list[RunId]:
        """Remove deleted runs for good, folders and all: those deleted before that time, or all of them."""
        with self._store.reading() as connection:
            old = changes.deleted_runs(connection, math.inf if before is None else before)
        for run in old:
            try:
                changes.remove_folder(self.runs_root, run)
            except OSError as error:
                raise HistoryError(
                    f"The folder of run {run} cannot be removed: {error.strerror}.", "Remove it by hand."
                ) from error
            with self._store.writing() as connection:
                changes.forget(connection, run)
        return old

    def table(self, run: RunId, kind: type[Row]) -> "pd.DataFrame":
        """Return the run's rows of that type; columns are its fields, typed by `workbench.storage.typed_frames`.

        Kept as of the table's revision: asked again, only rows reported since are read.

        Raises:
            RunNotFound: no run has that id.
            HistoryError: a bulk chunk is gone or damaged.
        """
        return self._tables.table(self._store, self.folder(run), kind)

    def tables(self, run: RunId, kinds: Iterable[type[Row]]) -> "dict[str, pd.DataFrame]":
        """Return the run's rows of several types by table name, all as of one moment; see `table`."""
        return self._tables.tables(self._store, self.folder(run), kinds)

    def rows_after(self, run: RunId, table: str, after: Cursor = -1, limit: int = 1000) -> RowPage:
        """Return the next rows of a table in the order of report, as they were reported."""
        return frames.rows_after(self._store, self.folder(run), table, after, limit)

    def versions(self, run: RunId) -> dict[str, int]:
        """Return rows by table name; a table that has grown is to be drawn again."""
        with self._store.reading() as connection:
            return queries.versions(connection, run)

    def artifacts(self, run: RunId) -> list[ArtifactLine]:
        """Return the files the run made: (name, bytes, sha256), by name."""
        with self._store.reading() as connection:
            return queries.artifacts(connection, run)

    def facts(self, run: RunId) -> dict[str, Any]:
        """Return what the run recorded of its surroundings: dtype, hash of the weights, rows read."""
        with self._store.reading() as connection:
            return queries.facts(connection, run)

    def closed_scopes(self, run: RunId, prefix: str = "") -> list[str]:
        """Return the scopes that the run has closed so far, those whose path begins with `prefix`, by path."""
        with self._store.reading() as connection:
            return queries.closed_scopes(connection, run, prefix)

    def notes(self, run: RunId) -> list[str]:
        """Remarks for the reader in the order they were made."""
        with self._store.reading() as connection:
            return queries.notes(connection, run)

    def queue(self) -> list[RunId]:
        """Return the waiting runs, the next one first."""
        with self._store.reading() as connection:
            return queries.queue(connection)

    def move(self, run: RunId, before: RunId | None) -> None:
        """Put a waiting run before another one, or at the end of the queue.

        Raises:
            StateError: one of the two does not wait.
        """
        with self._store.writing() as connection:
            changes.move(connection, run, before)

    def import_folder(self, folder: Path, *, origin: str = "imported") -> RunId:
        """Take up a copied run folder; the same folder twice is one run. It can be run again, not resumed.

        Raises:
            HistoryError: it is not a run folder, too large, holds links, or a file differs from its checksum.
        """
        return adopt.import_folder(self._store, self.runs_root, folder, origin)

    def snapshot(self, path: Path) -> None:
        """Copy the database as it is now to `path`, while others go on reading and writing."""
        self._store.snapshot(path)

    def check(self) -> list[str]:
        """Return what the integrity check finds; empty when the file is sound."""
        return self._store.problems()

    def close(self) -> None:
        """Close the file."""
        self._store.close()

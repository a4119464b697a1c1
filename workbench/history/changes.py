"""Changes that people and the bench make to a run: open it, name it, order it, move it along, delete it."""

import shutil
import sqlite3
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.contract.errors import ConfigError, StateError, WorkbenchError
from workbench.contract.runs import LIVE, RUN_ID, RunFolder, RunId, RunSpec, State
from workbench.history.queries import number_of, queue
from workbench.history.search import clean, index_run
from workbench.storage.extensions import EXTENSIONS, Extension

TITLE_LIMIT, NOTE_LIMIT, TAG_LIMIT, TAGS_LIMIT = 200, 20_000, 40, 20
_HANGING = (
    "specs", "tags", "result_rows", "chunks", "counters", "closed", "uncommitted", "artifacts", "facts", "notes",
    "extensions", "digests",
)  # fmt: skip


Before = tuple[RunSpec, Collection[State]]
"""What a run must be asked, and in which of these states, for a change to be made."""


@dataclass(frozen=True)
class Opening:
    """What a run starts its record with, the spec apart.

    Attributes:
        key: of two openings with one owner and key, the second gives the first one's run.
        fingerprint: digest of what was imported, so that importing it again finds it.
    """

    run: RunId
    owner: str = ""
    title: str = ""
    key: str | None = None
    origin: str = ""
    state: State = "queued"
    created: float | None = None
    fingerprint: str | None = None


def open_run(connection: sqlite3.Connection, spec: RunSpec, opening: Opening) -> RunId:
    """Open the run, or find the one that was opened with this key before.

    Raises:
        StateError: the id is taken.
        ConfigError: the title is too long, or the settings hold text that is no text.
    """
    owner, key = clean(opening.owner), None if opening.key is None else clean(opening.key)
    before = connection.execute("SELECT run FROM runs WHERE owner = ? AND start_key = ?", (owner, key)).fetchone()
    if before is not None:
        return before[0]
    if not RUN_ID.match(opening.run) or _taken(connection, opening.run):
        raise StateError(f"The run id {opening.run[:80]!r} is taken or not allowed.", "Leave the id out.")
    values = {
        "run": opening.run,
        "engine": spec.engine,
        "purpose": spec.purpose,
        "state": opening.state,
        "title": _one_line("title", opening.title, TITLE_LIMIT),
        "owner": owner,
        "origin": opening.origin,
        "parent": spec.parent,
        "start_key": key,
        "fingerprint": opening.fingerprint,
        "created": time.time() if opening.created is None else opening.created,
        "place": _last_place(connection),
    }
    number = connection.execute(
        f"INSERT INTO runs ({', '.join(values)}) VALUES (:{', :'.join(values)})", values
    ).lastrowid
    connection.execute("INSERT INTO specs VALUES (?, ?)", (number, _spec_text(spec)))
    index_run(connection, number or 0)
    return opening.run


def set_state(
    connection: sqlite3.Connection, run: RunId, new: State, expect: Collection[State], error: WorkbenchError | None
) -> bool:
    """Return whether the run was in an expected state and is in the new one now.

    Raises:
        RunNotFound: no run has that id.
    """
    number = number_of(connection, run)
    values = {
        "number": number,
        "new": new,
        "place": _last_place(connection) if new == "queued" else 0,
        "ended": None if new in LIVE else time.time(),
        "code": error.code if error else "",
        "error": str(error) if error else "",
        "hint": error.hint if error else "",
    }
    marks = {f"expected{place}": state for place, state in enumerate(expect)}
    changed = connection.execute(
        f"""
        UPDATE runs SET state = :new, place = :place, ended = :ended, error_code = :code, error = :error, hint = :hint,
            traceback = '', version = version + 1
        WHERE number = :number AND state IN ({", ".join(":" + mark for mark in marks)})
        """,
        values | marks,
    )
    return changed.rowcount == 1


def extend(
    connection: sqlite3.Connection, run: RunId, spec: RunSpec, extensions: Sequence[Extension], *, before: Before
) -> bool:
    """Queue a run that is asked something else; false where it is in another state, or no longer what it was before.

    Raises:
        RunNotFound: no run has that id.
    """
    number = number_of(connection, run)
    (now,) = connection.execute("SELECT spec FROM specs WHERE number = ?", (number,)).fetchone()
    asked, expect = before
    if RunSpec.model_validate_json(now) != asked or not set_state(connection, run, "queued", expect, None):
        return False
    connection.execute("UPDATE specs SET spec = ? WHERE number = ?", (_spec_text(spec), number))
    keep_extensions(connection, run, extensions)
    index_run(connection, number)
    return True


def keep_extensions(connection: sqlite3.Connection, run: RunId, extensions: Sequence[Extension]) -> None:
    """Replace what is known of how the run was extended."""
    body = EXTENSIONS.dump_json(tuple(extensions)).decode()
    connection.execute("INSERT OR REPLACE INTO extensions VALUES (?, ?)", (number_of(connection, run), body))


def move(connection: sqlite3.Connection, run: RunId, before: RunId | None) -> None:
    """Put a waiting run before another one, or at the end of the queue.

    Raises:
        RunNotFound: no run has that id.
        StateError: one of the two does not wait.
    """
    order = queue(connection)
    for name in (run, before):
        if name is not None and name not in order:
            number_of(connection, name)
            raise StateError(f"Run {name} is not waiting in the queue.", "Only waiting runs can be moved.")
    if run != before:
        order.remove(run)
        order.insert(order.index(before) if before else len(order), run)
    connection.executemany(
        "UPDATE runs SET place = ?, version = version + 1 WHERE run = ? AND place <> ?",
        ((place, name, place) for place, name in enumerate(order, start=1)),
    )


def rename(connection: sqlite3.Connection, run: RunId, title: str) -> None:
    """Give the run a title; an empty one takes it away."""
    _set_text(connection, run, "title", _one_line("title", title, TITLE_LIMIT))


def set_note(connection: sqlite3.Connection, run: RunId, note: str) -> None:
    """Keep the user's remark on the run."""
    text = clean(note).strip()
    if len(text) > NOTE_LIMIT:
        raise ConfigError({"note": f"has {len(text):,} characters; at most {NOTE_LIMIT:,} are kept."})
    _set_text(connection, run, "note", text)


def set_tags(connection: sqlite3.Connection, run: RunId, tags: Sequence[str]) -> None:
    """Replace the run's tags."""
    number = number_of(connection, run)
    given = {_one_line("tags", tag, TAG_LIMIT) for tag in tags} - {""}
    if len(given) > TAGS_LIMIT:
        raise ConfigError({"tags": f"are {len(given)}; at most {TAGS_LIMIT} are kept."}, "Leave some out.")
    connection.execute("DELETE FROM tags WHERE number = ?", (number,))
    connection.executemany("INSERT INTO tags VALUES (?, ?)", ((number, tag) for tag in given))
    _touch(connection, number)
    index_run(connection, number)


def star(connection: sqlite3.Connection, run: RunId, starred: bool) -> None:
    """Star the run or take the star away."""
    number = number_of(connection, run)
    connection.execute("UPDATE runs SET starred = ? WHERE number = ?", (starred, number))
    _touch(connection, number)


def archive(connection: sqlite3.Connection, run: RunId, archived: bool) -> None:
    """Lay the run aside or take it up again.

    Raises:
        RunNotFound: no run has that id.
        StateError: the run is live.
    """
    number = number_of(connection, run)
    if archived:
        _refuse_live(connection, number, run, "archive it")
    connection.execute("UPDATE runs SET archived = ? WHERE number = ?", (archived, number))
    _touch(connection, number)


def delete(connection: sqlite3.Connection, run: RunId) -> None:
    """Hide the run; `undelete` brings it back until it is purged.

    Raises:
        RunNotFound: no run has that id.
        StateError: the run is live.
    """
    number = number_of(connection, run)
    _refuse_live(connection, number, run, "delete it")
    connection.execute("UPDATE runs SET deleted = 1, deleted_at = ? WHERE number = ?", (time.time(), number))
    _touch(connection, number)


def undelete(connection: sqlite3.Connection, run: RunId) -> None:
    """Bring a deleted run back.

    Raises:
        RunNotFound: no run has that id; it may have been purged.
    """
    number = number_of(connection, run)
    connection.execute("UPDATE runs SET deleted = 0, deleted_at = NULL WHERE number = ?", (number,))
    _touch(connection, number)


def deleted_runs(connection: sqlite3.Connection, before: float) -> list[RunId]:
    """Runs deleted before that time, and the questions that were asked of them."""
    found = connection.execute(
        "SELECT run FROM runs WHERE deleted = 1 AND deleted_at < ? UNION SELECT child.run FROM runs AS child"
        " JOIN runs AS old ON child.parent = old.run AND child.purpose = 'ask'"
        " WHERE old.deleted = 1 AND old.deleted_at < ?",
        (before, before),
    )
    return [run for (run,) in found]


def forget(connection: sqlite3.Connection, run: RunId) -> None:
    """Take the run out of every table."""
    number = number_of(connection, run)
    for table in _HANGING:
        connection.execute(f"DELETE FROM {table} WHERE number = ?", (number,))
    connection.execute("DELETE FROM search WHERE rowid = ?", (number,))
    connection.execute("DELETE FROM runs WHERE number = ?", (number,))


def remove_folder(runs_root: Path, run: RunId) -> None:
    """Remove the run's folder; a link in its place is removed, never followed."""
    path = RunFolder(runs_root, run).path
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _refuse_live(connection: sqlite3.Connection, number: int, run: RunId, then: str) -> None:
    (state,) = connection.execute("SELECT state FROM runs WHERE number = ?", (number,)).fetchone()
    if state in LIVE:
        raise StateError(f"Run {run} is {state}.", f"Stop it first, then {then}.")


def _taken(connection: sqlite3.Connection, run: RunId) -> bool:
    return connection.execute("SELECT 1 FROM runs WHERE run = ?", (run,)).fetchone() is not None


def _last_place(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT coalesce(max(place), 0) + 1 FROM runs WHERE state = 'queued'").fetchone()[0]


def _set_text(connection: sqlite3.Connection, run: RunId, column: str, text: str) -> None:
    number = number_of(connection, run)
    connection.execute(f"UPDATE runs SET {column} = ? WHERE number = ?", (text, number))
    _touch(connection, number)
    index_run(connection, number)


def _touch(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("UPDATE runs SET version = version + 1 WHERE number = ?", (number,))


def _one_line(field: str, text: str, limit: int) -> str:
    line = " ".join(clean(text).split())
    if len(line) > limit:
        raise ConfigError({field: f"has {len(line):,} characters; at most {limit} are kept."}, "Shorten it.")
    return line


def _spec_text(spec: RunSpec) -> str:
    try:
        return spec.model_dump_json()
    except ValueError as error:
        raise ConfigError({"settings": f"hold something that cannot be kept: {error}."}, "Remove it.") from error

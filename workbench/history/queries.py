"""Questions to the history: records, listings, the queue, and what hangs on a run."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json

from workbench.contract.errors import RunNotFound
from workbench.contract.runs import RUN_ID, RunId, RunSpec, State
from workbench.history.digests import digests
from workbench.history.records import ArtifactLine, Cursor, Page, RunFilter, RunRecord
from workbench.history.search import clean, match_query
from workbench.storage.extensions import EXTENSIONS, Extension

LARGEST_PAGE = 1000
_COLUMNS = (
    "number, run, engine, state, purpose, title, note, starred, owner, origin, parent, created, started, ended,"
    " seconds, phase, done, total, unit, progress_at, error_code, error, hint, traceback, attempt, version, events,"
    " deleted, archived"
)
# asked for by name: without statistics SQLite would at times sort a hundred thousand runs for one page
_INDEXED = {
    (True, False): "runs INDEXED BY runs_listed",
    (True, True): "runs INDEXED BY runs_by_engine",
    (False, False): "runs",
    (False, True): "runs",
}


def number_of(connection: sqlite3.Connection, run: RunId) -> int:
    """Return the run's number.

    Raises:
        RunNotFound: no run has that id.
    """
    found = None
    if RUN_ID.match(run):
        found = connection.execute("SELECT number FROM runs WHERE run = ?", (run,)).fetchone()
    if found is None:
        raise RunNotFound(f"The history has no run {run[:80]!r}.", "It may have been deleted; look in the History tab.")
    return found[0]


def record(connection: sqlite3.Connection, run: RunId) -> RunRecord:
    """Everything known of one run.

    Raises:
        RunNotFound: no run has that id.
    """
    number = number_of(connection, run)
    found = connection.execute(f"SELECT {_COLUMNS} FROM runs WHERE number = ?", (number,)).fetchall()
    return _records(connection, found)[0]


def listing(connection: sqlite3.Connection, wanted: RunFilter, after: Cursor | None, limit: int) -> Page:
    """Return one page of the runs that pass the filter, newest first."""
    limit = max(1, min(limit, LARGEST_PAGE))
    conditions, values = _conditions(wanted)
    if after is not None:
        conditions.append("number < ?")
        values.append(after)
    source = _INDEXED[wanted.purpose is not None, bool(wanted.engine)]
    if wanted.text.strip():
        query = match_query(wanted.text)
        if query is None:
            return Page((), None)
        source = "search CROSS JOIN runs ON runs.number = search.rowid"
        conditions, values = _searched(conditions, values, query, after)
    found = connection.execute(
        f"SELECT {_columns_of_runs()} FROM {source} WHERE {' AND '.join(conditions)}"
        f" ORDER BY {'search.rowid' if wanted.text.strip() else 'number'} DESC LIMIT ?",
        (*values, limit + 1),
    ).fetchall()
    more = found[limit - 1][0] if len(found) > limit else None
    return Page(tuple(_records(connection, found[:limit])), more)


def counts(connection: sqlite3.Connection, purpose: str) -> dict[State, int]:
    """Runs by state, the deleted ones left out."""
    found = connection.execute(
        "SELECT state, amount FROM state_counts WHERE purpose = ? AND deleted = 0 AND amount > 0", (purpose,)
    )
    return dict(found.fetchall())


def queue(connection: sqlite3.Connection) -> list[RunId]:
    """Return the waiting runs, the next one first."""
    found = connection.execute("SELECT run FROM runs WHERE state = 'queued' AND deleted = 0 ORDER BY place, number")
    return [run for (run,) in found]


def versions(connection: sqlite3.Connection, run: RunId) -> dict[str, int]:
    """Return rows by table name; tables without any are left out."""
    found = connection.execute(
        "SELECT name, amount FROM counters WHERE number = ? AND amount > 0", (number_of(connection, run),)
    )
    return dict(found.fetchall())


def artifacts(connection: sqlite3.Connection, run: RunId) -> list[ArtifactLine]:
    """Return the files the run made, by name."""
    number = number_of(connection, run)
    found = connection.execute("SELECT name, bytes, sha256 FROM artifacts WHERE number = ? ORDER BY name", (number,))
    return [ArtifactLine(*line) for line in found]


def facts(connection: sqlite3.Connection, run: RunId) -> dict[str, Any]:
    """Return what the run recorded of its surroundings."""
    number = number_of(connection, run)
    found = connection.execute("SELECT name, value FROM facts WHERE number = ? ORDER BY name", (number,))
    return {name: from_json(value) for name, value in found}


def closed_scopes(connection: sqlite3.Connection, run: RunId, prefix: str) -> list[str]:
    """Return the scopes that the run has closed, those whose path begins with `prefix`, by path."""
    found = connection.execute(
        "SELECT scope FROM closed WHERE number = ? AND scope >= ? AND scope < ? || char(1114111) ORDER BY scope",
        (number_of(connection, run), prefix, prefix),
    )
    return [scope for (scope,) in found]


def extensions(connection: sqlite3.Connection, run: RunId) -> tuple[Extension, ...]:
    """Return how the run was extended, the first time first."""
    number = number_of(connection, run)
    found = connection.execute("SELECT body FROM extensions WHERE number = ?", (number,)).fetchone()
    return EXTENSIONS.validate_json(found[0]) if found else ()


def notes(connection: sqlite3.Connection, run: RunId) -> list[str]:
    """Remarks for the reader in the order they were made; last, what could not be read of the run's events."""
    number = number_of(connection, run)
    found = connection.execute("SELECT body FROM notes WHERE number = ? ORDER BY seq", (number,)).fetchall()
    refused, at = connection.execute("SELECT refused, refused_at FROM runs WHERE number = ?", (number,)).fetchone()
    said = [body for (body,) in found]
    if refused:
        lines = "1 line" if refused == 1 else f"{refused} lines"
        said.append(f"{lines} of the run's events could not be read and were left out (the first at byte {at}).")
    return said


def tags_in_use(connection: sqlite3.Connection) -> list[str]:
    """Return every tag, the most used first."""
    found = connection.execute("SELECT tag FROM tags GROUP BY tag ORDER BY count(*) DESC, tag")
    return [tag for (tag,) in found]


def _conditions(wanted: RunFilter) -> tuple[list[str], list[Any]]:
    conditions: list[str] = ["deleted = ?"]
    values: list[Any] = [wanted.deleted]
    for column in ("purpose", "origin", "owner", "parent", "starred", "archived"):
        asked = getattr(wanted, column)
        if asked is not None:
            conditions.append(f"runs.{column} = ?")
            values.append(asked)
    if wanted.engine:
        conditions.append("runs.engine = ?")
        values.append(wanted.engine)
    if wanted.states:
        # the plus keeps the order of the listing's index; a search per state would have to be sorted
        conditions.append(f"+runs.state IN ({', '.join('?' * len(wanted.states))})")
        values.extend(wanted.states)
    for tag in wanted.tags:
        conditions.append("EXISTS (SELECT 1 FROM tags WHERE tags.number = runs.number AND tag = ?)")
        values.append(tag)
    return conditions, [clean(value) if isinstance(value, str) else value for value in values]


def _searched(
    conditions: list[str], values: list[Any], query: str, after: Cursor | None
) -> tuple[list[str], list[Any]]:
    found: list[str] = ["search MATCH ?"]
    match: list[Any] = [query]
    if after is not None:
        found.append("search.rowid < ?")
        match.append(after)
    return found + conditions, match + values


def _columns_of_runs() -> str:
    return ", ".join(f"runs.{column.strip()}" for column in _COLUMNS.split(","))


def _records(connection: sqlite3.Connection, found: Sequence[tuple[Any, ...]]) -> list[RunRecord]:
    numbers = [line[0] for line in found]
    marks = ", ".join("?" * len(numbers))
    specs = dict(connection.execute(f"SELECT number, spec FROM specs WHERE number IN ({marks})", numbers).fetchall())
    tags: defaultdict[int, list[str]] = defaultdict(list)
    for number, tag in connection.execute(f"SELECT number, tag FROM tags WHERE number IN ({marks})", numbers):
        tags[number].append(tag)
    tables: defaultdict[int, dict[str, int]] = defaultdict(dict)
    revisions: defaultdict[int, dict[str, int]] = defaultdict(dict)
    sizes = connection.execute(
        f"SELECT number, name, amount, revision FROM counters WHERE number IN ({marks})", numbers
    )
    for number, name, amount, revision in sizes:
        revisions[number][name] = revision
        if amount:
            tables[number][name] = amount
    kept = digests(connection, numbers)
    names = [column.strip() for column in _COLUMNS.split(",")]
    records = []
    for line in found:
        number, values = line[0], dict(zip(names[1:], line[1:], strict=True))
        values |= {flag: bool(values[flag]) for flag in ("starred", "deleted", "archived")}
        values["digest"] = kept.get(number)
        values |= {"tags": tuple(tags[number]), "tables": tables[number], "revisions": revisions[number]}
        records.append(RunRecord(**values, spec=RunSpec.model_validate_json(specs[number])))
    return records

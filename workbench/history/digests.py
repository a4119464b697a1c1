"""What is kept of runs for their listing: verdict words and disk use."""

import sqlite3
from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from workbench.contract.errors import RunNotFound
from workbench.contract.runs import RunId
from workbench.history.records import RunDigest

_DIGEST = TypeAdapter(RunDigest)


def keep(connection: sqlite3.Connection, run: RunId, digest: RunDigest | None) -> None:
    """Keep what a listing tells of the run; None forgets it.

    Raises:
        RunNotFound: no run has that id.
    """
    found = connection.execute("SELECT number FROM runs WHERE run = ?", (run,)).fetchone()
    if found is None:
        raise RunNotFound(f"The history has no run {run[:80]!r}.")
    connection.execute("DELETE FROM digests WHERE number = ?", found)
    if digest is not None:
        body = _DIGEST.dump_json(digest).decode()
        connection.execute("INSERT INTO digests VALUES (?, ?, ?)", (*found, digest.basis, body))


def digests(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, RunDigest]:
    """Return what is kept of those runs, by number; one that cannot be read is as none."""
    marks = ", ".join("?" * len(numbers))
    found = connection.execute(f"SELECT number, body FROM digests WHERE number IN ({marks})", numbers)
    read = {number: _read(body) for number, body in found}
    return {number: digest for number, digest in read.items() if digest is not None}


def disk_use(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return (bytes, spare bytes) of all runs whose digest is kept."""
    total = connection.execute(
        "SELECT coalesce(sum(json_extract(body, '$.bytes')), 0), coalesce(sum(json_extract(body, '$.spare')), 0)"
        " FROM digests"
    )
    return total.fetchone()


def _read(body: str) -> RunDigest | None:
    try:
        return _DIGEST.validate_json(body)
    except ValidationError:
        return None

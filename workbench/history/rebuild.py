"""A lost or damaged history, made anew from the run folders and from what can still be read of the old file."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from workbench.contract.errors import WorkbenchError
from workbench.contract.runs import RUN_ID, RunFolder
from workbench.history.adopt import ORIGIN_FILE, fingerprint_of, made_at, read_spec, take_up
from workbench.history.changes import Opening
from workbench.history.search import index_run
from workbench.history.store import Store

_GIVEN = ("title", "note", "starred", "owner", "deleted", "deleted_at")


def rebuild_from_folders(store: Store, runs_root: Path) -> int:
    """Number of runs taken up from their folders into a fresh history, oldest first."""
    folders = [path for path in runs_root.glob("*") if RUN_ID.match(path.name) and not path.is_symlink()]
    found = sum(_adopt(store, path) for path in sorted(folders, key=made_at))
    if store.set_aside is not None:
        _give_back(store, store.set_aside)
    if found:
        runs = "1 run was" if found == 1 else f"{found} runs were"
        store.notices.append(f"{runs} taken up again from disk.")
    return found


def _adopt(store: Store, path: Path) -> bool:
    try:
        origin = _origin_of(path)
        opening = Opening(path.name, origin=origin, fingerprint=fingerprint_of(path) if origin else None)
        take_up(store, RunFolder(path.parent, path.name), read_spec(path), opening)
    except WorkbenchError as error:
        store.notices.append(f"The folder {path.name} could not be taken up: {error}")
        return False
    return True


def _give_back(store: Store, damaged: Path) -> None:
    """Restore what people said of their runs, as far as the damaged file can be read."""
    for line in _readable(damaged, f"SELECT run, {', '.join(_GIVEN)} FROM runs"):
        with store.writing() as connection:
            changes = ", ".join(f"{name} = ?" for name in _GIVEN)
            connection.execute(f"UPDATE runs SET {changes} WHERE run = ?", (*line[1:], line[0]))
            _index(connection, line[0])
    for run, tag in _readable(damaged, "SELECT run, tag FROM tags JOIN runs USING (number)"):
        with store.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO tags SELECT number, ? FROM runs WHERE run = ?", (tag, run))
            _index(connection, run)


def _index(connection: sqlite3.Connection, run: str) -> None:
    for (number,) in connection.execute("SELECT number FROM runs WHERE run = ?", (run,)).fetchall():
        index_run(connection, number)


def _readable(damaged: Path, question: str) -> Iterator[tuple[Any, ...]]:
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)) as old:
        yield from old.execute(question)


def _origin_of(folder: Path) -> str:
    try:
        return str(json.loads((folder / ORIGIN_FILE).read_bytes())["origin"])
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, KeyError, TypeError):
        return "imported"

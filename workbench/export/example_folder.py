"""A finished run as an example that ships: one Parquet file a table, an event log without rows, packed artifacts.

Design decisions:
- Rows come from the history, which knows the committed ones. A column that holds numbers here and vectors there makes
  one file a kind of values; a table that Parquet would not give back value for value stays in the event log.
- What the example holds is imported into a history of its own and compared with the run before it is handed out.
- An example names no path of the machine that ran it: each gets a name that others can use, and a note says so.
"""

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.contract.errors import HistoryError
from workbench.contract.runs import RunFolder
from workbench.export.example_tables import Example, event_lines, write_tables
from workbench.storage.extensions import LOOKS_FILE
from workbench.storage.packed_artifacts import pack_artifact

if TYPE_CHECKING:
    from workbench.bench.session import Session
    from workbench.contract.runs import RunId
    from workbench.history import History

MACHINE_PATH = re.compile(r"(?<![\w:/.~-])/(?:home|root|tmp|Users|work|mnt|media|opt|var|srv|private)/[^\s\"'#,;]+")
ROWS_A_PAGE = 5_000


class Naming(NamedTuple):
    """Names that stand for paths of the machine, and what is said of them."""

    names: Mapping[str, str]
    notes: Sequence[str]


def write_example(
    session: "Session", run: "RunId", folder: Path, names: Mapping[str, str] | None = None, notes: Sequence[str] = ()
) -> list[Path]:
    """Write a finished run as a run folder below `folder` that is small enough to ship; return its files.

    Args:
        names: path of this machine -> the name that stands for it in the example (a bundled name, a hub id, an upload).
        notes: further remarks for the reader: what those names truly were, what was left out.

    Raises:
        RunNotFound: no run has that id.
        HistoryError: the run has not finished, still names a path of this machine, the folder cannot be written, or
            what was written does not give back the run.
    """
    state = session.history.record(run).state
    if state != "finished":
        raise HistoryError(f"Run {run} is {state}; an example shows a finished run.")
    target = folder / run
    if target.exists():
        raise HistoryError(f"{target} exists already.", "Choose another folder, or remove it.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".example-") as scratch:
            made = Path(scratch) / run
            told = [*(_stands_for(name) for name in sorted(set((names or {}).values()))), *notes]
            _write_folder(session, session.history.folder(run), made, Naming(names or {}, told))
            made.rename(target)
    except OSError as error:
        raise HistoryError(f"{folder} cannot be written: {error.strerror}.", "Choose another folder.") from error
    return sorted(path for path in target.rglob("*") if path.is_file())


def _write_folder(session: "Session", source: RunFolder, made: Path, naming: "Naming") -> None:
    history, run, names = session.history, source.run, naming.names
    for inner in ("tables", "artifacts"):
        (made / inner).mkdir(parents=True)
    for name in ("spec.json", LOOKS_FILE, "environment.json"):
        if (source.path / name).exists():
            text = _renamed((source.path / name).read_text(encoding="utf-8"), names)
            (made / name).write_text(text, encoding="utf-8")
    for artifact in history.artifacts(run):
        pack_artifact(source.artifact(artifact.name), made / "artifacts")
    tables = {name: _renamed(_rows(history, run, name), names) for name in history.versions(run)}
    example = write_tables(tables, made / "tables")
    lines = event_lines(source.events, example, naming.notes)
    (made / "events.jsonl").write_text(_renamed("".join(lines), names), encoding="utf-8")
    _refuse_paths(made, tables)
    _compare(history, run, made, example)


def _rows(history: "History", run: "RunId", table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor, more = -1, True
    while more:
        page = history.rows_after(run, table, cursor, ROWS_A_PAGE)
        rows.extend(page.rows)
        cursor, more = page.next, page.more
    return rows


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The value with every path replaced by the name that stands for it, at any depth."""
    if not names:
        return value
    if isinstance(value, str):
        for path, name in names.items():
            value = value.replace(path, name)
        return value
    if isinstance(value, list):
        return [_renamed(inner, names) for inner in value]
    if isinstance(value, dict):
        return {key: _renamed(inner, names) for key, inner in value.items()}
    return value


def _stands_for(name: str) -> str:
    return f"{name} stands for a file or folder of the machine that ran this study."


def _refuse_paths(made: Path, tables: Mapping[str, list[dict[str, Any]]]) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in made.iterdir() if path.is_file()}
    texts |= {name: repr(rows) for name, rows in tables.items()}
    for place, text in texts.items():
        found = MACHINE_PATH.search(text)
        if found:
            raise HistoryError(
                f"{place} names {found.group()[:200]!r}, a path of this machine.",
                "Run it from bundled names or hub ids, or say in `names` which name stands for it.",
            )


def _compare(history: "History", run: "RunId", made: Path, example: Example) -> None:
    """Import the example into a history of its own and hold it against the run."""
    from contextlib import closing

    from workbench.history import History

    with tempfile.TemporaryDirectory() as home, closing(History(Path(home) / "history.db")) as other:
        found = other.import_folder(made, origin="example")
        differs = [name for name, rows in example.tables.items() if repr(_rows(other, found, name)) != repr(rows)]
        if other.artifacts(found) != history.artifacts(run) or other.record(found).state != "finished":
            differs.append("artifacts or state")
        shutil.rmtree(other.folder(found).path)
    if differs:
        raise HistoryError(f"The example would not give back the run: {', '.join(differs)}.", "Report this as a fault.")

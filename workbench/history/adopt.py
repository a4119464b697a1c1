"""Run folders from elsewhere: checked, copied and taken up.

Design decisions:
- A foreign folder is data, never trusted: known names only, no links, sizes limited, checksums compared.
- Caches and checkpoints stay behind: an imported run can be shown and run again, not resumed.
- The same folder imported twice is one run.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import from_json

from workbench.contract.errors import HistoryError
from workbench.contract.events import EVENT, ArtifactSaved
from workbench.contract.runs import ARTIFACT_NAME, LIVE, RUN_ID, RunFolder, RunId, RunSpec, new_run_id, write_atomically
from workbench.history.changes import Opening, keep_extensions, open_run, set_state
from workbench.history.ingest import take_up_events
from workbench.history.store import Store
from workbench.storage.extensions import LOOKS_FILE, read_extensions
from workbench.storage.packed_artifacts import unpack_artifacts
from workbench.storage.replay import last_extension

LARGEST_IMPORT = 8 << 30
LARGEST_SPEC = 4 << 20
MOST_FILES = 10_000
ORIGIN_FILE = "origin.json"
_SINGLE = ("spec.json", LOOKS_FILE, "environment.json", "events.jsonl", "log.txt")
_FOLDERS = ("tables", "artifacts")
_SAYS_ARTIFACT = re.compile(rb'"kind"\s*:\s*"artifact"')


def import_folder(store: Store, runs_root: Path, source: Path, origin: str) -> RunId:
    """Copy a run folder under the runs root and take it up.

    Raises:
        HistoryError: the folder is not a run folder, too large, holds links, or a file differs from its checksum.
    """
    spec = read_spec(source)
    files = list(_files(source))
    fingerprint = fingerprint_of(source)
    known = _known(store, fingerprint)
    if known:
        return known
    run = _free_id(store, runs_root, source.name, spec)
    _remove_leftovers(runs_root)
    scratch = runs_root / f".import-{secrets.token_hex(6)}"
    try:
        _copy(source, scratch, files)
        _compare_checksums(scratch)
        read_extensions(scratch)
        write_atomically(scratch / ORIGIN_FILE, json.dumps({"origin": origin, "run": source.name}))
        scratch.rename(runs_root / run)
    except OSError as error:
        raise HistoryError(f"{source.name} cannot be copied: {error.strerror}.", "Check free space.") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    take_up(store, RunFolder(runs_root, run), spec, Opening(run, origin=origin, fingerprint=fingerprint))
    return run


def take_up(store: Store, folder: RunFolder, spec: RunSpec, opening: Opening) -> None:
    """Open the run that lies in a folder under the runs root, and read what it said.

    One that was extended and not yet taken up again by a worker has been interrupted, though it had finished before.
    """
    begun = _first_moment(folder.events) or made_at(folder.path)
    started = Opening(**{**vars(opening), "state": "interrupted", "created": begun})
    extensions = read_extensions(folder.path)
    with store.writing() as connection:
        open_run(connection, spec, started)
        if extensions:
            keep_extensions(connection, folder.run, extensions)
    take_up_events(store, folder.run, folder)
    begun_all = len(extensions) <= last_extension(folder.events)
    if opening.origin or not begun_all:
        with store.writing() as connection:
            set_state(connection, folder.run, "interrupted", LIVE if begun_all else {*LIVE, "finished"}, None)


def read_spec(source: Path) -> RunSpec:
    """Return the spec of a run folder, which may be anyone's.

    Raises:
        HistoryError: it is missing, too large or not valid.
    """
    try:
        with _open_plain(source / "spec.json") as file:
            text = file.read(LARGEST_SPEC + 1)
    except OSError as error:
        raise HistoryError(
            f"{source.name} is not a run folder: its spec.json cannot be read ({error.strerror}).",
            "Give the folder that holds spec.json and events.jsonl.",
        ) from error
    if len(text) > LARGEST_SPEC:
        raise HistoryError(f"The spec.json of {source.name} is larger than 4 MB.", "It is not one that a run made.")
    try:
        return RunSpec.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "spec.json"
        raise HistoryError(
            f"The spec.json of {source.name} is not valid: {where}: {first['msg']}.", "Export the run again."
        ) from error


def _files(source: Path) -> Iterator[Path]:
    """Relative paths of what an import takes along."""
    total, count = 0, 0
    for path in _candidates(source):
        size = _plain_size(source, path)
        if size is None:
            continue
        total, count = total + size, count + 1
        if total > LARGEST_IMPORT or count > MOST_FILES:
            raise HistoryError(
                f"{source.name} holds more than {LARGEST_IMPORT >> 30} GB or {MOST_FILES:,} files.",
                "Import a smaller run.",
            )
        yield path


def _candidates(source: Path) -> Iterator[Path]:
    for name in _SINGLE:
        yield Path(name)
    for folder in _FOLDERS:
        inner = source / folder
        if inner.is_symlink():
            raise HistoryError(f"{folder} in {source.name} is a link; links are not imported.")
        for entry in sorted(inner.iterdir()) if inner.is_dir() else ():
            if not ARTIFACT_NAME.match(entry.name):
                raise HistoryError(f"{entry.name[:80]!r} in {folder} is not a name that a run gives a file.")
            yield Path(folder) / entry.name


def _plain_size(source: Path, path: Path) -> int | None:
    try:
        seen = (source / path).lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(seen.st_mode):
        raise HistoryError(f"{path} in {source.name} is not a plain file; links and devices are not imported.")
    return seen.st_size


def _open_plain(path: Path) -> BufferedReader:
    # opened without following a link, so that one put there after the check is refused as well
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    return open(os.open(path, flags), "rb")


def _remove_leftovers(runs_root: Path) -> None:
    # an import that was killed leaves its half copy; one that is a day old is nobody's any more
    for old in runs_root.glob(".import-*"):
        if made_at(old) < time.time() - 86_400:
            shutil.rmtree(old, ignore_errors=True)


def _copy(source: Path, scratch: Path, files: list[Path]) -> None:
    for folder in ("once", "tables", "artifacts", "checkpoints"):
        (scratch / folder).mkdir(parents=True)
    left = LARGEST_IMPORT
    for path in files:
        left -= _copy_file(source / path, scratch / path, left)


def _copy_file(source: Path, target: Path, limit: int) -> int:
    copied = 0
    with _open_plain(source) as given, target.open("xb") as kept:
        while piece := given.read(1 << 20):
            copied += len(piece)
            if copied > limit:
                raise HistoryError(f"{source.name} grew beyond {LARGEST_IMPORT >> 30} GB while it was copied.")
            kept.write(piece)
    return copied


def _compare_checksums(folder: Path) -> None:
    stated = _stated_artifacts(folder / "events.jsonl")
    unpack_artifacts(folder / "artifacts", stated, LARGEST_IMPORT)
    for name, (size, sha256) in stated.items():
        path = folder / "artifacts" / name
        if not ARTIFACT_NAME.match(name) or not path.is_file():
            raise HistoryError(f"The artifact {name[:80]!r} is missing.", "Copy the whole run folder.")
        if path.stat().st_size != size or _sha256(path) != sha256:
            raise HistoryError(
                f"The artifact {name} is not the one that the run made: its size or checksum differs.",
                "Copy the run folder again from where it was made.",
            )
    for path in (folder / "artifacts").iterdir():
        if path.name not in stated:
            path.unlink()


def _stated_artifacts(events: Path) -> dict[str, tuple[int, str]]:
    stated: dict[str, tuple[int, str]] = {}
    if not events.exists():
        return stated
    with events.open("rb") as lines:
        for line in filter(_SAYS_ARTIFACT.search, lines):
            stated |= _stated_artifact(line)
    return stated


def _stated_artifact(line: bytes) -> dict[str, tuple[int, str]]:
    try:
        event = EVENT.validate_json(line)
    except ValueError:
        return {}
    return {event.name: (event.bytes, event.sha256)} if isinstance(event, ArtifactSaved) else {}


def fingerprint_of(source: Path) -> str:
    """Digest of what a run was asked, how it was extended, and what it said."""
    digest = hashlib.sha256()
    extended = (LOOKS_FILE,) if os.path.lexists(source / LOOKS_FILE) else ()
    for name in ("spec.json", "events.jsonl", *extended):
        try:
            digest.update(_sha256(source / name).encode())
        except FileNotFoundError:
            digest.update(b"none")
        except OSError as error:
            raise HistoryError(f"{name} in {source.name} cannot be read: {error.strerror}.") from error
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with _open_plain(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _known(store: Store, fingerprint: str) -> RunId | None:
    with store.reading() as connection:
        found = connection.execute("SELECT run FROM runs WHERE fingerprint = ?", (fingerprint,)).fetchone()
    return found[0] if found else None


def _free_id(store: Store, runs_root: Path, name: str, spec: RunSpec) -> RunId:
    with store.reading() as connection:
        taken = connection.execute("SELECT 1 FROM runs WHERE run = ?", (name,)).fetchone()
    if taken or not RUN_ID.match(name) or (runs_root / name).exists():
        return new_run_id(spec.engine)
    return name


def _first_moment(events: Path) -> float | None:
    try:
        with events.open("rb") as lines:
            at = from_json(lines.readline(1 << 16))["at"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return float(at) if isinstance(at, int | float) and 0 < at <= time.time() + 86_400 else None


def made_at(folder: Path) -> float:
    """Return when the run's spec was written, seconds since the epoch.

    0 if it has none.
    """
    try:
        return (folder / "spec.json").stat().st_mtime
    except OSError:
        return 0.0

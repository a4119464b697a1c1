"""Which files of this machine a reference may name.

- `upload:NAME` is a file of the uploads folder, by bare name.
- `run:ID/NAME` is what a finished run saved.
- An absolute path (or one that starts with "~") must lie, after all links are followed, under an allowed root: the
  folders models, data and uploads of the data folder, the hub's cache, and the folders of `BENCHWRIGHT_ROOTS`
  (separated as in PATH). Who starts the process decides that variable: the command line sets it to "/" for its own
  user, a server leaves it unset unless its owner names folders.
"""

import os
import re
from pathlib import Path

from engines.parts.registry.allowed_folders import allowed_folders
from workbench.contract.errors import RunNotFound, WorkbenchError
from workbench.storage.home import place, saved_by_run

UPLOAD = re.compile(r"[^/\\\x00]{1,200}")
SAVED_BY_RUN = re.compile(r"run:([^/\s]+)/([^/\s]+)")


def allowed_roots() -> list[Path]:
    """Folders whose files may be named by absolute path, links followed."""
    asked = [Path(part).expanduser() for part in os.environ.get("BENCHWRIGHT_ROOTS", "").split(os.pathsep) if part]
    ours = [place(name) for name in ("models", "data", "uploads")]
    return [root.resolve() for root in (*asked, *ours, hub_cache(), *allowed_folders())]


def hub_cache() -> Path:
    """Return where huggingface_hub keeps snapshots, by its own environment variables."""
    hub_home = os.environ.get("HF_HOME") or "~/.cache/huggingface"
    return Path(os.environ.get("HF_HUB_CACHE") or f"{hub_home}/hub").expanduser()


def is_local(ref: str) -> bool:
    """Return whether a reference is meant as a path of this machine, allowed or not."""
    return ref.startswith(("/", "~", "./", "../")) or Path(ref).is_absolute()


def local_path(ref: str, refusal: type[WorkbenchError]) -> Path:
    """Return the real path that an absolute reference names, links followed.

    Raises:
        refusal: relative, missing, or outside the allowed roots.
    """
    if ref.startswith("."):
        raise refusal(f"{ref[:200]!r} is a relative path.", "Give the whole path, from the root of the disk.")
    try:
        real = Path(ref).expanduser().resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise refusal(f"There is nothing at {ref[:200]!r}.", "Check the path; it is read on the server.") from error
    if not any(real.is_relative_to(root) for root in allowed_roots()):
        raise refusal(
            f"{ref[:200]!r} lies outside the folders that may be read.",
            "Move it under the data folder, or start the workbench with BENCHWRIGHT_ROOTS set to its folder.",
        )
    return real


def is_outside(ref: str) -> bool:
    """Return whether a path is there and lies outside the folders that may be read."""
    try:
        real = Path(ref.strip()).expanduser().resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        return False
    return not any(real.is_relative_to(root) for root in allowed_roots())


def uploaded(ref: str, refusal: type[WorkbenchError]) -> Path:
    """Return the file that `upload:NAME` names.

    Raises:
        refusal: not a bare name, or no such upload.
    """
    name = ref.removeprefix("upload:")
    folder = place("uploads").resolve()
    if UPLOAD.fullmatch(name) and name not in (".", ".."):
        path = (folder / name).resolve()
        if path.is_file() and path.is_relative_to(folder):
            return path
    there = sorted(path.name for path in folder.iterdir() if path.is_file())[:10]
    raise refusal(
        f"There is no upload named {name[:80]!r}.",
        f"Uploads: {', '.join(there)}." if there else "Upload the file first, in Models & data.",
    )


def of_run(ref: str, refusal: type[WorkbenchError]) -> Path:
    """Return what `run:ID/NAME` names: a file or folder that a run saved.

    Raises:
        refusal: not of that form, or the run saved no such thing.
    """
    found = SAVED_BY_RUN.fullmatch(ref)
    try:
        path = saved_by_run(found[1], found[2]) if found else None
    except RunNotFound:
        path = None
    if path is None or not path.exists() or not path.resolve().is_relative_to(place("runs").resolve()):
        raise refusal(
            f"{ref[:200]!r} names nothing that a run saved.",
            "Write run:ID/NAME; the names are listed under the run's downloads.",
        )
    return path.resolve()

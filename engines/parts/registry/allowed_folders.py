"""Folders outside the workbench's own that its owner allowed to be read, one by one; kept in the data folder."""

from pathlib import Path

from filelock import FileLock

from engines.parts.registry.json_store import KeptFacts
from workbench.contract.errors import ModelError
from workbench.storage.home import home

MOST_FOLDERS = 200

_KEY = "folders"


def allowed_folders() -> tuple[Path, ...]:
    """Return the folders that were allowed, in the order in which they came."""
    kept = _facts().get(_KEY)
    return tuple(Path(each) for each in kept if isinstance(each, str)) if isinstance(kept, list) else ()


def allow_model_folder(path: str) -> Path:
    """Let a model's folder be read from now on, and nothing beside it; its real path, links followed.

    Whoever calls this has asked the owner of the machine; a guest's page never does.

    Raises:
        ModelError: relative, missing, or no folder of a model.
    """
    asked = Path(path.strip()).expanduser()
    if not asked.is_absolute():
        raise ModelError(f"{path[:200]!r} is a relative path.", "Give the whole path, from the root of the disk.")
    try:
        real = asked.resolve(strict=True)
        fits = (real / "config.json").is_file()
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"There is nothing at {path[:200]!r}.", "Check the path; it is read on the server.") from error
    if not fits:
        raise ModelError(f"{path[:200]!r} holds no config.json.", "Name the folder of one model, with its weights.")
    with FileLock(home() / ".allowed_folders.lock"):
        known = [str(each) for each in allowed_folders()]
        _facts().put(_KEY, list(dict.fromkeys([*known, str(real)]))[-MOST_FOLDERS:])
    return real


def _facts() -> KeptFacts:
    return KeptFacts(home() / "allowed_folders.json")

"""Model folders that someone added to the list: their paths, kept in the data folder."""

from filelock import FileLock

from engines.parts.models.model_files import inspect_folder
from engines.parts.registry.json_store import KeptFacts
from engines.parts.registry.local_files import local_path
from workbench.contract.errors import ConfigError, ModelError
from workbench.storage.home import home

MOST_FOLDERS = 200

_KEY = "folders"


def list_folders() -> tuple[str, ...]:
    """Return the added paths in the order in which they came."""
    kept = _facts().get(_KEY)
    return tuple(path for path in kept if isinstance(path, str)) if isinstance(kept, list) else ()


def add_folder(path: str) -> str:
    """Put a model folder on the list once it has passed every check; the path as it is kept, links followed.

    Its files are read for their fingerprint, which takes as long as the disk needs.

    Raises:
        ModelError: relative, missing, outside the allowed roots, or no complete, plain safetensors model.
        ConfigError: the list is full.
    """
    real = local_path(path.strip(), ModelError)
    inspect_folder(real)
    with _alone():
        known = list_folders()
        if len(known) >= MOST_FOLDERS and str(real) not in known:
            raise ConfigError({"folder": f"{MOST_FOLDERS} folders are on the list, which is all that it takes."})
        _facts().put(_KEY, list(dict.fromkeys([*known, str(real)])))
    return str(real)


def remove_folder(path: str) -> None:
    """Take a folder off the list.

    Raises:
        ConfigError: it is not on the list.
    """
    with _alone():
        known = list_folders()
        if path not in known:
            raise ConfigError({"folder": f"{path[:200]!r} is not on the list."}, "Reload the page.")
        _facts().put(_KEY, [each for each in known if each != path])


def _facts() -> KeptFacts:
    return KeptFacts(home() / "model_folders.json")


def _alone() -> FileLock:
    return FileLock(home() / ".model_folders.lock")

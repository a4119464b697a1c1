"""Where things live on disk: the data folder, run folders, models, uploads."""

import os
from pathlib import Path

from platformdirs import user_data_path

from workbench.contract.errors import HistoryError
from workbench.contract.runs import RunFolder


def home() -> Path:
    """Return the data folder: `BENCHWRIGHT_HOME`, else the platform's folder for user data. Made if missing.

    Raises:
        HistoryError: the folder cannot be made or written.
    """
    asked = os.environ.get("BENCHWRIGHT_HOME", "").strip()
    folder = Path(asked).expanduser().resolve() if asked else user_data_path("benchwright")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise HistoryError(
            f"The data folder {folder} cannot be made: {error.strerror}.",
            "Set BENCHWRIGHT_HOME to a folder that you may write to.",
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise HistoryError(
            f"The data folder {folder} cannot be written.", "Set BENCHWRIGHT_HOME to a folder that you may write to."
        )
    return folder


def place(name: str) -> Path:
    """Return a subfolder of `home()`: "runs", "models", "data", "uploads", "spares". Made if missing."""
    folder = home() / name
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def saved_by_run(run: str, name: str) -> Path:
    """Return where a run of this data folder keeps what it saved under `name`, there or not.

    Raises:
        RunNotFound: not the id of a run, or not the name of an artifact.
    """
    return RunFolder(place("runs"), run).artifact(name)

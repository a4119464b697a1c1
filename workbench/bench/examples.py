"""Finished runs that ship with the workbench: taken up once, shown as run elsewhere."""

import logging
from pathlib import Path

from workbench.contract.errors import HistoryError, RunNotFound
from workbench.history import History

FOLDER = Path(__file__).parents[2] / "assets" / "examples"
"""One run folder each."""

log = logging.getLogger(__name__)


def take_up_examples(history: History, folder: Path = FOLDER) -> list[str]:
    """Import the run folders of `folder` that the history does not know yet; returns the ids of those it took up.

    A damaged example is reported in the log and left out: it must never keep the workbench from opening.
    """
    taken: list[str] = []
    for example in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not example.is_dir() or _known(history, example.name):
            continue
        try:
            taken.append(history.import_folder(example, origin="example"))
        except HistoryError as error:
            log.warning("The example %s was left out: %s", example.name, error)
    return taken


def _known(history: History, run: str) -> bool:
    # by its name first: checksums of every file at every start would cost the time that a start has
    try:
        return history.record(run).origin == "example"
    except RunNotFound:
        return False

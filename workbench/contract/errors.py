"""What can go wrong, as a tree. Every message says what, what was given and what is allowed; the hint, what to do.

WorkbenchError            something a researcher can act on; shown without a traceback
├─ ConfigError            one or more settings were refused; `problems` names each field
├─ DataError              a data set lacks a column, a language, enough rows; may name file, row and field
├─ ModelError             a model cannot be found, read or used
├─ ResourceError          memory, disk or time ran out
├─ HistoryError           the history or a run folder cannot be read or written
│  └─ RunNotFound         no run has that id (it may have been deleted)
├─ StateError             the action does not fit the state of the run (deleting a live run, resuming a finished one)
├─ AccessError            the visitor may not do this
└─ RunStopped             the user pressed Stop
"""

from collections.abc import Mapping
from typing import ClassVar


class WorkbenchError(Exception):
    """Base of every error that is shown to the user as a sentence and a remedy."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(WorkbenchError):
    """One or more settings were refused; `problems` maps field name to a sentence with its remedy."""

    code = "config"

    def __init__(self, problems: Mapping[str, str], hint: str = "") -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in problems.items()), hint)
        self.problems = dict(problems)


class DataError(WorkbenchError):
    """The data cannot be used as asked.

    Attributes:
        row: line or record number, counted from 1, where one is to blame.
        field: the column to blame.
    """

    code = "data"

    def __init__(self, message: str, hint: str = "", row: int | None = None, field: str | None = None) -> None:
        super().__init__(message, hint)
        self.row = row
        self.field = field


class ModelError(WorkbenchError):
    """A model cannot be found, read or used: wrong folder, pickle weights, remote code, truncated file."""

    code = "model"


class ResourceError(WorkbenchError):
    """Memory, disk or time ran out; the hint names the setting that needs less."""

    code = "resource"


class HistoryError(WorkbenchError):
    """The history or a run folder cannot be read or written."""

    code = "history"


class RunNotFound(HistoryError):  # noqa: N818 - says what is the case
    """No run has that id; it may have been deleted."""

    code = "run_not_found"


class StateError(WorkbenchError):
    """The action does not fit the state of the run."""

    code = "state"


class AccessError(WorkbenchError):
    """The visitor may not do this: another's run, a foreign origin, a missing password."""

    code = "access"


class RunStopped(WorkbenchError):  # noqa: N818 - an order, not a fault
    """Raised inside a method at its next report after the user pressed Stop; never caught by engines."""

    code = "stopped"

    def __init__(self) -> None:
        super().__init__("The run was stopped.", "Press Resume to go on where it stood.")

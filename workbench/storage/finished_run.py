"""A finished run as a follow-up question reads it: from its folder alone, so that it needs no history."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.contract.engine import Arm
from workbench.contract.errors import DataError
from workbench.contract.runs import RunFolder
from workbench.contract.schema import Row
from workbench.storage.event_fold import EventFold

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 12
"""Arms and seeds that an error names at most."""


class FinishedRun:
    """Rows and artifacts of a finished run; see `workbench.contract.Parent`.

    Args:
        folder: the run's.
        arms: the arms that the card declares, for which of them is the method's.

    Raises:
        RunNotFound: the folder is gone.
    """

    def __init__(self, folder: RunFolder, arms: Sequence[Arm] = ()) -> None:
        self.spec = folder.spec()
        self._folder = folder
        methods = [arm.name for arm in arms if arm.role == "method" and arm.name in self.spec.arms]
        self._arm = next(iter((*methods, *self.spec.arms)), "")

    def table(self, kind: type[Row]) -> "pd.DataFrame":
        """Return the run's rows of that type, typed as `workbench.storage.typed_frames` says.

        Raises:
            HistoryError: a chunk is gone or damaged.
        """
        from workbench.storage.typed_frames import chunk_path, table_frame

        rows = sorted((row.seq, row.body) for row in self._fold.rows if row.table == kind.table())
        chunks = sorted((chunk.seq, chunk.file) for chunk in self._fold.chunks if chunk.table == kind.table())
        return table_frame(kind, rows, [(seq, chunk_path(self._folder, file)) for seq, file in chunks])

    def chosen(self, kind: type[Row], arm: str = "", seed: int | None = None) -> "pd.DataFrame":
        """Return the rows of that type of one arm (the method's) under one seed (the first).

        Raises:
            DataError: there are none; names the arms and seeds that there are.
        """
        rows = self.table(kind)
        asked = {"arm": arm or self._arm, "seed": self.spec.seeds[0] if seed is None else seed}
        by = [name for name in asked if name in rows]
        found = rows[(rows[by] == [asked[name] for name in by]).all(axis=1)]
        if found.empty:
            known = rows[by].drop_duplicates().head(MOST_NAMED).to_dict("records")
            raise DataError(
                f"The run has no {kind.table()} of {_named({name: asked[name] for name in by})}; it has "
                f"{'; '.join(map(_named, known)) or 'none at all'}.",
                "Choose one of them." if known else "Run it again with the settings that make some.",
            )
        return found.reset_index(drop=True)

    def artifact(self, name: str) -> Path:
        """Return a file the run saved.

        Raises:
            DataError: the run saved no artifact of that name.
        """
        path = self._folder.artifact(name)
        if not path.is_file():
            raise DataError(f"Run {self._folder.run} saved no artifact named {name!r}.", "Run the parent again.")
        return path

    @cached_property
    def _fold(self) -> EventFold:
        """What the run's events leave standing; a torn last line is not taken up."""
        with self._folder.events.open("rb") as lines:
            return EventFold().take_lines(line for line in lines if line.endswith(b"\n"))


def _named(which: Mapping[str, Any]) -> str:
    """The words for an arm under a seed: "arm 'plain', seed 0"."""
    return ", ".join(f"{name} {value if name == 'seed' else repr(str(value)[:60])}" for name, value in which.items())

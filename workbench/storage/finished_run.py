"""A finished run as a follow-up question reads it: from its folder alone, so that it needs no history."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from workbench.contract.engine import Arm
from workbench.contract.errors import DataError
from workbench.contract.runs import RunFolder
from workbench.contract.schema import Row
from workbench.storage.closed_scopes import ClosedScopes
from workbench.storage.replay import kind_of

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 12
"""Arms and seeds that an error names at most."""
_TELLING = (b"started", b"closed", b"reopened", b"finished", b"row", b"chunk")


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
        """The run's rows of that type; an empty frame with the right columns where there are none."""
        import pandas as pd

        columns = list(kind.model_fields)
        rows: list[dict] = []
        parts: list[pd.DataFrame] = []
        for event in self._committed(kind.table()):
            if event["kind"] == "row":
                rows.append(event["row"])
            else:
                parts.append(pd.read_parquet(self._folder.path / "tables" / event["file"]))
        if rows or not parts:
            parts.append(pd.DataFrame(rows, columns=columns))
        return pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]

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
        """A file the run saved.

        Raises:
            DataError: the run saved no artifact of that name.
        """
        path = self._folder.artifact(name)
        if not path.is_file():
            raise DataError(f"Run {self._folder.run} saved no artifact named {name!r}.", "Run the parent again.")
        return path

    def _committed(self, table: str) -> Iterator[dict]:
        """Rows and chunks of `table`, in order; those of broken-off scopes of earlier attempts are left out."""
        found: defaultdict[str, list[dict]] = defaultdict(list)
        closed = ClosedScopes()
        for event in self._events():
            closed.take(event)
            if event["kind"] == "started":
                found = defaultdict(list, {scope: rows for scope, rows in found.items() if scope in closed})
            elif event["kind"] == "reopened":
                found.pop(event["scope"], None)
            elif event.get("table") == table:
                found[event["scope"]].append(event)
        yield from sorted(chain.from_iterable(found.values()), key=itemgetter("seq"))

    def _events(self) -> Iterator[dict]:
        with self._folder.events.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n") and kind_of(line) in _TELLING:
                    yield from_json(line)


def _named(which: Mapping[str, Any]) -> str:
    """The words for an arm under a seed: "arm 'plain', seed 0"."""
    return ", ".join(f"{name} {value if name == 'seed' else repr(str(value)[:60])}" for name, value in which.items())

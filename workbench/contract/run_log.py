"""How a method speaks: the log of its run, the cells it works off, and the finished run that a question is asked of.

Design decisions:
- What a method says is a typed row in a scope that commits as a whole: a run killed and resumed equals an unbroken one.
- A log is generic over the method's settings, so that `log.arms` has them as the card's own type.
"""

# pyright: reportMissingTypeStubs=false

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from workbench.contract.schema import Config, Row

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from pydantic import BaseModel

    from workbench.contract.outcomes import Names, Values
    from workbench.contract.runs import RunSpec

    Kept = TypeVar("Kept", BaseModel, pd.DataFrame, dict[str, np.ndarray])

Settings_co = TypeVar("Settings_co", bound=Config, covariant=True)


@dataclass(frozen=True)
class RunCell:
    """One independent piece of a run: an arm under a seed, and which part of it."""

    arm: str
    seed: int
    part: str = ""

    @property
    def key(self) -> str:
        """Name of the cell's scope."""
        return f"{self.arm}/{self.seed}" + (f"/{self.part}" if self.part else "")


@dataclass(frozen=True)
class Command:
    """What the page asked of a live run: a name of `Engine.commands` and its validated body."""

    name: str
    body: Config


class Parent(Protocol):
    """A finished run, as a follow-up question reads it."""

    spec: "RunSpec"

    def table(self, kind: type[Row]) -> "pd.DataFrame":
        """Return the run's rows of that type."""
        ...

    def chosen(self, kind: type[Row], arm: str = "", seed: int | None = None) -> "pd.DataFrame":
        """Return the rows of that type of one arm under one seed.

        Args:
            kind: a row type with a field `arm`, `seed` or both; only those that it has are asked for.
            arm: "" for the method's own, or the first of a run that has it not.
            seed: None for the first of the run.

        Raises:
            DataError: there are none; names the arms and seeds that there are.
        """
        ...

    def artifact(self, name: str) -> Path:
        """Return a file the run saved.

        Raises:
            DataError: the run saved no artifact of that name.
        """
        ...


class RunLog(Protocol, Generic[Settings_co]):
    """The only way out of a method. Every call but `stopping` raises `RunStopped` once the user pressed Stop.

    Rows belong to the innermost open scope: a `phase`, a cell of `map`, or a `once`. When a scope closes its rows are
    committed. On resume, rows of scopes that had not closed are dropped and written anew; rows that a method repeats
    inside a scope that had closed are swallowed. So a recipe is written once, top to bottom, and is resumable.
    """

    seeds: Sequence[int]

    @property
    def arms(self) -> Mapping[str, Settings_co]:
        """The run's arms, each with its full settings: the run's own, but for what the arm changes (`PER_ARM`)."""
        ...

    def phase(self, name: str) -> AbstractContextManager[None]:
        """Open a phase, named as in the paper's algorithm; phases may nest."""
        ...

    def progress(self, done: int, total: int, unit: str) -> None:
        """Report progress of the innermost phase; cheap enough to call per batch."""
        ...

    def row(self, row: Row) -> None:
        """Emit one row."""
        ...

    def table(self, kind: type[Row], frame: "pd.DataFrame") -> None:
        """Emit many rows at once; kept as a parquet chunk. Columns are the fields of `kind`."""
        ...

    def outcomes(
        self, metric: str, cell: RunCell, values: "Values", item: "Names" = None, cluster: "Names" = None,
        slice: "Names" = "",
    ) -> None:  # fmt: skip
        """Emit outcomes of one metric, of one arm under one seed.

        Args:
            metric: name of a `Metric` of the card.
            cell: the arm and the seed that they belong to.
            values: N numbers, or (N, K) sufficient statistics of a corpus metric: an array, a column, a frame, a list.
            item: the item of each value; None where the value stands for the whole cell.
            cluster: what items share: one name for all or one each; None makes each item its own cluster.
            slice: where they were observed: one path for all or one each.

        Raises:
            DataError: a value is not finite, lengths differ, an item is reported twice under one slice, or the metric,
                arm or seed is not the run's.
        """
        ...

    def note(self, text: str) -> None:
        """Tell the reader something that is not an error ("3 sentences were cut at 512 tokens")."""
        ...

    def record(self, name: str, value: str | float | bool) -> None:
        """Record a fact about the run's surroundings: dtype chosen, hash of the weights, rows read."""
        ...

    def cells(self) -> Sequence[RunCell]:
        """Return every arm under every seed, arms outermost."""
        ...

    def map(
        self,
        cells: Sequence[RunCell],
        work: "Callable[[RunCell, RunLog[Settings_co]], Kept]",
        kind: "type[Kept]",
        key: str = "",
    ) -> "list[Kept]":
        """Do `work` for each cell: in order here, side by side on a cluster. Results are kept as by `once`."""
        ...

    def once(self, name: str, kind: "type[Kept]", compute: "Callable[[], Kept]", key: str = "") -> "Kept":
        """Compute unless an earlier attempt did; the result is kept in the run folder, never as a pickle.

        Args:
            name: unique in its scope.
            kind: a pydantic model, `pandas.DataFrame`, or `dict` for named numpy arrays.
            compute: makes the value; its rows are committed with it.
            key: the seeds, arms or items that the value was computed from, or a digest of them. When a run is extended,
                a value is kept while its key stays; with another it is computed anew, and so is what lies inside
                without a key of its own (a training in a cell stays: key="training"). Rows of phases are said anew.
        """
        ...

    def artifact(self, name: str) -> Path:
        """Return a path in the run folder to write a file to (safetensors, parquet, json); listed once it exists."""
        ...

    def checkpoints(self, name: str) -> Path:
        """Return a folder for what a trainer needs to go on after a kill; neither exported nor imported.

        Whoever asks for it deletes it when the training is done.
        """
        ...

    def stopping(self) -> bool:
        """Return whether the user pressed Stop; for loops that want to save before they leave."""
        ...

    def commands(self) -> Iterator[Command]:
        """Return what the page asked since the last call, each once, in order; never blocks."""
        ...

"""The contract between the bench and the methods: an engine is a card, a run speaks through a RunLog.

Design decisions:
- The card is data and cheap to import; what it computes is loaded by name, only inside a worker process.
- What a method says is a typed row in a scope that commits as a whole: a run killed and resumed equals an unbroken one.
- A pre-flight and a follow-up question are runs too, of another purpose: one way to start, watch and keep them.
"""

# pyright: reportMissingTypeStubs=false

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from workbench.contract.claims import Claim, Metric
from workbench.contract.schema import Caution, Config, Outcome, Row
from workbench.contract.views import View

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from pydantic import BaseModel

    from workbench.contract.runs import RunSpec

    Kept = TypeVar("Kept", BaseModel, pd.DataFrame, dict[str, np.ndarray])


class Tab(StrEnum):
    """Tabs group engines by the user's question, in this order."""

    ROUTE = "Route"
    REVIEW = "Review"
    PROBE = "Probe"
    TRAIN = "Train"
    REASON = "Reason"
    DEFINE = "Define"
    CHARACTERS = "Characters"


@dataclass(frozen=True)
class Paper:
    """The publication a method comes from."""

    title: str
    authors: str
    venue: str
    year: int
    url: str
    bibtex: str


@dataclass(frozen=True)
class Equation:
    """A formula of the idea, in LaTeX, with the meaning of its symbols and the settings that they are."""

    latex: str
    meaning: str


@dataclass(frozen=True)
class Arm:
    """One condition of a run: a named override of settings.

    Attributes:
        name: snake_case, as in `Outcome.arm`.
        overrides: fields of the engine's Config and their values in this arm.
        on: part of a run unless the user says otherwise.
        trained: the arm trains something, so that one seed never decides a claim about it.
    """

    name: str
    title: str
    role: Literal["method", "baseline", "ablation", "control"]
    help: str
    overrides: Mapping[str, Any] = field(default_factory=dict[str, Any])
    on: bool = True
    trained: bool = False


@dataclass(frozen=True)
class Fidelity:
    """One line of the fidelity card: what became of a part of the paper here, and why."""

    part: str
    status: Literal["reproduced", "approximated", "reconstructed", "not tested"]
    reason: str


@dataclass(frozen=True)
class Preset:
    """A starting point: settings, arms and seeds; `promise` says in one sentence what to expect and how soon."""

    config: Config
    arms: tuple[str, ...]
    seeds: tuple[int, ...]
    promise: str


@dataclass(frozen=True)
class Ask:
    """A follow-up on a finished run. Its rows belong to the ask, and `views` read them."""

    title: str
    question: type[Config]
    views: tuple[View, ...]
    rows: tuple[type[Row], ...]


@dataclass(frozen=True)
class Engine:
    """A method's card: cheap to import, complete enough to build its tab, flags, documentation and checks.

    Attributes:
        name: the folder under `engines/`, snake_case.
        question: the user's question that the start page asks ("Where do languages part?").
        idea: two to four sentences of plain words.
        config: the settings; `presets` has "quick", "study" and "paper".
        rows: every row type that a run may emit, `Outcome` and `Caution` apart.
        honesty: what a reader must know about what is real here (the default model, the data).
        commands: typed steering of a live run, by name.
        items: the setting that counts the items a run judges, "" where it cannot be raised. Draws are prefix-stable:
            200 items begin with the same 100, so that a run can be extended.
        items_bring_clusters: more items lie in new clusters (documents); false where clusters are asked for apart.
        seeds_draw: what a seed draws: the "training" (and sampling) of each arm by itself, or the "split" of the data,
            the same for all arms.
        published: facts of the paper's own runs by the names of `workbench.contract.facts`, for the scale of a verdict
            (`{Fact.PARAMETERS: 7e9, Fact.STEPS: 796}`).
    """

    name: str
    title: str
    tab: Tab
    question: str
    idea: str
    paper: Paper
    config: type[Config]
    presets: Mapping[str, Preset]
    arms: tuple[Arm, ...]
    metrics: tuple[Metric, ...]
    claims: tuple[Claim, ...]
    fidelity: tuple[Fidelity, ...]
    rows: tuple[type[Row], ...]
    views: tuple[View, ...]
    equations: tuple[Equation, ...] = ()
    honesty: str = ""
    ask: Ask | None = None
    commands: Mapping[str, type[Config]] = field(default_factory=dict[str, type[Config]])
    items: str = ""
    items_bring_clusters: bool = True
    seeds_draw: Literal["training", "split"] = "training"
    published: Mapping[str, float] = field(default_factory=dict[str, float])

    def load(self) -> Callable[[Any, "RunLog"], None]:
        """Import the method: `run(config, log)` of `engines.<name>.run`. Only worker processes call this."""
        return import_module(f"engines.{self.name}.run").run

    def load_preflight(self) -> Callable[[Any, "RunLog"], None]:
        """Import `preflight(config, log)`: a probe of a few seconds that emits one `Estimate` and its parts."""
        return import_module(f"engines.{self.name}.run").preflight

    def load_ask(self) -> Callable[[Any, "Parent", "RunLog"], None]:
        """Import `ask(question, parent, log)`."""
        return import_module(f"engines.{self.name}.run").ask

    def arm(self, name: str) -> Arm:
        """The declared arm of that name.

        Raises:
            KeyError: no such arm (a user's own arm is not declared).
        """
        return {arm.name: arm for arm in self.arms}[name]

    def row_types(self) -> Mapping[str, type[Row]]:
        """Every row type of the engine by table name, `Outcome` and `Caution` included."""
        asked = self.ask.rows if self.ask else ()
        return {kind.table(): kind for kind in (Outcome, Caution, *self.rows, *asked)}


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
        """The run's rows of that type."""
        ...

    def artifact(self, name: str) -> Path:
        """A file the run saved.

        Raises:
            DataError: the run saved no artifact of that name.
        """
        ...


class RunLog(Protocol):
    """The only way out of a method. Every call but `stopping` raises `RunStopped` once the user pressed Stop.

    Rows belong to the innermost open scope: a `phase`, a cell of `map`, or a `once`. When a scope closes its rows are
    committed. On resume, rows of scopes that had not closed are dropped and written anew; rows that a method repeats
    inside a scope that had closed are swallowed. So a recipe is written once, top to bottom, and is resumable.
    """

    arms: Mapping[str, Config]
    """The run's arms, each with its full settings (the run's settings with the arm's overrides)."""
    seeds: Sequence[int]

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

    def note(self, text: str) -> None:
        """Tell the reader something that is not an error ("3 sentences were cut at 512 tokens")."""
        ...

    def record(self, name: str, value: str | float | bool) -> None:
        """Record a fact about the run's surroundings: dtype chosen, hash of the weights, rows read."""
        ...

    def cells(self) -> Sequence[RunCell]:
        """Every arm under every seed, arms outermost."""
        ...

    def map(
        self, cells: Sequence[RunCell], work: "Callable[[RunCell, RunLog], Kept]", kind: "type[Kept]", key: str = ""
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
        """A path in the run folder to write a file to (safetensors, parquet, json); listed once it exists."""
        ...

    def checkpoints(self, name: str) -> Path:
        """A folder for what a trainer needs to go on after a kill; neither exported nor imported.

        Whoever asks for it deletes it when the training is done.
        """
        ...

    def stopping(self) -> bool:
        """Whether the user pressed Stop; for loops that want to save before they leave."""
        ...

    def commands(self) -> Iterator[Command]:
        """What the page asked since the last call, each once, in order; never blocks."""
        ...

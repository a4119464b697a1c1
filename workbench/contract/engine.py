"""The card of a method: all that the bench knows of it.

Design decisions:
- The card is data and cheap to import; what it computes is loaded by name, only inside a worker process.
- A pre-flight and a follow-up question are runs too, of another purpose: one way to start, watch and keep them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from workbench.contract.claims import Claim, Metric
from workbench.contract.paper import Paper
from workbench.contract.probe import Probe, Shrink
from workbench.contract.schema import Caution, Config, Outcome, Row
from workbench.contract.views import View

if TYPE_CHECKING:
    from workbench.contract.run_log import Parent, RunLog


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
    """A starting point: settings, arms and seeds; `promise` says what for, and never how long: that is measured."""

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
        name: snake_case; of a method here the folder under `engines/`.
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
        probe: what of the quick preset is different in the smallest run that fills every table: settings by name.
        shrink: what the pre-flight may make smaller so that a run fits, in the order to try: settings that shrink
            together, each towards a least number or along other values.
        module: what has `run`, and `ask` where there is one; "" for `engines.<name>.run`. A method that another
            distribution brings names its own.
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
    probe: Mapping[str, Any] = field(default_factory=dict[str, Any])
    shrink: tuple[Shrink, ...] = ()
    module: str = ""

    def load(self) -> Callable[[Any, "RunLog[Any]"], None]:
        """Import the method: `run(config, log)`. Only worker processes call this."""
        return self._imported().run

    def load_probe(self) -> Callable[[Any, Probe], None]:
        """Import `probe(config, probe)`: a few seconds of the real work, and how often the run does it."""
        return self._imported().probe

    def load_ask(self) -> Callable[[Any, "Parent", "RunLog[Any]"], None]:
        """Import `ask(question, parent, log)`."""
        return self._imported().ask

    def _imported(self) -> ModuleType:
        return import_module(self.module or f"engines.{self.name}.run")

    def arm(self, name: str) -> Arm:
        """Return the declared arm of that name.

        Raises:
            KeyError: no such arm (a user's own arm is not declared).
        """
        return {arm.name: arm for arm in self.arms}[name]

    def row_types(self) -> Mapping[str, type[Row]]:
        """Return every row type of the engine by table name, `Outcome` and `Caution` included."""
        asked = self.ask.rows if self.ask else ()
        return {kind.table(): kind for kind in (Outcome, Caution, *self.rows, *asked)}

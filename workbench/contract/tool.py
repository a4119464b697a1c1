"""Work of the page that needs a worker and is no method: an answer by several models, a look into a data file.

A tool is run as a method is, by a run of purpose "tool": queued, in a process of its own (warm from the last time where
there is one), speaking typed rows. It has no arms and no claims, takes one of the slots beside those of the methods,
and stays out of the list of runs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from workbench.contract.claims import Metric
from workbench.contract.engine import Engine
from workbench.contract.schema import Config, Row

if TYPE_CHECKING:
    from workbench.contract.run_log import RunLog


@dataclass(frozen=True)
class Tool:
    """A tool's card.

    Attributes:
        name: the folder under `engines/`, snake_case; no method has the same name.
        question: what it is asked.
        rows: every row type that it may emit.
        commands: typed steering while it runs, by name.
    """

    name: str
    title: str
    question: type[Config]
    rows: tuple[type[Row], ...]
    commands: Mapping[str, type[Config]] = field(default_factory=dict[str, type[Config]])
    metrics: tuple[Metric, ...] = ()

    def load(self) -> "Callable[[Any, RunLog], None]":
        """Import the tool: `run(question, log)` of `engines.<name>.run`. Only worker processes call this."""
        return import_module(f"engines.{self.name}.run").run

    def row_types(self) -> Mapping[str, type[Row]]:
        """Its row types by table name."""
        return {kind.table(): kind for kind in self.rows}


Runnable = Engine | Tool
"""What a worker can work off."""

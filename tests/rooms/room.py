"""What the toy methods share: a card whose recipe lies in this package, and a paper that says that it is none."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from workbench.contract.engine import Engine, Fidelity
from workbench.contract.paper import Paper


@dataclass(frozen=True)
class Room(Engine):
    """A method's card whose `run`, `probe` and `ask` lie in `tests.rooms.<name>`."""

    def load(self) -> Callable[[Any, Any], None]:
        """Import the method."""
        return import_module(f"tests.rooms.{self.name}").run

    def load_probe(self) -> Callable[[Any, Any], None]:
        """Import the probe."""
        return import_module(f"tests.rooms.{self.name}").probe

    def load_ask(self) -> Callable[[Any, Any, Any], None]:
        """Import the follow-up."""
        return import_module(f"tests.rooms.{self.name}").ask


TOY_PAPER = Paper(
    title="A toy for tests",
    authors="Nobody",
    venue="",
    year=2024,
    url="https://example.org/toy",
)
TOY_FIDELITY = (Fidelity("everything", "reconstructed", "There is no paper; the toy is its own reference."),)

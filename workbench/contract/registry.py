"""What is installed, found by entry points, so that the bench imports no method by name.

A distribution announces its methods in the entry point group `benchwright.engines`, its tools in `benchwright.tools`
(each entry names a mapping from name to card), and its models and data in `benchwright.catalogue`. A second
distribution may bring further methods the same way.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from typing import Any, TypeVar

from workbench.contract.catalogue import Catalogue, Nothing
from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError
from workbench.contract.tool import Runnable, Tool

ENGINES, TOOLS, CATALOGUE = "benchwright.engines", "benchwright.tools", "benchwright.catalogue"

Card = TypeVar("Card", Engine, Tool, Engine | Tool)


@dataclass(frozen=True)
class Installed:
    """What the bench works with.

    Attributes:
        engines: the methods by name, in the order of their declaration.
        tools: what the page does beside methods, by name.
        catalogue: which models and data there are to choose from.
    """

    engines: Mapping[str, Engine]
    tools: Mapping[str, Tool] = field(default_factory=dict[str, Tool])
    catalogue: Catalogue = field(default_factory=Nothing)

    @property
    def rooms(self) -> Mapping[str, Runnable]:
        """Methods and tools by name."""
        return {**self.engines, **self.tools}


@cache
def installed() -> Installed:
    """Everything that the installed distributions announce.

    Raises:
        ConfigError: no method is installed.
    """
    found, tools = _joined(ENGINES), _joined(TOOLS)
    if not found:
        raise ConfigError(
            {"engines": "No methods are installed."}, "Install the workbench into this environment: pip install -e ."
        )
    offers = [entry.load() for entry in entry_points(group=CATALOGUE)]
    return Installed(found, tools, offers[0] if offers else Nothing())


def engines() -> Mapping[str, Engine]:
    """Return every installed method's card by name.

    Raises:
        ConfigError: no method is installed.
    """
    return installed().engines


def _joined(group: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in sorted(entry_points(group=group), key=lambda entry: entry.name):
        found.update(entry.load())
    return found


def engine_named(name: str, among: Mapping[str, Card]) -> Card:
    """Return the card of that name: a method's or a tool's.

    Raises:
        ConfigError: there is none; the closest name is proposed.
    """
    if name in among:
        return among[name]
    near = difflib.get_close_matches(name, among, n=1)
    remedy = f"Did you mean {near[0]!r}?" if near else f"Choose from {', '.join(among)}."
    raise ConfigError({"engine": f"There is no method named {name[:80]!r}. {remedy}"})

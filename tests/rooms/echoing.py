"""Echoing: a toy tool, which says back what it is told, word by word."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any

from pydantic import StringConstraints

from workbench.contract.run_log import RunLog
from workbench.contract.schema import Config, Row
from workbench.contract.tool import Tool
from workbench.contract.vocabulary import BASIC


@dataclass(frozen=True)
class ToyTool(Tool):
    """A tool's card whose `run` lies in `tests.rooms.<name>`."""

    def load(self) -> Callable[[Any, RunLog], None]:
        """Import the tool."""
        return import_module(f"tests.rooms.{self.name}").run


class Said(Config):
    """What the echo is told."""

    words: Annotated[str, StringConstraints(min_length=1, max_length=200), BASIC] = "hello there"
    """What to say back."""


class Word(Row):
    """One word."""

    place: int
    word: str


def run(said: Said, log: RunLog) -> None:
    """Say it back."""
    with log.phase("Echo"):
        for place, word in enumerate(said.words.split()):
            log.row(Word(place=place, word=word))


ECHOING = ToyTool(name="echoing", title="Echoing", question=Said, rows=(Word,))

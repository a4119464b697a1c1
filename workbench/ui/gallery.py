"""What was drawn of runs, shared by all who look, and drawn again only when rows came in and its turn has come."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import count
from threading import Lock
from typing import Any

from workbench.runs import RunId

KEPT = 200
REST = 9
"""While a run is live, a picture rests this many times as long as it took to draw: drawing never takes the machine."""

Updates = dict[Any, Any]
Stamps = dict[str, int]
"""What a page shows: names of pictures, and which drawing of each."""


@dataclass(frozen=True)
class Subject:
    """What is to be drawn.

    Attributes:
        run, name: of which run, which picture.
        variant: how the visitor set its controls.
        state: what it is drawn from; another state means another drawing.
        live: more is to come, so that a drawing that is a little old will do.
    """

    run: RunId
    name: str
    variant: Hashable
    state: Hashable
    live: bool


@dataclass(frozen=True)
class Drawing:
    """A drawing: the updates that show it, its number, what it was drawn from, when, and how long that took."""

    updates: Updates
    stamp: int
    state: Hashable
    at: float
    seconds: float


class Gallery:
    """Keeps the last drawings. Safe to use from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[RunId, str, Hashable], Drawing] = OrderedDict()
        self._numbers = count(1)
        self._lock = Lock()

    def show(self, subject: Subject, draw: Callable[[], Updates], stamps: Stamps) -> Updates:
        """Updates that bring a page up to date, none where it is; `stamps` are brought up to date as well."""
        drawing = self._drawing(subject, draw)
        if stamps.get(subject.name) == drawing.stamp:
            return {}
        stamps[subject.name] = drawing.stamp
        # Gradio takes updates apart as it sends them
        return {shown: dict(each) if isinstance(each, dict) else each for shown, each in drawing.updates.items()}

    def _drawing(self, subject: Subject, draw: Callable[[], Updates]) -> Drawing:
        key = (subject.run, subject.name, subject.variant)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and (kept.state == subject.state or (subject.live and self._rests(kept))):
                self._kept.move_to_end(key)
                return kept
        begun = self._clock()
        updates = draw()
        ended = self._clock()
        with self._lock:
            others = self._kept.get(key)
            if others is not None and others.state == subject.state:  # someone else was faster
                return others
            made = self._kept[key] = Drawing(updates, next(self._numbers), subject.state, ended, ended - begun)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def _rests(self, drawing: Drawing) -> bool:
        return self._clock() - drawing.at < REST * drawing.seconds

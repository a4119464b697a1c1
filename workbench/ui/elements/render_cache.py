"""What was drawn of runs, shared by all who look, and drawn again only when rows came in and its turn has come.

Every visitor has components of their own: a drawing is kept by their places, and shown on those of whoever looks, in
the language in which it was drawn.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from threading import Lock
from typing import Any

from workbench.contract.runs import RunId
from workbench.contract.views import Tables
from workbench.messages import language

KEPT = 200
REST = 9
"""While a run is live, a picture rests this many times as long as it took to draw: drawing never takes the machine."""

Updates = dict[Any, Any]
Key = tuple[RunId, str, Hashable]
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
    """A drawing: the updates by place that show it, its number, what it was drawn from, when, and seconds taken."""

    updates: Mapping[int, Any]
    stamp: int
    state: Hashable
    at: float
    seconds: float


class RenderCache:
    """Keeps the last drawings. Safe to use from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[Key, Drawing] = OrderedDict()
        self._turns: dict[Key, Lock] = {}
        self._numbers = count(1)
        self._lock = Lock()
        self._last: tuple[tuple[RunId, int], Tables] | None = None

    def show(self, subject: Subject, draw: Callable[[], Updates], onto: Sequence[Any], stamps: Stamps) -> Updates:
        """Updates that bring a page up to date, none where it is; `stamps` are brought up to date as well.

        Args:
            subject: what is to be drawn.
            draw: gives updates of some of `onto`.
            onto: the visitor's components, the same for every visitor and in the same order.
            stamps: what the visitor's page shows.
        """
        drawing = self._drawing(subject, lambda: _placed(draw(), onto))
        if stamps.get(subject.name) == drawing.stamp:
            return {}
        stamps[subject.name] = drawing.stamp
        # Gradio takes updates apart as it sends them
        return {onto[at]: dict(each) if isinstance(each, dict) else each for at, each in drawing.updates.items()}

    def rows(self, run: RunId, version: int, load: Callable[[], Tables]) -> Tables:
        """Return the rows of a run as of that version.

        Those asked for last are kept: a control moves many times over them.
        """
        with self._lock:
            if self._last is not None and self._last[0] == (run, version):
                return self._last[1]
        rows = load()
        with self._lock:
            self._last = ((run, version), rows)
        return rows

    def _drawing(self, subject: Subject, draw: Callable[[], Mapping[int, Any]]) -> Drawing:
        """The drawing as it stands, or a new one; of many who look at once one draws, and the others take the old."""
        key = (subject.run, subject.name, (subject.variant, language()))
        with self._lock:
            kept = self._current(key, subject)
            if kept is not None:
                return kept
            old, turn = self._kept.get(key), self._turns.setdefault(key, Lock())
        if not turn.acquire(blocking=old is None or not subject.live):
            assert old is not None
            return old
        try:
            with self._lock:
                kept = self._current(key, subject)
            return kept or self._keep(key, subject, draw)
        finally:
            with self._lock:
                self._turns.pop(key, None)
            turn.release()

    def _current(self, key: Key, subject: Subject) -> Drawing | None:
        """What is kept, where it will do."""
        kept = self._kept.get(key)
        if kept is None or not (kept.state == subject.state or (subject.live and self._rests(kept))):
            return None
        self._kept.move_to_end(key)
        return kept

    def _keep(self, key: Key, subject: Subject, draw: Callable[[], Mapping[int, Any]]) -> Drawing:
        begun = self._clock()
        updates = draw()
        ended = self._clock()
        with self._lock:
            made = self._kept[key] = Drawing(updates, next(self._numbers), subject.state, ended, ended - begun)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def _rests(self, drawing: Drawing) -> bool:
        return self._clock() - drawing.at < REST * drawing.seconds


def _placed(updates: Updates, onto: Sequence[Any]) -> Mapping[int, Any]:
    places = {shown: at for at, shown in enumerate(onto)}
    return {places[shown]: update for shown, update in updates.items()}

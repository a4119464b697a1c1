"""Seconds that each phase of a run took, for estimates to be judged by and for the time that a like run has left."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class PhaseTimes:
    """Adds up wall seconds by outermost phase; a phase that is opened again (in every cell) goes on with its sum.

    Attributes:
        seconds: by name of the phase, in the order in which they were first opened.
        tell: called with the name and the seconds of a phase each time that it ended well.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.tell: Callable[[str, float], None] | None = None
        self._open = 0

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        """Measure a phase; phases inside of another belong to that one."""
        begun = time.monotonic()
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self.seconds[phase] += time.monotonic() - begun
        if not self._open and self.tell is not None:
            self.tell(phase, self.seconds[phase])

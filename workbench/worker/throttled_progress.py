"""Progress of a run, written at most so often; what was held back is written when it is asked for."""

import threading
import time
from collections.abc import Callable

EVERY_SECONDS = 0.1


class ThrottledProgress:
    """Passes progress on at most ten times a second; safe to use from the method's thread and the worker's pulse.

    Args:
        write: takes done, total and unit by name.
    """

    def __init__(self, write: Callable[..., None]) -> None:
        self._write = write
        self._held: tuple[int, int, str] | None = None
        self._not_before = 0.0
        self._lock = threading.Lock()

    def report(self, done: int, total: int, unit: str) -> None:
        """Take up progress; the last of a count is passed on at once."""
        with self._lock:
            self._held = (int(done), int(total), unit)
            if done >= total or time.monotonic() >= self._not_before:
                self._pass_on()

    def settle(self) -> None:
        """Pass on what was held back."""
        with self._lock:
            self._pass_on()

    def _pass_on(self) -> None:
        if self._held is not None:
            (done, total, unit), self._held = self._held, None
            self._not_before = time.monotonic() + EVERY_SECONDS
            self._write(done=done, total=total, unit=unit)

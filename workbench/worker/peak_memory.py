"""The most memory that a stretch of work needs, looked at several times a second."""

import threading

import psutil

LOOK_SECONDS = 0.1


class PeakMemory:
    """Measures the peak resident memory of this process while it is open, in bytes.

    Attributes:
        bytes: the peak so far.
    """

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="peak memory", daemon=True)
        self.bytes = self._process.memory_info().rss

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()
        self.look()

    def look(self) -> int:
        """Return the peak, the present moment included."""
        self.bytes = max(self.bytes, self._process.memory_info().rss)
        return self.bytes

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self.look()

"""Texts that end an answer, found while it grows, also across the borders of tokens."""

from collections.abc import Sequence


class StopTexts:
    """The texts before which an answer ends; none at all is allowed."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = tuple(texts)
        self._longest = max(map(len, self.texts), default=0)

    def found(self, text: str, known: int) -> int | None:
        """Find where the first stop text begins; None while there is none.

        Args:
            known: length of what was searched before.
        """
        since = max(0, known - self._longest + 1)
        places = [at for stop in self.texts if (at := text.find(stop, since)) >= 0]
        return min(places, default=None)

    def safe(self, text: str) -> int:
        """Count the letters of a growing answer that may be shown: all but an end that may begin a stop text."""
        for length in range(min(len(text), self._longest - 1), 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self.texts):
                return len(text) - length
        return len(text)

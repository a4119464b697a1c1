"""Which scopes of a run are closed, their rows committed, and which are reopened when the run goes on.

Design decisions:
- Which rows are committed is one rule for all readers (`workbench.storage.committed_scopes`); what must be reopened so
  that they go is decided here, once, for the writer.
- A run may be extended (more seeds, items, arms). Then phases are said anew, kept values stay while their key stays,
  and what the extended recipe does not pass any more is dropped at its end.
- A once or cell without a key inside another one has the key of the one around it: it goes with it. With a key of its
  own it stays while that key stays.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_KEPT = re.compile(r"(?:^|/)(?:once|cell):")


@dataclass(frozen=True)
class Closing:
    """How a scope was closed.

    Attributes:
        key: what the kept value depended on, "" for a phase or a value that depends on nothing that grows.
        extension: how often the run had been extended by then.
    """

    key: str = ""
    extension: int = 0


@dataclass
class ClosedScopes:
    """The closed scopes of a run by path, folded over its events in order.

    Attributes:
        extension: how often the run had been extended at the last event; the writer sets it to that of its attempt.
    """

    extension: int = 0
    _closed: dict[str, Closing] = field(default_factory=dict)
    _passed: set[str] = field(default_factory=set)

    def __contains__(self, path: str) -> bool:
        return path in self._closed

    def __iter__(self) -> Iterator[str]:
        return iter(self._closed)

    def take(self, event: Mapping[str, Any]) -> None:
        """Take up one event: `started`, `closed`, `reopened` and `finished` tell; others change nothing."""
        match event["kind"]:
            case "started":
                self.extension = int(event.get("extension", 0))
            case "closed":
                self._closed[event["scope"]] = Closing(event.get("key", ""), self.extension)
            case "finished":
                self._closed[""] = Closing(extension=self.extension)
            case "reopened":
                self._closed.pop(event["scope"], None)
            case _:
                pass

    def keeps(self, path: str, key: str) -> bool:
        """Return whether the once or cell was closed with this key; then it and what lies inside it has been passed."""
        kept = path in self._closed and self._closed[path].key == key
        if kept:
            self._passed.add(path)
        return kept

    def reopen_phases(self) -> list[str]:
        """Take out and return the scopes that the extended recipe says anew: phases outside any once or cell."""
        return self._take_out([path for path in self._older() if not _KEPT.search(path)])

    def reopen_around(self, path: str) -> list[str]:
        """Take out and return a once or cell and what goes with it, itself last.

        Last, so that a writer killed half-way finds it closed with the old key and begins with it again.
        """
        if path not in self._closed:
            return []
        inside = [other for other in self._closed if other.startswith(path + "/")]
        goes = [other for other in inside if not self._stays(other, len(path)) and not self._was_passed(other)]
        return self._take_out([*goes, path])

    def reopen_unpassed(self) -> list[str]:
        """Take out and return what was closed before the last extension and not passed since: the recipe left it."""
        return self._take_out([path for path in self._older() if not self._was_passed(path)])

    def _older(self) -> list[str]:
        return [path for path, closing in self._closed.items() if closing.extension < self.extension]

    def _stays(self, path: str, around: int) -> bool:
        """Whether a once or cell with a key of its own lies at `path` or between it and the one around it."""
        return any(len(part) > around and part in self._closed and self._closed[part].key for part in _parts(path))

    def _was_passed(self, path: str) -> bool:
        return any(part in self._passed for part in _parts(path))

    def _take_out(self, paths: list[str]) -> list[str]:
        for path in paths:
            del self._closed[path]
        return paths


def _parts(path: str) -> Iterator[str]:
    """The path and every beginning of it that ends before a slash, the longest first."""
    while path:
        yield path
        path = path.rpartition("/")[0]

"""The open scopes of a run: deterministic paths for phases, cells and onces, so that attempts can be matched."""

from collections import Counter
from dataclasses import dataclass, field

from pydantic_core import to_json

from workbench.contract.errors import StateError


@dataclass
class Scope:
    """One open scope.

    Attributes:
        path: the "/"-joined path, "" for the run itself.
        json: the path as a JSON string, ready for event lines.
        committed: an earlier attempt closed it: what the method repeats inside is swallowed.
        artifacts: names handed out inside, announced when the scope closes.
    """

    path: str
    committed: bool
    json: bytes = b""
    artifacts: list[str] = field(default_factory=list)
    _phases: Counter[str] = field(default_factory=Counter)
    _onces: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.json = to_json(self.path)

    def phase_path(self, name: str) -> str:
        """Path of the next phase of that name inside; a repeated name is numbered ("epoch", "epoch#2")."""
        plain = name.replace("/", "∕").replace("#", "♯")
        self._phases[plain] += 1
        count = self._phases[plain]
        return self._inside(plain if count == 1 else f"{plain}#{count}")

    def kept_path(self, segment: str) -> str:
        """Path of a once ("once:name") or a cell ("cell:arm/seed") inside.

        Raises:
            StateError: the name was used already in this scope.
        """
        if segment in self._onces:
            where = f"in {self.path!r}" if self.path else "in the run"
            raise StateError(f"{segment!r} was asked for twice {where}.", "Give each once and each cell its own name.")
        self._onces.add(segment)
        return self._inside(segment)

    def _inside(self, segment: str) -> str:
        return f"{self.path}/{segment}" if self.path else segment

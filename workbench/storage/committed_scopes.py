"""Which scopes of a run have committed rows, folded over its events: the one rule for whoever reads what a run said.

Design decisions:
- `closed` commits the rows said directly in a scope, `finished` those of the run itself; what is said in a closed scope
  is committed at once.
- A new attempt drops the rows of scopes that are not closed; `reopened` drops those of one scope, closed or not.
"""

from collections.abc import Collection, Container, Iterable

NONE: Container[str] = frozenset()


class CommittedScopes:
    """The scopes of a run, up to some event.

    Args:
        uncommitted: scopes with rows that are not committed, at the event before.
        closed: scopes that were closed at the event before; asked for one at a time, so that it may look them up.

    Attributes:
        uncommitted: scopes with rows that are not committed now.
        newly_closed: scopes closed since the event before and not reopened.
        newly_reopened: scopes reopened since the event before and not closed again.
    """

    def __init__(self, uncommitted: Iterable[str] = (), closed: Container[str] = NONE) -> None:
        self._closed_before = closed
        self.uncommitted = set(uncommitted)
        self.newly_closed: set[str] = set()
        self.newly_reopened: set[str] = set()

    def __contains__(self, scope: str) -> bool:
        if scope in self.newly_closed:
            return True
        return scope not in self.newly_reopened and scope in self._closed_before

    def say(self, scope: str) -> None:
        """Take up a row, chunk or note said directly in `scope`."""
        if scope not in self.uncommitted and scope not in self:
            self.uncommitted.add(scope)

    def take(self, kind: str, scope: str) -> Collection[str]:
        """Take up an event of this kind, and return the scopes whose rows go with it."""
        match kind:
            case "started":
                dropped, self.uncommitted = self.uncommitted, set()
                return dropped
            case "reopened":
                self._move(scope, self.newly_closed, self.newly_reopened)
                return (scope,)
            case "closed":
                self._move(scope, self.newly_reopened, self.newly_closed)
            case "finished":
                self._move("", self.newly_reopened, self.newly_closed)
            case _:
                pass
        return ()

    def _move(self, scope: str, out: set[str], into: set[str]) -> None:
        out.discard(scope)
        into.add(scope)
        self.uncommitted.discard(scope)

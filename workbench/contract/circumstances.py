"""What is known of a run beside its outcomes: what was asked, recorded and doubted, and how often it was looked at."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LOOKS = 5
"""A run may be judged this often while it grows: at the level, then four times at a twelfth of it."""

GROWTH = 1.5
"""Each look is at least so many times as large as the one before."""

LATER_SHARE = 12
"""What a later look may spend is the level over this, so that five looks together decide few null runs."""


@dataclass(frozen=True)
class Look:
    """What a run had when it was judged and then extended.

    Attributes:
        seeds, items, arms: what it had been asked; items is None where the method counts none.
        decided: claim -> "holds" or "does not hold", as far as this or an earlier look had decided.
    """

    seeds: int
    items: int | None
    arms: tuple[str, ...]
    decided: Mapping[str, str]


@dataclass(frozen=True)
class Circumstances:
    """What is known of a run beside its outcomes.

    Attributes:
        arms: what the run was asked to run; None for those that have outcomes.
        trained: which arms train something, where the run knows better than the card; an arm that is neither declared
            nor named here counts as trained.
        facts: what the run recorded, by name (see `workbench.contract.facts`).
        cautions: (claim or "" for all, sentence) of the run's `Caution` rows.
        looks: earlier looks, oldest first; () when a run is judged for the first time.
        decided: claim -> verdict that this look had decided before further arms joined, which cost no look.
        complete: no more outcomes will come: what is missing was not asked.
    """

    arms: tuple[str, ...] | None = None
    trained: Mapping[str, bool] = field(default_factory=dict[str, bool])
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    cautions: tuple[tuple[str, str], ...] = ()
    looks: tuple[Look, ...] = ()
    decided: Mapping[str, str] = field(default_factory=dict[str, str])
    complete: bool = True

    @property
    def look(self) -> int:
        """Number of the present look, 1 for the first."""
        return len(self.looks) + 1

    def decided_before(self, claim: str) -> str | None:
        """Verdict that was decided before the run was extended last, None where the claim was open."""
        earlier = self.looks[-1].decided if self.looks else {}
        return {**earlier, **self.decided}.get(claim)


def least_step(size: int) -> int:
    """Return the fewest more seeds or items that make a look of `size` half as large again."""
    return math.ceil(size * GROWTH) - size


def look_error(look: int, error: float) -> float:
    """Error that look number `look` may spend: all of it at first, a twelfth at each of four more, then none.

    At most 3.5 % of simulated null runs were decided after five looks; alpha/(k(k+1)) would find less in five looks
    than in one.
    """
    return error if look == 1 else error / LATER_SHARE if look <= LOOKS else 0.0

"""Smaller settings that make a run fit this machine, searched along what the card lets shrink.

Design decisions:
- A step shrinks its settings together by one share. The largest share that fits is taken; where even the least does
  not fit, it is kept and the next step shrinks as well. A step that saves nothing is left out.
- Costs come from what was measured once; only the number of times changes with the settings.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.contract.errors import ConfigError
from workbench.contract.probe import Shrink
from workbench.formatting import duration, size

LONGEST = 3600.0
"""Seconds above which a smaller run is proposed."""
PLENTY = 0.8
"""Share of the free memory that a run may take before something smaller is proposed."""
SHARES = 64
"""Steps between nothing and all of a setting."""


@dataclass(frozen=True)
class Cost:
    """What a run takes."""

    seconds: float
    memory_bytes: int
    disk_bytes: int


@dataclass(frozen=True)
class Available:
    """What this machine has free, in bytes."""

    memory_bytes: int
    disk_bytes: int

    def excess(self, cost: Cost) -> float:
        """Return how many times over the limits of time and memory a run is; it fits at 1 and below."""
        return max(cost.seconds / LONGEST, cost.memory_bytes / max(1.0, PLENTY * self.memory_bytes))


CostOf = Callable[[Mapping[str, Any]], Cost]
"""The cost with some settings changed; ConfigError where they are refused."""


def fitting_settings(
    settings: Mapping[str, Any], steps: Sequence[Shrink], cost_of: CostOf, free: Available
) -> tuple[dict[str, Any], str]:
    """Return settings that make the run fit and why; nothing where it fits as it is.

    Args:
        settings: of the run as asked.
        steps: what may shrink, in the order to try.
        cost_of: the run's cost with some settings changed.
        free: what is free.
    """
    asked = cost_of({})
    if free.excess(asked) <= 1:
        return {}, _disk_words(asked, free)
    smaller: dict[str, Any] = {}
    for step in steps:
        if _excess(cost_of, smaller, free) <= 1:
            break
        smaller |= _shrunk(settings, smaller, step, cost_of, free)
    return smaller, " ".join(
        filter(None, [_words(asked, cost_of(smaller), bool(smaller), free), _disk_words(asked, free)])
    )


def smaller_values(settings: Mapping[str, Any], step: Shrink, share: float) -> dict[str, Any]:
    """Return the step's settings at a share of what was asked, those left out that stay as they are."""
    found: dict[str, Any] = {}
    for name, least in step.items():
        now = settings[name]
        if isinstance(least, tuple):
            values = (now, *(value for value in least if value != now))
            value = values[round((1 - share) * (len(values) - 1))]
        else:
            value = now if now <= least else max(least, type(now)(now * share))
        if value != now:
            found[name] = type(now)(value) if isinstance(now, int | float) else value
    return found


def _shrunk(
    settings: Mapping[str, Any], smaller: Mapping[str, Any], step: Shrink, cost_of: CostOf, free: Available
) -> dict[str, Any]:
    """What one step changes: the largest share that fits, else the least; nothing where it saves nothing."""

    def excess(share: int) -> float:
        return _excess(cost_of, {**smaller, **smaller_values(settings, step, share / SHARES)}, free)

    if not excess(0) < excess(SHARES):
        return {}
    low, high = 0, SHARES
    while high - low > 1 and excess(0) <= 1:
        middle = (low + high) // 2
        low, high = (middle, high) if excess(middle) <= 1 else (low, middle)
    return smaller_values(settings, step, low / SHARES)


def _excess(cost_of: CostOf, smaller: Mapping[str, Any], free: Available) -> float:
    try:
        return free.excess(cost_of(smaller))
    except ConfigError:
        return float("inf")


def _words(asked: Cost, smaller: Cost, changed: bool, free: Available) -> str:
    tight = asked.memory_bytes > PLENTY * free.memory_bytes
    found = f"The run would take {size(asked.memory_bytes) if tight else duration(asked.seconds)}"
    found += f", {size(free.memory_bytes)} are free." if tight else "."
    if not changed:
        return f"{found} No setting of this method makes it fit."
    after = f"{duration(smaller.seconds)} and {size(smaller.memory_bytes)}"
    return f"{found} {'So' if free.excess(smaller) <= 1 else 'Even so'} it would take about {after}."


def _disk_words(asked: Cost, free: Available) -> str:
    if asked.disk_bytes <= free.disk_bytes:
        return ""
    return f"It would take {size(asked.disk_bytes)} of disk, {size(free.disk_bytes)} are free."

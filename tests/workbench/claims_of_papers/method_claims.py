"""What a method claims: the part of an engine's card that the statistics read."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from workbench.contract.claims import Cell, Claim, Conjunction, Metric, SingleKind, Superiority
from workbench.contract.engine import Arm


@dataclass(frozen=True)
class MethodClaims:
    """A method's metrics, arms and claims."""

    method: str
    metrics: tuple[Metric, ...]
    arms: tuple[Arm, ...]
    claims: tuple[Claim, ...]


def share(name: str, help: str, better: str | None = "higher", chance: float | None = None) -> Metric:
    """A metric between 0 and 1 whose items are right or wrong."""
    return Metric(name, "share", better, help, floor=0.0, ceiling=1.0, chance=chance)


def arms(trained: str = "", plain: str = "") -> tuple[Arm, ...]:
    """Arms by name, the first one the method; those of `trained` train something."""
    names = [(name, True) for name in trained.split()] + [(name, False) for name in plain.split()]
    return tuple(
        Arm(name, name.replace("_", " "), "ablation" if place else "method", "", trained=trains)
        for place, (name, trains) in enumerate(names)
    )


def above(metric: str, better: str, than: str, where: str = "", margin: float = 0.0) -> Superiority:
    """One arm above another on a metric."""
    return Superiority(Cell(metric, better, where), Cell(metric, than, where), margin)


def ordered(metric: str, names: str, where: str = "") -> Conjunction:
    """Arms in falling order, each better than the next."""
    order = names.split()
    return Conjunction(tuple(above(metric, *pair, where) for pair in pairwise(order)))


def best(metric: str, method: str, others: str, where: str = "") -> Conjunction:
    """One arm above each of the others."""
    return Conjunction(tuple(above(metric, method, other, where) for other in others.split()))


def points(metric: str, at: Sequence[tuple[float, str]], where: str = "") -> tuple[tuple[float, Cell], ...]:
    """Points of a trend: (x, arm)."""
    return tuple((x, Cell(metric, arm, where)) for x, arm in at)


def both(*parts: SingleKind | Conjunction) -> Conjunction:
    """All of the parts, conjunctions flattened."""
    flat: list[SingleKind] = []
    for part in parts:
        flat += part.parts if isinstance(part, Conjunction) else (part,)
    return Conjunction(tuple(flat))

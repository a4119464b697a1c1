"""Do searches from different seeds agree, and did they leave where they started? Pure numpy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Counts = Mapping[str, int]
"""A count by module path (or by module path and expert)."""


@dataclass(frozen=True)
class Agreement:
    """How alike the counts of several seeds are.

    Attributes:
        exact: share of modules with equal counts, mean over pairs of seeds.
        chance: the same expected if each seed's counts were dealt to its modules at random.
        spearman: rank correlation over modules, mean over pairs of seeds; nan where it is undefined.
        by_module: standard deviation of the counts over seeds, by module.
    """

    seeds: int
    exact: float
    chance: float
    spearman: float
    by_module: Mapping[str, float]


@dataclass(frozen=True)
class Following:
    """Initial against final counts of one or more searches.

    Attributes:
        stayed: share of vectors whose argmax did not move.
        vectors: how many there are.
        spearman: between initial and final counts; nan where it is undefined.
    """

    stayed: float
    vectors: int
    spearman: float


def agreement(found: Sequence[Counts]) -> Agreement:
    """Agreement of the counts of two or more seeds over the same modules.

    Raises:
        ValueError: fewer than two seeds, or other modules.
    """
    raise NotImplementedError


def following(first: Sequence[Counts], last: Sequence[Counts]) -> Following:
    """How far searches moved from their initialisation, all seeds together."""
    raise NotImplementedError


def initialisation_warning(moved: Following, agreed: Agreement | None) -> str:
    """A sentence where the result rests on the initialisation rather than on the task; else empty.

    Said where most vectors stayed, or where seeds do not agree more than by chance.
    """
    raise NotImplementedError

"""Do searches from different seeds agree, and did they leave where they started? Pure numpy and scipy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = Mapping[str, int]
"""A count by module path, or by module and expert under any key."""

MOSTLY = 0.75
"""Share of vectors that stayed, from which on a search is said to follow its initialisation."""
SLIGHT = 0.2
"""Kappa up to which agreement is called slight (Landis and Koch, 1977)."""


@dataclass(frozen=True)
class Agreement:
    """How alike the counts of several seeds are.

    Attributes:
        exact: share of keys with equal counts, mean over pairs of seeds.
        chance: the same if each seed's counts were dealt to its keys at random.
        spearman: rank correlation over keys, mean over pairs of seeds; nan where a seed has one count everywhere.
    """

    seeds: int
    exact: float
    chance: float
    spearman: float

    @property
    def kappa(self) -> float:
        """Agreement beyond chance as a share of what chance leaves (Cohen, 1960); nan where chance leaves nothing."""
        return kappa_of(self.exact, self.chance)


@dataclass(frozen=True)
class Following:
    """Initial against final counts of one or more searches.

    Attributes:
        stayed: share of vectors whose count did not move.
        vectors: how many there are.
        spearman: between initial and final counts; nan where one of them is the same everywhere.
    """

    stayed: float
    vectors: int
    spearman: float


def agreement(found: Sequence[Counts]) -> Agreement:
    """Return agreement of the counts of two or more seeds over the same keys.

    Raises:
        ValueError: fewer than two seeds, or other keys.
    """
    if len(found) < 2 or any(set(one) != set(found[0]) for one in found):
        raise ValueError("agreement needs the counts of two or more seeds over the same modules")
    keys = list(found[0])
    counts = np.array([[one[key] for key in keys] for one in found])
    pairs = list(combinations(range(len(found)), 2))
    chance = np.mean([_met_by_chance(counts[one], counts[two]) for one, two in pairs])
    return Agreement(
        seeds=len(found),
        exact=float(np.mean([np.mean(counts[one] == counts[two]) for one, two in pairs])),
        chance=float(chance),
        spearman=float(np.mean([correlation(counts[one], counts[two]) for one, two in pairs])),
    )


def kappa_of(exact: float, chance: float) -> float:
    """Return (exact - chance) / (1 - chance): 0 is chance, 1 agreement everywhere; nan where chance is 1."""
    return (exact - chance) / (1 - chance) if chance < 1 else float("nan")


def following(first: Sequence[Counts], last: Sequence[Counts]) -> Following:
    """Return how far searches moved from their initialisation, all seeds together."""
    pairs = [(before[key], after[key]) for before, after in zip(first, last, strict=True) for key in before]
    begun, ended = np.array(pairs).reshape(-1, 2).T
    stayed = float(np.mean(begun == ended)) if pairs else float("nan")
    return Following(stayed, len(pairs), correlation(begun, ended))


def initialisation_warning(moved: Following, agreed: Agreement | None = None) -> str:
    """Return a sentence where the result rests on the initialisation rather than on the task; else empty.

    Said where most vectors stayed, or where seeds agree hardly more than chance would have them.
    """
    said = []
    if moved.stayed >= MOSTLY:
        said.append(f"{moved.stayed:.0%} of {moved.vectors} selection vectors ended where they began")
    if agreed is not None and not agreed.kappa > SLIGHT:
        said.append(
            f"{agreed.seeds} seeds agree on {agreed.exact:.0%} of the counts, where chance gives {agreed.chance:.0%}"
        )
    if not said:
        return ""
    return f"The search followed its initialisation, not the task: {'; '.join(said)}."


def correlation(one: Sequence[float] | np.ndarray, two: Sequence[float] | np.ndarray) -> float:
    """Return Spearman's rank correlation; nan where it is undefined: below two values, or one value everywhere."""
    if len(one) < 2 or len(set(np.asarray(one).tolist())) < 2 or len(set(np.asarray(two).tolist())) < 2:
        return float("nan")
    from scipy.stats import spearmanr

    return float(spearmanr(one, two)[0])


def spearman_of_sums(sums: Floats) -> Floats:
    """Return the correlation of ranks from sums of (1, x, y, x², y², xy), as can be resampled; 0 where one is constant.

    Args:
        sums: [..., 6], x and y being ranks in the whole.

    Returns:
        [...].
    """
    n, x, y, xx, yy, xy = np.moveaxis(np.asarray(sums, dtype=np.float64), -1, 0)
    spread = (n * xx - x * x) * (n * yy - y * y)
    safe = np.where(spread > 1e-12, spread, 1.0)
    return np.where(spread > 1e-12, (n * xy - x * y) / np.sqrt(safe), 0.0)


def _met_by_chance(one: np.ndarray, two: np.ndarray) -> float:
    values = np.union1d(one, two)
    return float(sum(np.mean(one == value) * np.mean(two == value) for value in values))

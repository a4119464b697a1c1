"""Do searches from different seeds agree, and did they leave where they started? Pure numpy and scipy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

Counts = Mapping[str, int]
"""A count by module path, or by module and expert under any key."""

DEALS = 999
"""Random deals behind `Agreement.probability`."""
MOSTLY = 0.75
"""Share of vectors that stayed, from which on a search is said to follow its initialisation."""
UNLIKELY = 0.05


@dataclass(frozen=True)
class Agreement:
    """How alike the counts of several seeds are.

    Attributes:
        exact: share of keys with equal counts, mean over pairs of seeds.
        chance: the same if each seed's counts were dealt to its keys at random.
        probability: of an `exact` as high or higher under such deals.
        spearman: rank correlation over keys, mean over pairs of seeds; nan where a seed has one count everywhere.
        spread: standard deviation of the counts over seeds, by key.
    """

    seeds: int
    exact: float
    chance: float
    probability: float
    spearman: float
    spread: Mapping[str, float]


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
    """Agreement of the counts of two or more seeds over the same keys.

    Raises:
        ValueError: fewer than two seeds, or other keys.
    """
    if len(found) < 2 or any(set(one) != set(found[0]) for one in found):
        raise ValueError("agreement needs the counts of two or more seeds over the same modules")
    keys = list(found[0])
    counts = np.array([[one[key] for key in keys] for one in found])
    pairs = list(combinations(range(len(found)), 2))
    chance = np.mean([_met_by_chance(counts[one], counts[two]) for one, two in pairs])
    exact, draw = _exact(counts, pairs), np.random.default_rng(0)
    dealt = [_exact(draw.permuted(counts, axis=1), pairs) for _ in range(DEALS)]
    return Agreement(
        seeds=len(found),
        exact=exact,
        chance=float(chance),
        probability=(1 + sum(one >= exact - 1e-12 for one in dealt)) / (DEALS + 1),
        spearman=float(np.mean([correlation(counts[one], counts[two]) for one, two in pairs])),
        spread=dict(zip(keys, counts.std(axis=0).tolist(), strict=True)),
    )


def following(first: Sequence[Counts], last: Sequence[Counts]) -> Following:
    """How far searches moved from their initialisation, all seeds together."""
    pairs = [(before[key], after[key]) for before, after in zip(first, last, strict=True) for key in before]
    begun, ended = np.array(pairs).reshape(-1, 2).T
    stayed = float(np.mean(begun == ended)) if pairs else float("nan")
    return Following(stayed, len(pairs), correlation(begun, ended))


def initialisation_warning(moved: Following, agreed: Agreement | None = None) -> str:
    """A sentence where the result rests on the initialisation rather than on the task; else empty.

    Said where most vectors stayed, or where seeds agree no more than chance would have them.
    """
    said = []
    if moved.stayed >= MOSTLY:
        said.append(f"{moved.stayed:.0%} of {moved.vectors} selection vectors ended where they began")
    if agreed is not None and agreed.probability > UNLIKELY:
        said.append(
            f"{agreed.seeds} seeds agree on {agreed.exact:.0%} of the counts, where chance gives {agreed.chance:.0%}"
        )
    if not said:
        return ""
    return f"The search followed its initialisation, not the task: {'; '.join(said)}."


def correlation(one: Sequence[float] | np.ndarray, two: Sequence[float] | np.ndarray) -> float:
    """Spearman's rank correlation; nan where it is undefined: fewer than two values, or the same value everywhere."""
    if len(one) < 2 or len(set(np.asarray(one).tolist())) < 2 or len(set(np.asarray(two).tolist())) < 2:
        return float("nan")
    from scipy.stats import spearmanr

    return float(spearmanr(one, two)[0])


def _exact(counts: np.ndarray, pairs: Sequence[tuple[int, int]]) -> float:
    return float(np.mean([np.mean(counts[one] == counts[two]) for one, two in pairs]))


def _met_by_chance(one: np.ndarray, two: np.ndarray) -> float:
    values = np.union1d(one, two)
    return float(sum(np.mean(one == value) * np.mean(two == value) for value in values))

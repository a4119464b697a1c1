"""How many more seeds, or items, would settle an open claim if its estimate stayed where it is.

A run that is judged again must be half as large again, so that no fewer than that are proposed.
"""

from collections.abc import Callable, Sequence
from math import ceil

from workbench.contract.circumstances import least_step
from workbench.statistics.findings import Finding
from workbench.statistics.intervals import Estimate

SEEDS_AT_MOST = 100
"""More seeds than this are not worth proposing."""
GROWTH_AT_MOST = 100
"""Nor is a data set this many times as large."""
SEEDS_FOR_A_START = 2
"""What one seed of a trained arm needs beside it before anything can be said."""
CLUSTERS_FOR_A_START = 4
"""Clusters of which a mean can be decided."""


def more_seeds(parts: Sequence[Finding], error: float) -> int | None:
    """Seek how many more seeds would let each part's interval, of two-sided error `error`, leave its bars out.

    None where no number of seeds is known to do it. Two for an arm trained under a single seed: how seeds vary cannot
    be known from one.
    """
    return _largest([_seeds_for(part, error) for part in parts])


def more_items(parts: Sequence[Finding], error: float) -> int | None:
    """Seek how many more items would let each part's interval leave its bars out; None where none is known to."""
    return _largest([_items_for(part, error) for part in parts])


def _largest(needs: Sequence[int | None]) -> int | None:
    known = [need for need in needs if need is not None]
    return max(known) if known and len(known) == len(needs) else None


def _seeds_for(part: Finding, error: float) -> int | None:
    if part.obstacle == "one seed":
        return SEEDS_FOR_A_START
    if part.sums is None or part.estimate is None or part.p is None:
        return None
    now = len(part.sums.seeds)
    if part.estimate.seeds is None:
        return None
    found = _least(part, error, SEEDS_AT_MOST, lambda estimate, more: estimate.grown((now + more) / now, 1.0))
    return None if found is None else max(found, least_step(now))


def _items_for(part: Finding, error: float) -> int | None:
    sums = part.sums
    if sums is None or part.estimate is None or not sums.clusters:
        return None
    now = sums.clusters
    if part.obstacle == "few clusters":
        clusters: int | None = max(CLUSTERS_FOR_A_START - now, 1)
    elif part.p is None:
        return None
    else:
        most = now * (GROWTH_AT_MOST - 1)
        clusters = _least(part, error, most, lambda estimate, more: estimate.grown(1.0, (now + more) / now))
    return None if clusters is None else max(ceil(clusters * sums.items / now), least_step(sums.items))


def _least(part: Finding, error: float, most: int, grown: Callable[[Estimate, int], Estimate]) -> int | None:
    """Least number from 1 to `most` whose interval leaves the bars out, by bisection."""
    estimate = part.estimate
    if estimate is None:
        return None
    made = estimate

    def clear(more: int) -> bool:
        low, high = grown(made, more).interval(1 - error)
        return not any(low <= bar <= high for bar in part.bars)

    if not clear(most):
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if clear(middle) else (middle, high)
    return high

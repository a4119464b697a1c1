"""How many more seeds, or items, would settle an open claim if its estimate stayed where it is."""

from collections.abc import Callable, Sequence

from workbench.findings import Finding
from workbench.intervals import Estimate

SEEDS_AT_MOST = 100
"""More seeds than this are not worth proposing."""

GROWTH_AT_MOST = 100
"""Nor is a data set this many times as large."""

SEEDS_FOR_A_START = 2
"""What one seed of a trained arm needs beside it before anything can be said."""


def more_seeds(parts: Sequence[Finding], tail: float) -> int | None:
    """Additional seeds with which each part's interval, of error `tail` on either side, would leave its bar out.

    None where no number of seeds is known to do it. Two for an arm trained under a single seed: how seeds vary cannot
    be known from one.
    """
    return _largest([_seeds_for(part, tail) for part in parts])


def more_items(parts: Sequence[Finding], tail: float) -> int | None:
    """Additional items with which each part's interval would leave its bar out; None where no number is known to."""
    return _largest([_items_for(part, tail) for part in parts])


def _largest(needs: Sequence[int | None]) -> int | None:
    known = [need for need in needs if need is not None]
    return max(known) if known and len(known) == len(needs) else None


def _seeds_for(part: Finding, tail: float) -> int | None:
    if part.sums is None or part.estimate is None:
        return None
    now = len(part.sums.seeds)
    if part.one_seed_trained:
        return SEEDS_FOR_A_START
    if part.p is None or part.estimate.seeds is None:
        return None
    return _least(part, tail, SEEDS_AT_MOST, lambda estimate, more: estimate.grown((now + more) / now, 1.0))


def _items_for(part: Finding, tail: float) -> int | None:
    sums = part.sums
    if sums is None or part.p is None or not sums.clusters:
        return None
    now = sums.clusters
    most = now * (GROWTH_AT_MOST - 1)
    clusters = _least(part, tail, most, lambda estimate, more: estimate.grown(1.0, (now + more) / now))
    return None if clusters is None else -(-clusters * sums.items // now)


def _least(part: Finding, tail: float, most: int, grown: Callable[[Estimate, int], Estimate]) -> int | None:
    """Least number from 1 to `most` whose interval leaves the bar out, by bisection."""
    estimate, distance = part.estimate, abs(part.distance)
    if estimate is None or estimate.reach(tail) < distance or not grown(estimate, most).reach(tail) < distance:
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if grown(estimate, middle).reach(tail) < distance else (middle, high)
    return high

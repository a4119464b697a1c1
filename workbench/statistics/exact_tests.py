"""Exact p values under which a claim's may not fall: binomial, McNemar, and a sign test where nothing varies.

Design decisions:
- They apply where each unit stands for itself and seeds change nothing; clusters and seeds have their own recipe.
- Unbounded values that never vary give an interval without width; a sign test over clusters says what that is worth.
"""

from collections.abc import Sequence

from workbench.messages import say, say_many
from workbench.statistics.influences import seen_once
from workbench.statistics.intervals import Estimate
from workbench.statistics.observations import Sums

Floor = tuple[float, str]
"""A p value below which the claim's may not fall, and the reason in words."""


def p_floor(weights: Sequence[float], sums: Sums, estimate: Estimate, bar: float) -> Floor:
    """Compute the highest exact p value that applies to a contrast against `bar`.

    Args:
        weights: of the contrast's terms; [] where its terms are no plain means.
        sums: the terms' sufficient statistics.
        estimate: the contrast with its sources of error.
        bar: what it is compared with.
    """
    if estimate.scale.kind == "plain" and estimate.clusters and estimate.standard_error == 0:
        words = say("every item gives the same difference, and a sign test needs six items")
        return 2.0 ** (1 - sums.clusters), words
    if not sums.binary or sums.clusters < sums.units:
        return 0.0, ""
    once = seen_once(sums) or sums
    if once.counts is None or len(once.seeds) > 1:
        return 0.0, ""
    plain = sorted(weights)
    if len(plain) == 1 and abs(plain[0]) == 1:
        return _binomial(once, bar / plain[0])
    if plain == [-1.0, 1.0] and not bar and bool((once.counts[0] == once.counts[1]).all()):
        return _mcnemar(once)
    return 0.0, ""


def interval_with_floor(
    weights: Sequence[float], sums: Sums, estimate: Estimate, bars: Sequence[float], error: float
) -> tuple[float, float]:
    """Compute the interval of error `error` that reaches to every bar which an exact test does not exclude."""
    low, high = estimate.interval(1 - error)
    for bar in bars:
        if not low <= bar <= high and p_floor(weights, sums, estimate, bar)[0] > error:
            low, high = min(low, bar), max(high, bar)
    return low, high


def _binomial(sums: Sums, bar: float) -> Floor:
    from scipy.stats import binomtest

    if not 0 <= bar <= 1:
        return 0.0, ""
    hits, count = sums.totals[0][0]
    exact = float(binomtest(round(float(hits)), round(float(count)), bar).pvalue)
    return exact, say("the exact binomial test gives p = {p}", p=f"{exact:.2g}")


def _mcnemar(sums: Sums) -> Floor:
    from scipy.stats import binomtest

    assert sums.parts is not None
    first, second = (part[0, :, 0] for part in sums.parts)
    wins, losses = int((first > second).sum()), int((first < second).sum())
    exact = float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0
    said = say_many(
        "{n} item differs and McNemar's exact test gives p = {p}",
        "{n} items differ and McNemar's exact test gives p = {p}",
        wins + losses,
        p=f"{exact:.2g}",
    )
    return exact, said

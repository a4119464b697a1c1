"""What an interval cannot see: events too rare to show their variance. Each answer is a floor under the p value.

Design decisions:
- An exact test where there is one (binomial, McNemar); else the variance that the bar itself implies.
- Values that never vary get the p of a sign test, so that five seeds or five items that agree decide nothing.
"""

from collections.abc import Sequence

from workbench.intervals import Estimate
from workbench.observations import Floats, Sums

Floor = tuple[float, str]
"""A p value below which the claim's may not fall, and the reason in words."""


def p_floor(weights: Sequence[float], sums: Sums, estimate: Estimate, bar: float) -> Floor:
    """The highest of the floors that apply to a contrast against `bar`.

    Args:
        weights: of the contrast's terms.
        sums: the terms' sufficient statistics; `sums.binary` with plain means calls for the binary tests.
        estimate: the contrast with its sources of error.
        bar: what it is compared with.
    """
    floors = [_never_varies(sums, estimate)]
    if sums.binary and sums.parts is not None and sums.counts is not None:
        plain = sorted(weights)
        if len(plain) == 1 and abs(plain[0]) == 1:
            floors.append(_single_share(sums, estimate, bar / plain[0], estimate.value / plain[0]))
        elif plain == [-1.0, 1.0] and bool((sums.counts[0] == sums.counts[1]).all()):
            floors.append(_paired_shares(sums, estimate, bar))
    return max(floors)


def _never_varies(sums: Sums, estimate: Estimate) -> Floor:
    floors = [(0.0, "")]
    if estimate.items and not any(source.variance for source in estimate.items):
        floors.append((2.0 ** (1 - sums.clusters), "every item gives the same value, and a sign test needs six items"))
    if estimate.seeds and not estimate.seeds.variance:
        floors.append(
            (2.0 ** (1 - len(sums.seeds)), "the seeds give exactly the same value, and a sign test needs six seeds")
        )
    return max(floors)


def _observed_once(sums: Sums, estimate: Estimate) -> bool:
    """Each item stands for itself and seeds change nothing, so that an exact test over items applies."""
    once = estimate.seeds is None and sums.clusters == sums.items
    return once and sums.counts is not None and bool((sums.counts <= len(sums.seeds)).all())


def _single_share(sums: Sums, estimate: Estimate, bar: float, share: float) -> Floor:
    from scipy.stats import binomtest

    if not 0 <= bar <= 1:
        return 0.0, ""
    if _observed_once(sums, estimate):
        hits = sums.totals[0][0]
        exact = float(binomtest(round(float(hits[0])), round(float(hits[1])), bar).pvalue)
        return exact, f"the exact binomial test gives p = {exact:.2g}"
    seen, implied = share * (1 - share), bar * (1 - bar)
    variance = estimate.standard_error**2 * implied / seen if seen > 0 else implied / max(1, sums.clusters - 1)
    return _score(share - bar, variance, "so few events are expected at the bar that chance could have made the rest")


def _paired_shares(sums: Sums, estimate: Estimate, bar: float) -> Floor:
    from scipy.stats import binomtest

    if bar:
        least = abs(bar) * max(0.0, 1 - abs(bar)) / max(1, sums.items)
        return _score(
            estimate.value - bar, least, "so few items differ that a difference as large as the bar could hide"
        )
    if not _observed_once(sums, estimate) or sums.parts is None:
        return 0.0, ""
    first, second = (_first_seed(part) for part in sums.parts)
    wins, losses = int((first > second).sum()), int((first < second).sum())
    exact = float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0
    return exact, f"only {wins + losses} items differ and McNemar's exact test gives p = {exact:.2g}"


def _first_seed(part: Floats) -> Floats:
    return part[0, :, 0]


def _score(distance: float, variance: float, why: str) -> Floor:
    from scipy.special import ndtr

    return (2 * float(ndtr(-abs(distance) / variance**0.5)), why) if variance > 0 else (0.0, "")

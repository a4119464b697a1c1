"""Numbers as people say them: "8 more of 100 sentences", "3.1 times fewer tokens", "12.4 points", "0.12 less".

Design decisions:
- A difference of shares is told in things where the metric names them, else in points; never as a decimal fraction.
- A difference of logarithms is told as a ratio.
- Three significant digits, in plain notation where that is readable.
"""

import math

from workbench.contract.claims import Metric
from workbench.messages import noted, say
from workbench.number_format import percent, points, readable, times
from workbench.number_format import span as number_span


def measured(value: float, unit: str, log: bool = False) -> str:
    """Write a number with its unit; "share" as a percentage, "points" as such, "log ratio" as a ratio."""
    if unit == "log ratio" or log:
        return times(value)
    if unit in ("share", "points"):
        return percent(value) if unit == "share" else points(value)
    return f"{readable(value)} {unit}".strip()


def span(low: float, high: float, unit: str) -> str:
    """Write an interval with its unit once: "2.1 to 12.4 points", "2.2 to 4.3 times"."""
    return number_span(low, high, unit, False, lambda value, unit, _: measured(value or 0.0, unit))


def difference(raw: float, metric: Metric, log: bool) -> str:
    """Say how much more or less one arm has than another, `raw` counted as first minus second."""
    if log:
        ratio = math.exp(min(abs(raw), 700.0))
        times_more = {"more": noted("{ratio} times more"), "fewer": noted("{ratio} times fewer")}
        said = say(times_more.get(_more(raw, metric), noted("{ratio} times less")), ratio=readable(ratio))
        return f"{said}{_noun(metric)}"
    if metric.unit == "share" and metric.things:
        return _of_many(raw, metric.things)
    if metric.unit == "share":
        return _said_more("more" if raw >= 0 else "less", measured(abs(raw), "points"))
    return _said_more(_more(raw, metric), f"{readable(abs(raw))}{_noun(metric)}")


def level(value: float, metric: Metric) -> str:
    """Write a number as it is: "88 of 100 answers", "12.4 %", "0.31"."""
    if metric.unit == "share" and metric.things and 0 <= value <= 1:
        base = _base(min(value, 1 - value) or value)
        return say("{some} of {all} {things}", some=f"{value * base:,.0f}", all=f"{base:,}", things=say(metric.things))
    return measured(value, metric.unit)


def chances(p: float) -> str:
    """Write a p value as a number of runs: "in 7 of 1,000 runs"."""
    if p >= 0.1:
        return say("in {n} of 100 runs", n=f"{100 * p:.0f}")
    if p >= 0.001:
        return say("in {n} of 1,000 runs", n=max(1, round(1000 * p)))
    return say("in fewer than 1 of 1,000 runs")


def _of_many(raw: float, things: str) -> str:
    base = _base(abs(raw))
    message = noted("{some} more of {all} {things}") if raw >= 0 else noted("{some} fewer of {all} {things}")
    return say(message, some=f"{abs(raw) * base:,.0f}", all=f"{base:,}", things=say(things))


def _base(share: float) -> int:
    """100, or as much more as shows the share as at least one thing."""
    return 100 if share == 0 or share >= 0.0095 else 1_000 if share >= 0.00095 else 10_000


def _more(raw: float, metric: Metric) -> str:
    if raw >= 0:
        return "more"
    return "fewer" if metric.things or metric.unit.endswith("s") else "less"


def _said_more(way: str, amount: str) -> str:
    said = {"more": noted("{amount} more"), "fewer": noted("{amount} fewer"), "less": noted("{amount} less")}
    return say(said[way], amount=amount)


def _noun(metric: Metric) -> str:
    noun = metric.things or metric.unit
    return f" {say(noun)}" if noun and noun != "share" else ""

"""Which claims hold here: each verdict in words, with its interval drawn against the bar."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.claims import Claim, Conjunction, Metric, Reported, contrast_of
from workbench.engine import Engine
from workbench.phrases import count, number
from workbench.ui.elements import Html, join, table, tag
from workbench.ui.interval_svg import interval_svg

if TYPE_CHECKING:
    import pandas as pd

    from workbench.statistics import Verdict

WORDS = {
    "holds": ("✓", "Holds here", "good"),
    "does not hold": ("✕", "Does not hold here", "bad"),
    "undecided": ("?", "Undecided", "warn"),
    "not measurable here": ("–", "Not measurable here", "calm"),
}


def verdicts_html(engine: Engine, verdicts: "Sequence[Verdict]", *, partial: bool) -> Html:
    """One card per claim; `partial` says that the run is not over."""
    claims = {claim.name: claim for claim in engine.claims}
    lead = "From the rows so far; it may change until the run is done." if partial else "From all rows of this run."
    cards = [_verdict(verdict, claims.get(verdict.claim), engine.metrics) for verdict in verdicts]
    return join([tag("p", lead, class_="bw-lead"), tag("div", *cards, class_="bw-verdicts")])


def promised_html(engine: Engine) -> Html:
    """The claims before any row: what a run will decide, and what the paper reports."""
    cards = [
        tag(
            "article", tag("h4", claim.sentence), _paper(claim.paper), _note(claim.note), class_="bw-verdict bw-is-calm"
        )
        for claim in engine.claims
    ]
    lead = tag("p", "A run decides these claims, as far as its rows allow.", class_="bw-lead")
    return join([lead, tag("div", *cards, class_="bw-verdicts")])


def arms_html(engine: Engine, frame: "pd.DataFrame") -> Html:
    """Every arm's metrics with their intervals, as a table."""
    if frame.empty:
        return Html("")
    units = {metric.name: metric.unit for metric in engine.metrics}
    titles = {arm.name: arm.title for arm in engine.arms}
    rows = [_arm_row(row, units.get(row["metric"], ""), titles) for row in frame.to_dict("records")]
    head = ("Arm", "Metric", "Estimate", "Interval", "Seeds", "Items", "Clusters")
    return tag(
        "div", tag("h3", "Every arm"), table(head, rows, "Every arm's metrics with their intervals"), class_="bw-prose"
    )


def bars_of(claim: Claim, metrics: Sequence[Metric]) -> tuple[float, ...]:
    """Where a claim's interval must lie: one bar to exceed, or two to stay between; none for a conjunction."""
    if isinstance(claim.kind, Conjunction):
        return ()
    contrast = contrast_of(claim.kind, metrics)
    return (-contrast.bar, contrast.bar) if contrast.relation == "within" else (contrast.bar,)


def _verdict(verdict: "Verdict", claim: Claim | None, metrics: Sequence[Metric]) -> Html:
    mark, word, tone = WORDS[verdict.verdict]
    badge = tag("p", tag("span", mark, aria_hidden="true", class_="bw-mark"), " ", word, class_=f"bw-state bw-{tone}")
    return tag(
        "article", badge, tag("h4", verdict.sentence), _drawing(verdict, bars_of(claim, metrics) if claim else ()),
        tag("p", verdict.reason), _basis(verdict), _paper(claim.paper if claim else None), _note(verdict.note),
        class_=f"bw-verdict bw-is-{tone}", id=f"claim-{verdict.claim}",
    )  # fmt: skip


def _drawing(verdict: "Verdict", bars: Sequence[float]) -> Html:
    if verdict.estimate is None or math.isnan(verdict.estimate) or not bars:
        return Html("")
    low = -math.inf if verdict.low is None else verdict.low
    high = math.inf if verdict.high is None else verdict.high
    words = tag(
        "p",
        tag("strong", number(verdict.estimate, verdict.unit)),
        f" [{number(low, verdict.unit)}, {number(high, verdict.unit)}]",
        class_="bw-estimate",
    )
    return join([words, interval_svg(verdict.estimate, low, high, bars, verdict.unit)])


def _basis(verdict: "Verdict") -> Html:
    said = [count(verdict.seeds, "seed")]
    said += [count(verdict.items, "item")] if verdict.items else []
    said += [count(verdict.clusters, "cluster")] if verdict.clusters else []
    said += [f"{100 * verdict.level:.3g} % interval"] if verdict.level else []
    said += [f"p = {verdict.p:.2g}"] if verdict.p is not None else []
    more = [
        count(verdict.more_seeds, "more seed") if verdict.more_seeds else "",
        count(verdict.more_items, "more item") if verdict.more_items else "",
    ]
    wanted = " or ".join(part for part in more if part)
    return tag("p", " · ".join(said) + (f" · about {wanted} could decide it" if wanted else ""), class_="bw-basis")


def _paper(paper: Reported | None) -> Html:
    if paper is None:
        return tag("p", "Our own claim; the paper makes none.", class_="bw-paper")
    sure = "" if paper.confidence == "high" else f", {paper.confidence} confidence in this number"
    return tag("p", tag("strong", "Paper: "), f"{paper.value} ({paper.source}{sure})", class_="bw-paper")


def _note(note: str) -> Html:
    return tag("p", note, class_="bw-hint") if note else Html("")


def _arm_row(row: dict[str, object], unit: str, titles: dict[str, str]) -> tuple[object, ...]:
    def value(name: str) -> float | None:
        given = row[name]
        return float(given) if isinstance(given, int | float) else None

    where = f" · {row['slice']}" if row.get("slice") else ""
    return (
        titles.get(str(row["arm"]), str(row["arm"])),
        str(row["metric"]).replace("_", " ") + where,
        number(value("estimate"), unit),
        f"{number(value('low'), unit)} to {number(value('high'), unit)}",
        *[f"{int(value(name) or 0):,}" for name in ("seeds", "items", "clusters")],
    )

"""Which claims hold here: one card per claim, which opens with the sentence that answers and ends with the doubts."""

import math
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from workbench.bench.verdict_groups import (
    FAMILIES,
    FAMILY_HELP,
    SCALES,
    WORDS,
    are_judged,
    basis,
    by_family,
    next_step,
    tally,
    words_of,
)
from workbench.contract.circumstances import LOOKS
from workbench.contract.claims import Claim, Reported
from workbench.contract.engine import Engine
from workbench.contract.runs import State
from workbench.figures.measured import metrics_named
from workbench.messages import noted, say, say_html, say_many
from workbench.number_format import ABSENT, quantity, readable, span
from workbench.ui.elements.elements import Html, join, table, tag
from workbench.ui.runs.interval_svg import Drawn, Scale, interval_svg, scale_of

if TYPE_CHECKING:
    import pandas as pd

    from workbench.contract.claims import Family
    from workbench.statistics import Verdict


def verdicts_html(engine: Engine, verdicts: "Sequence[Verdict]", state: State) -> Html:
    """Return one card per claim, by family; a run that failed has none and says so."""
    lead = tag("p", basis(state), class_="bw-lead")
    if not are_judged(state):
        return lead
    scales = _scales(engine, verdicts)
    cards = {each.claim: _verdict(engine, each, scales.get(each.claim)) for each in verdicts}
    groups = [
        _group(family, [cards[each.claim] for each in members], len(members)) for family, members in by_family(verdicts)
    ]
    return join([lead, *groups])


def promised_html(engine: Engine) -> Html:
    """Return the claims before any row, by family: what a run will decide, and what the paper reports."""
    lead = tag("p", say("A run decides these claims, as far as its rows allow."), class_="bw-lead")
    groups = [
        _group(family, [_promise(claim) for claim in members], len(members))
        for family, members in by_family(engine.claims)
    ]
    return join([lead, *groups])


def summary_html(verdicts: "Sequence[Verdict]") -> Html:
    """Return the headlines' answers, and how many claims got each word."""
    headlines = [tag("p", _badge(each), " ", each.answer, class_="bw-headline") for each in verdicts if each.headline]
    others = [each for each in verdicts if not each.headline]
    chips = []
    for decision, many in tally(others):
        word = WORDS[decision]
        mark = tag("span", word.mark, aria_hidden="true", class_="bw-mark")
        claims = say_many("{n} claim", "{n} claims", many)
        if headlines:
            claims = say_many("{n} further claim", "{n} further claims", many)
        told = say("{verdict}: {claims}", verdict=say(word.words), claims=claims)
        chips.append(tag("li", mark, f" {told}", class_=f"bw-state bw-{word.tone}"))
    listed = tag("ul", *chips, class_="bw-counts", aria_label=say("Verdicts on the other claims")) if chips else ""
    return tag("div", *headlines, listed, class_="bw-summary") if headlines or chips else Html("")


def _group(family: "Family", cards: Sequence[Html], many: int) -> Html:
    corrected = say("p values are corrected for these {n} claims.", n=many) if many > 1 else ""
    told = f"{say(FAMILY_HELP[family])} {corrected}".strip()
    return tag(
        "section",
        tag("h3", say(FAMILIES[family])),
        tag("p", told, class_="bw-hint"),
        tag("div", *cards, class_="bw-verdicts"),
        class_="bw-family",
    )


def _promise(claim: Claim) -> Html:
    toy = _chip("toy") if claim.toy else ""
    doubts = _doubts(claim.cautions)
    return tag(
        "article", toy, tag("h4", say(claim.sentence)), _paper(claim.paper), _note(claim.note), doubts,
        class_="bw-verdict bw-is-calm",
    )  # fmt: skip


def _verdict(engine: Engine, verdict: "Verdict", scale: Scale | None) -> Html:
    titles = {arm.name: arm.title for arm in engine.arms}
    step = next_step(verdict, titles)
    drawn = _drawn(verdict)
    return tag(
        "article",
        tag("p", _badge(verdict), " ", _chip(verdict.scale), class_="bw-badges"),
        tag("h4", verdict.answer),
        tag(
            "p",
            say_html("{claim}: {sentence}", claim=tag("strong", say("Claim")), sentence=say(verdict.sentence)),
            class_="bw-claim",
        ),
        interval_svg(drawn, scale) if drawn and scale else "",
        tag("p", step, class_="bw-step") if step else "",
        _doubts(verdict.cautions),
        _paper(_reported(verdict)),
        _note(verdict.note),
        _numbers(verdict, scale),
        class_=f"bw-verdict bw-is-{WORDS[verdict.verdict].tone}",
        id=f"claim-{verdict.claim}",
    )


def _badge(verdict: "Verdict") -> Html:
    word = WORDS[verdict.verdict]
    mark = tag("span", word.mark, aria_hidden="true", class_="bw-mark")
    return tag("span", mark, " ", words_of(verdict), class_=f"bw-state bw-{word.tone}")


def _chip(scale: str) -> Html:
    return tag("span", say(scale), class_="bw-chip", title=say(SCALES.get(scale, ""))) if scale else Html("")


def _drawn(verdict: "Verdict") -> Drawn | None:
    """What the card draws; counted numbers and missing ones have no interval to draw."""
    if verdict.estimate is None or not math.isfinite(verdict.estimate):
        return None
    inner, outer = _pair(verdict.low, verdict.high), _pair(verdict.deciding_low, verdict.deciding_high)
    return Drawn(verdict.estimate, inner, outer, verdict.bars, verdict.sides)


def _pair(low: float | None, high: float | None) -> tuple[float, float] | None:
    return None if low is None or high is None else (low, high)


def _scales(engine: Engine, verdicts: "Sequence[Verdict]") -> dict[str, Scale]:
    """One axis for all cards of one metric and unit, by claim."""
    metrics = {claim.name: next(iter(metrics_named(claim.kind)), "") for claim in engine.claims}
    groups: dict[tuple[str, str, bool], list[tuple[str, Drawn]]] = {}
    for verdict in verdicts:
        drawn = _drawn(verdict)
        if drawn:
            key = (metrics.get(verdict.claim, ""), verdict.unit, verdict.log)
            groups.setdefault(key, []).append((verdict.claim, drawn))
    made = {key: scale_of([drawn for _, drawn in members], key[1], key[2]) for key, members in groups.items()}
    return {claim: made[key] for key, members in groups.items() for claim, _ in members}


def _numbers(verdict: "Verdict", scale: Scale | None) -> Html:
    """Everything counted and computed, behind a disclosure."""
    pairs = [*_measured(verdict, scale), *_tested(verdict), *_sample(verdict)]
    if verdict.scale:
        pairs.append((say("Scale"), f"{say(verdict.scale)}: {say(SCALES[verdict.scale])}"))
    listed = tag("dl", *[tag("div", tag("dt", name), tag("dd", told)) for name, told in pairs], class_="bw-numbers")
    return tag("details", tag("summary", say("The numbers")), listed, tag("p", verdict.reason), class_="bw-outline")


def _measured(verdict: "Verdict", scale: Scale | None) -> list[tuple[str, str]]:
    if scale is None or verdict.estimate is None:
        return []
    told = [(say("Estimate"), scale.show(verdict.estimate))]
    if verdict.low is not None:
        named = say("{level} % interval", level=readable(100 * verdict.level))
        told.append((named, scale.between(verdict.low, verdict.high)))
    if verdict.deciding_low is not None and verdict.deciding_level > verdict.level:
        ends = scale.between(verdict.deciding_low, verdict.deciding_high)
        level = readable(100 * verdict.deciding_level, 4)
        told.append((say("Interval at the level that decides ({level} %)", level=level), ends))
    return told


def _tested(verdict: "Verdict") -> list[tuple[str, str]]:
    if verdict.p is None:
        return []
    told = [(say("p, this claim alone"), readable(verdict.p, 2))]
    if verdict.p_corrected is not None:
        named = say("p, corrected within “{family}”", family=say(FAMILIES[verdict.family]))
        told.append((named, readable(verdict.p_corrected, 2)))
    return told


def _sample(verdict: "Verdict") -> list[tuple[str, str]]:
    counts = [(say("Seeds"), verdict.seeds), (say("Items"), verdict.items), (say("Clusters"), verdict.clusters)]
    look = say("{look} of {looks}", look=verdict.look, looks=LOOKS)
    return [*((name, readable(many, 15)) for name, many in counts if many), (say("Look"), look)]


def _doubts(cautions: Sequence[str]) -> Html:
    if not cautions:
        return Html("")
    listed = tag("ul", *[tag("li", text) for text in cautions])
    return tag("div", tag("h5", say("How this could be wrong")), listed, class_="bw-doubts")


def _reported(verdict: "Verdict") -> Reported | None:
    return Reported(**verdict.paper) if verdict.paper else None


def _paper(paper: Reported | None) -> Html:
    if paper is None:
        return tag("p", say("Our own claim; the paper makes none."), class_="bw-paper")
    message = noted("{paper}: {value} ({source})")
    if paper.confidence != "high":
        message = noted("{paper}: {value} ({source}, {confidence} confidence in this number)")
    told = say_html(
        message, paper=tag("strong", say("Paper")), value=say(paper.value), source=paper.source,
        confidence=say(paper.confidence),
    )  # fmt: skip
    return tag("p", told, class_="bw-paper")


def _note(note: str) -> Html:
    return tag("p", say(note), class_="bw-hint") if note else Html("")


def arms_html(engine: Engine, frame: "pd.DataFrame") -> Html:
    """Return every metric of every arm with its interval, as a table behind a disclosure."""
    if frame.empty:
        return Html("")
    head = [say("Arm"), say("Metric"), say("Estimate"), say("95 % interval")]
    head += [say("Seeds"), say("Items"), say("Clusters"), say("Caution")]
    rows = [_arm_row(engine, row) for row in frame.to_dict("records")]
    listed = table(head, rows, say("Every arm's metrics with their intervals"))
    return tag("details", tag("summary", say("Every arm in numbers")), listed, class_="bw-outline bw-every-arm")


def _arm_row(engine: Engine, row: "dict[Hashable, Any]") -> tuple[object, ...]:
    metric = next((each for each in engine.metrics if each.name == row["metric"]), None)
    unit, titles = metric.unit if metric else "", {arm.name: arm.title for arm in engine.arms}
    estimate, low, high = (float(row[name]) for name in ("estimate", "low", "high"))
    known, arm = [f"{int(row[name]):,}" for name in ("seeds", "items", "clusters")], str(row["arm"])
    return (
        say(titles.get(arm, arm)),
        say(metric.shown) if metric else row["metric"],
        quantity(estimate, unit),
        ABSENT if math.isnan(low) or math.isnan(high) else span(low, high, unit, False, quantity),
        *known,
        row["caution"],
    )

"""From outcomes to verdicts: which claims of an engine hold in this run, and how sure that is.

Design decisions:
- Two-sided intervals at 95 %. A verdict needs p after Holm's correction within its family (headlines, the paper's other
  claims, our own) to be at most the error that this look may spend; what an earlier look decided stays decided.
- A conjunction holds when all its parts hold (intersection-union, no correction) and is refuted when one part is
  (corrected for the number of parts); its estimate is that of the part with the least support.
- Counted numbers are compared as numbers; a claim whose arms, metrics or slices are not in the run was not asked.
- Whatever keeps a claim from being settled is a sentence in `Verdict.reason`, never an exception.
"""

# pyright: reportMissingTypeStubs=false

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from workbench.contract.circumstances import LOOKS, Circumstances, look_error
from workbench.contract.claims import Claim, Family
from workbench.contract.engine import Engine
from workbench.messages import say
from workbench.statistics.cautions import cautions, scale_of_run
from workbench.statistics.findings import Examiner, Finding
from workbench.statistics.observations import Observations
from workbench.statistics.sample_size import more_items, more_seeds
from workbench.statistics.untrained import beside_untrained
from workbench.statistics.verdict_text import (
    Words,
    answer,
    decided_because,
    not_asked_because,
    proposal,
    sides,
    undecided_because,
    unmeasurable_because,
)

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95
"""Of the intervals; one minus it is the chance, at most, that a family of claims decides any about nothing."""

Decision = Literal["holds", "does not hold", "undecided", "not measurable here", "not asked here"]


class Verdict(BaseModel):
    """What a run says about one claim.

    An estimate is counted so that larger is better for comparisons; a share or a slope is given as it is. Estimate,
    interval, p and counts are None or 0 where the run gives none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: str
    sentence: str
    verdict: Decision
    counted: bool
    """The numbers were counted: no chance, no interval."""
    answer: str
    """One sentence for a reader without statistics."""
    estimate: float | None
    low: float | None
    high: float | None
    level: float
    deciding_low: float | None
    deciding_high: float | None
    """Ends of the interval at the level that decides: it leaves the bars out where the claim is decided."""
    deciding_level: float
    p: float | None
    """Two-sided, of this claim alone."""
    p_corrected: float | None
    """After Holm's correction within the family."""
    family: Family
    headline: bool
    unit: str
    """Of the estimate; "points" for differences of shares (0.064 is 6.4 points)."""
    log: bool
    """Estimate, ends and bars are logarithms of ratios."""
    bars: tuple[float, ...]
    """What the interval must exceed, or the two numbers that it must lie between."""
    sides: tuple[str, str]
    """What lies to the left and to the right."""
    scale: str
    """"toy", "small", "as published", or "" where unknown."""
    look: int
    seeds: int
    items: int
    clusters: int
    more_seeds: int | None
    more_items: int | None
    """What would decide it at the next look, if the estimate stayed where it is."""
    missing: dict[str, list[str]]
    """Arms, metrics or slices that the claim needs and the run does not have."""
    cautions: tuple[str, ...]
    """How this could be wrong."""
    reason: str
    paper: dict[str, Any] | None
    note: str


def judge(engine: Engine, outcomes: "pd.DataFrame", known: Circumstances | None = None) -> list[Verdict]:
    """Judge each claim of the engine, in the card's order.

    Args:
        engine: the card: metrics, arms, claims.
        outcomes: one row per `Outcome`, its fields as columns; may be empty or incomplete.
        known: what is known of the run beside its outcomes.
    """
    known = known or Circumstances()
    return judged(engine, examiner_of(engine, Observations(outcomes, engine.metrics), known), known)


def judged(engine: Engine, examiner: Examiner, known: Circumstances) -> list[Verdict]:
    """Judge each claim of the engine on what an examiner finds; see `judge`."""
    cases = [_Case(engine, claim, examiner, known) for claim in engine.claims]
    verdicts: dict[str, Verdict] = {}
    for family in ("headline", "paper", "own"):
        members = [case for case in cases if case.claim.family == family]
        corrected = holm([case.p for case in members], look_error(known.look, 1 - LEVEL))
        for case, (p, factor) in zip(members, corrected, strict=True):
            verdicts[case.claim.name] = case.verdict(p, factor)
    return [verdicts[claim.name] for claim in engine.claims]


def examiner_of(engine: Engine, observations: Observations, known: Circumstances) -> Examiner:
    """Return the examiner of a run's outcomes under its card."""
    trains = {arm.name: arm.trained for arm in engine.arms} | dict(known.trained)
    split = engine.seeds_draw == "split"
    return Examiner(observations, engine.metrics, trains, split=split)


def holm(ps: Sequence[float | None], error: float) -> list[tuple[float | None, int]]:
    """Correct p values for their number (Holm 1979); claims without a p are no part of it.

    Returns:
        For each, the corrected p and the factor that decides: the least p that fails stops all larger ones at its own.
    """
    tested = sorted((p, place) for place, p in enumerate(ps) if p is not None)
    corrected: list[tuple[float | None, int]] = [(None, max(1, len(tested)))] * len(ps)
    highest, stopped = 0.0, 0
    for rank, (p, place) in enumerate(tested):
        factor = stopped or len(tested) - rank
        highest = max(highest, min(1.0, p * (len(tested) - rank)))
        corrected[place] = (highest, factor)
        stopped = stopped or (factor if highest > error else 0)
    return corrected


class _Case:
    """A claim with what was found on its parts."""

    def __init__(self, engine: Engine, claim: Claim, examiner: Examiner, known: Circumstances) -> None:
        self.claim, self.engine, self.known = claim, engine, known
        found = [examiner.examine(part, claim.clusters_needed) for part in claim.parts]
        self.findings = [beside_untrained(one, claim.untrained, examiner, engine.metrics) for one in found]
        self.words = Words(
            {arm.name: arm.title for arm in engine.arms}, {metric.name: metric for metric in engine.metrics}
        )

    @property
    def against(self) -> list[Finding]:
        """Parts that speak against the claim."""
        return [f for f in self.findings if (f.counted or f.p is not None) and not f.favours and not f.unmeasurable]

    @property
    def tested(self) -> list[Finding]:
        """Parts with chance in them."""
        return [f for f in self.findings if not f.counted]

    @property
    def p(self) -> float | None:
        """Of the claim as a whole: the surest refutation of a part, times the parts; else the least sure part."""
        against = [f.p for f in self.against if f.p is not None]
        if against:
            return min(1.0, min(against) * len(self.findings))
        ps = [f.p for f in self.tested]
        return None if None in ps or not ps else max(p for p in ps if p is not None)

    def decision(self, corrected: float | None) -> tuple[Decision, Finding]:
        """Return the verdict, and the part that explains it."""
        counted_out = [f for f in self.against if f.counted]
        if counted_out:
            return "does not hold", counted_out[0]
        if not self.tested:
            return "holds", self.findings[0]
        error = look_error(self.known.look, 1 - LEVEL)
        sure = corrected is not None and error > 0 and corrected <= error
        weakest = max(self.tested, key=lambda f: (f.p is None, not f.favours, f.p or 0.0))
        if sure and self.against:
            return "does not hold", min(self.against, key=lambda f: f.p or 0.0)
        absent = [f for f in self.findings if f.obstacle == "absent"]
        if absent:
            return ("not asked here" if self._over(absent[0]) else "undecided"), absent[0]
        unmeasurable = [f for f in self.findings if f.unmeasurable]
        if unmeasurable:
            return "not measurable here", unmeasurable[0]
        return ("holds" if sure else "undecided"), weakest

    def _over(self, found: Finding) -> bool:
        """Whether what is missing will not come: the run is over, or was not asked for these arms."""
        arms = self.known.arms
        asked = arms is None or not set(found.missing.get("arms", ())) - set(arms)
        return self.known.complete or not asked

    def verdict(self, corrected: float | None, factor: int) -> Verdict:
        """Return the verdict in full, given the claim's p after correction and the factor of that correction."""
        decision, shown = self.decision(corrected)
        if decision == "does not hold" or (shown in self.against and corrected is not None):
            factor *= len(self.findings)
        error, after = (look_error(look, 1 - LEVEL) / factor for look in (self.known.look, self.known.look + 1))
        before = self.known.decided_before(self.claim.name)
        seeds, items = (None, None)
        if decision == "undecided" and not before and self.known.look < LOOKS:
            seeds = more_seeds(self.findings, after)
            grow = self.engine.items_bring_clusters and self.claim.items_grow
            items = more_items(self.findings, after) if grow else None
        reason = self._reason(decision, shown, corrected, proposal(seeds, items))
        kept: Decision = "holds" if before == "holds" else "does not hold" if before == "does not hold" else decision
        if before:
            reason = say("Decided at an earlier look and kept: {word}. {reason}", word=say(before), reason=reason)
        return Verdict(
            claim=self.claim.name,
            sentence=self.claim.sentence,
            verdict=kept,
            answer=answer(self.claim, shown, kept, self.words),
            level=LEVEL,
            p=self.p,
            p_corrected=corrected,
            family=self.claim.family,
            headline=self.claim.headline,
            scale=scale_of_run(self.engine, self.claim, self.known.facts),
            look=self.known.look,
            more_seeds=seeds,
            more_items=items,
            cautions=cautions(self.engine, self.claim, shown, self.known),
            reason=reason,
            paper=asdict(self.claim.paper) if self.claim.paper else None,
            note=self.claim.note,
            **_numbers(shown, error),
        )

    def _reason(self, decision: Decision, shown: Finding, corrected: float | None, proposed: str) -> str:
        match decision:
            case "not measurable here":
                return unmeasurable_because(shown)
            case "not asked here":
                return not_asked_because(shown, self.words)
            case "undecided":
                error = look_error(self.known.look, 1 - LEVEL)
                why = undecided_because(shown, error, corrected)
                return why if shown.obstacle == "one seed" else f"{why} {proposed}".strip()
            case _:
                return decided_because(shown, LEVEL)


def _numbers(shown: Finding, error: float) -> dict[str, Any]:
    """Estimate, intervals and counts of the part that explains a verdict; `error` is what it may spend."""
    low, high = shown.interval(1 - LEVEL) or (None, None)
    deciding_low, deciding_high = shown.interval(error) or (None, None)
    bars: tuple[float, ...] = ()
    if shown.contrast is not None:
        bar = shown.contrast.bar
        bars = (-bar, bar) if shown.contrast.relation == "within" else (shown.shown * bar + 0.0,)
    return {
        "counted": shown.counted,
        "estimate": shown.shown * shown.estimate.value if shown.estimate else None,
        "low": low,
        "high": high,
        "deciding_low": deciding_low,
        "deciding_high": deciding_high,
        "deciding_level": 1 - error,
        "unit": shown.unit,
        "log": shown.unit == "log ratio",
        "bars": bars,
        "sides": sides(shown),
        "seeds": len(shown.sums.seeds) if shown.sums else 0,
        "items": shown.sums.items if shown.sums else 0,
        "clusters": shown.sums.clusters if shown.sums else 0,
        "missing": dict(shown.missing),
    }

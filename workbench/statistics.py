"""From outcomes to verdicts: which claims of an engine hold in this run, and how sure that is.

Design decisions:
- Two-sided intervals at 95 %; a verdict needs p <= 5 % after Holm's correction over the engine's claims.
- A conjunction holds when all its parts hold (intersection-union, no correction) and is refuted when one part is
  (corrected for the number of parts); its estimate is that of the part with the least support.
- Whatever keeps a claim from being settled is a sentence in `Verdict.reason`, never an exception.
"""

# pyright: reportMissingTypeStubs=false

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from workbench.claims import Cell, Claim, Conjunction
from workbench.engine import Engine
from workbench.errors import DataError
from workbench.findings import Examiner, Finding
from workbench.observations import Observations
from workbench.reasons import decided_because, proposal, shown_interval, undecided_because, unmeasurable_because
from workbench.sample_size import more_items, more_seeds

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95
"""Of the intervals; one minus it is the chance, at most, that a run decides any claim about nothing."""

Decision = Literal["holds", "does not hold", "undecided", "not measurable here"]


class Verdict(BaseModel):
    """What a run says about one claim.

    An estimate is counted so that larger is better for comparisons; a share or a slope is given as it is. Estimate,
    interval, p and counts are None or 0 where the run gives none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: str
    sentence: str
    verdict: Decision
    estimate: float | None
    low: float | None
    high: float | None
    level: float
    p: float | None
    """Two-sided, of this claim alone."""
    p_corrected: float | None
    """After Holm's correction over the engine's claims; a verdict needs at most 1 - level."""
    unit: str
    seeds: int
    items: int
    clusters: int
    more_seeds: int | None
    more_items: int | None
    reason: str
    paper: dict[str, Any] | None
    note: str


def judge(engine: Engine, outcomes: "pd.DataFrame", trained: Mapping[str, bool] | None = None) -> list[Verdict]:
    """A verdict on each claim of the engine, in the card's order.

    Args:
        engine: the card: metrics, arms, claims.
        outcomes: one row per `Outcome`, its fields as columns; may be empty or incomplete.
        trained: which arms train something, where the run knows better than the card; an arm that is neither
            declared nor named here counts as trained.
    """
    trains = {arm.name: arm.trained for arm in engine.arms} | dict(trained or {})
    examiner = Examiner(Observations(outcomes, engine.metrics), engine.metrics, trains)
    cases = [_Case(claim, examiner) for claim in engine.claims]
    corrected = _holm([case.p for case in cases])
    return [case.verdict(p, factor) for case, (p, factor) in zip(cases, corrected, strict=True)]


def arm_intervals(engine: Engine, outcomes: "pd.DataFrame", by_slice: bool = False) -> "pd.DataFrame":
    """Each metric of each arm with its interval.

    Columns are arm, metric, slice, estimate, low, high, seeds, items and clusters.

    Args:
        engine: the card.
        outcomes: one row per `Outcome`.
        by_slice: one row per slice instead of one over all.
    """
    import pandas as pd

    observations = Observations(outcomes, engine.metrics)
    examiner = Examiner(observations, engine.metrics, {arm.name: arm.trained for arm in engine.arms})
    declared = [metric.name for metric in engine.metrics]
    rows: list[dict[str, Any]] = []
    for arm in observations.arms:
        for metric in (name for name in declared if observations.slices_of(name, arm)):
            slices = observations.slices_of(metric, arm) if by_slice else [""]
            rows += [_cell_row(examiner, Cell(metric, arm, path)) for path in slices]
    columns = ["arm", "metric", "slice", "estimate", "low", "high", "seeds", "items", "clusters"]
    return pd.DataFrame(rows, columns=columns)


def _cell_row(examiner: Examiner, cell: Cell) -> dict[str, Any]:
    named = {"arm": cell.arm, "metric": cell.metric, "slice": cell.slice}
    try:
        estimate, sums = examiner.cell(cell)
    except DataError:
        return named | {"estimate": np.nan, "low": np.nan, "high": np.nan, "seeds": 0, "items": 0, "clusters": 0}
    low, high = estimate.interval(LEVEL)
    counts = {"seeds": len(sums.seeds), "items": sums.items, "clusters": sums.clusters}
    return named | {"estimate": estimate.value, "low": low, "high": high} | counts


def _holm(ps: Sequence[float | None]) -> list[tuple[float | None, int]]:
    """Corrected p values, each with its factor; claims without a p are no part of the family."""
    tested = sorted((p, place) for place, p in enumerate(ps) if p is not None)
    corrected: list[tuple[float | None, int]] = [(None, max(1, len(tested)))] * len(ps)
    highest = 0.0
    for rank, (p, place) in enumerate(tested):
        factor = len(tested) - rank
        highest = max(highest, min(1.0, p * factor))
        corrected[place] = (highest, factor)
    return corrected


class _Case:
    """A claim with what was found on its parts."""

    def __init__(self, claim: Claim, examiner: Examiner) -> None:
        parts = claim.kind.parts if isinstance(claim.kind, Conjunction) else (claim.kind,)
        self.claim = claim
        self.findings = [examiner.examine(part, claim.clusters_needed) for part in parts]

    @property
    def _against(self) -> list[Finding]:
        return [f for f in self.findings if f.p is not None and not f.favours and not f.unmeasurable]

    @property
    def p(self) -> float | None:
        """Of the claim as a whole: the surest refutation of a part, times the parts; else the least sure part."""
        against = [f.p for f in self._against if f.p is not None]
        if against:
            return min(1.0, min(against) * len(self.findings))
        ps = [f.p for f in self.findings]
        return None if None in ps else max(p for p in ps if p is not None)

    def decision(self, corrected: float | None) -> tuple[Decision, Finding]:
        """The verdict, and the part that explains it."""
        sure = corrected is not None and corrected <= 1 - LEVEL
        weakest = max(self.findings, key=lambda f: (f.p is None, not f.favours, f.p or 0.0))
        if sure and self._against:
            return "does not hold", min(self._against, key=lambda f: f.p or 0.0)
        unmeasurable = [f for f in self.findings if f.unmeasurable]
        if unmeasurable:
            return "not measurable here", unmeasurable[0]
        return ("holds" if sure else "undecided"), weakest

    def verdict(self, corrected: float | None, factor: int) -> Verdict:
        """The verdict in full, given the claim's p after correction and the factor of that correction."""
        decision, shown = self.decision(corrected)
        low, high = shown_interval(shown, LEVEL)
        is_open = decision == "undecided"
        tail = (1 - LEVEL) / 2 / factor
        seeds, items = (more_seeds(self.findings, tail), more_items(self.findings, tail)) if is_open else (None, None)
        return Verdict(
            claim=self.claim.name,
            sentence=self.claim.sentence,
            verdict=decision,
            estimate=shown.shown * shown.estimate.value if shown.estimate else None,
            low=low,
            high=high,
            level=LEVEL,
            p=self.p,
            p_corrected=corrected,
            unit=shown.unit,
            seeds=len(shown.sums.seeds) if shown.sums else 0,
            items=shown.sums.items if shown.sums else 0,
            clusters=shown.sums.clusters if shown.sums else 0,
            more_seeds=seeds,
            more_items=items,
            reason=_reason(decision, shown, corrected, proposal(seeds, items)),
            paper=asdict(self.claim.paper) if self.claim.paper else None,
            note=self.claim.note,
        )


def _reason(decision: Decision, shown: Finding, corrected: float | None, proposed: str) -> str:
    if decision == "not measurable here":
        return unmeasurable_because(shown)
    if decision == "undecided" and shown.one_seed_trained:
        return undecided_because(shown, LEVEL, corrected)
    if decision == "undecided":
        return f"{undecided_because(shown, LEVEL, corrected)} {proposed}".strip()
    return decided_because(shown, LEVEL)

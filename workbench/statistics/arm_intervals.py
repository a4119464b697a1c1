"""Each metric of each arm with its interval, or its paired difference to another arm: what pictures draw.

Design decisions:
- The recipe is the verdicts' own, so that a picture and a verdict cannot disagree.
- The deciding level of a number is the strictest level at which a claim of the card about its metric is decided in this
  run; where no claim names the metric it is that of the 95 % interval.
"""

# pyright: reportMissingTypeStubs=false

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.contract.circumstances import Circumstances
from workbench.contract.claims import Cell, contrast_of, slice_matches
from workbench.contract.engine import Engine
from workbench.contract.errors import DataError
from workbench.messages import say
from workbench.statistics.exact_tests import interval_with_floor
from workbench.statistics.findings import FEW_CLUSTERS, SINGLE_CLUSTER, Examiner
from workbench.statistics.observations import Observations
from workbench.statistics.verdicts import LEVEL, examiner_of, judged

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "arm", "metric", "slice", "estimate", "low", "high", "deciding_low", "deciding_high", "seeds", "items", "clusters",
    "caution",
)  # fmt: skip


def arm_intervals(
    engine: Engine,
    outcomes: "pd.DataFrame",
    known: Circumstances | None = None,
    *,
    along: str = "",
    within: str = "",
    against: str = "",
) -> "pd.DataFrame":
    """Measure each metric of each arm with its interval at 95 % and at the level that decides.

    Args:
        engine: the card.
        outcomes: one row per `Outcome`.
        known: what is known of the run beside its outcomes.
        along: a slice glob that ends in "*": one row for each slice that it matches; "" for one row an arm. A slice
            that is one cluster has its items for a sample.
        within: a slice glob that the outcomes must lie under.
        against: an arm; then rows are the other arms' differences to it, paired by item.

    Returns:
        A frame of `COLUMNS`; a number that the outcomes do not give is nan, and `caution` says why.
    """
    import pandas as pd

    known = known or Circumstances()
    seen = Observations(outcomes, engine.metrics)
    examiner = examiner_of(engine, seen, known)
    levels = _deciding_levels(engine, examiner, known)
    order = {arm: place for place, arm in enumerate(known.arms or seen.arms)}
    arms = sorted((arm for arm in seen.arms if arm != against), key=lambda arm: order.get(arm, len(order)))
    rows = [
        _row(examiner, Cell(metric.name, arm, path), against, levels.get(metric.name, LEVEL), bool(along))
        for arm in arms
        for metric in engine.metrics
        for path in _slices(seen.slices_of(metric.name, arm), along, within)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _deciding_levels(engine: Engine, examiner: Examiner, known: Circumstances) -> dict[str, float]:
    """The strictest deciding level of the claims about each metric."""
    verdicts = {verdict.claim: verdict for verdict in judged(engine, examiner, known)}
    levels: dict[str, float] = {}
    for claim in engine.claims:
        for part in claim.parts:
            along = getattr(part, "along", None)
            cells = [along] if along else [cell for _, cell in contrast_of(part, engine.metrics).terms]
            for cell in cells:
                level = max(levels.get(cell.metric, LEVEL), verdicts[claim.name].deciding_level)
                levels[cell.metric] = level
    return levels


def _slices(paths: Sequence[str], along: str, within: str) -> list[str]:
    """The slices to measure: prefixes of the paths as long as `along`, or `within` as a whole."""
    inside = [path for path in paths if slice_matches(within, path)]
    if not along:
        return [within] if inside else []
    depth = along.count("/") + 1
    found = ["/".join(path.split("/")[:depth]) for path in inside if slice_matches(along, path)]
    return list(dict.fromkeys(found))


def _row(examiner: Examiner, cell: Cell, against: str, deciding: float, inside: bool) -> dict[str, Any]:
    named = {"arm": cell.arm, "metric": cell.metric, "slice": cell.slice}
    nothing = dict.fromkeys(("estimate", "low", "high", "deciding_low", "deciding_high"), np.nan)
    try:
        estimate, sums = examiner.cell(cell, against, inside=inside)
    except DataError as error:
        return named | nothing | {"seeds": 0, "items": 0, "clusters": 0, "caution": str(error)}
    arms = [cell.arm, against] if against else [cell.arm]
    caution = ""
    if len(sums.seeds) < 2 and examiner.trains(arms):
        caution = say("One seed: this says nothing about other trainings.")
    elif sums.clusters == 1:
        caution = say(SINGLE_CLUSTER)
    elif estimate.few:
        caution = say(FEW_CLUSTERS)
    weights, bars = ([1.0, -1.0], [0.0]) if against else ([], [])
    low, high = interval_with_floor(weights, sums, estimate, bars, 1 - LEVEL)
    deciding_low, deciding_high = interval_with_floor(weights, sums, estimate, bars, 1 - deciding)
    return named | {
        "estimate": estimate.value,
        "low": low,
        "high": high,
        "deciding_low": deciding_low,
        "deciding_high": deciding_high,
        "seeds": len(sums.seeds),
        "items": sums.items,
        "clusters": sums.clusters,
        "caution": caution,
    }

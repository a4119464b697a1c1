"""Whether training shows: a claim about trained arms says nothing where none beats the model before training."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from workbench.contract.claims import Cell, Metric
from workbench.contract.errors import DataError
from workbench.messages import noted, say
from workbench.statistics.findings import NEAR, Examiner, Finding

LEVEL = noted("level of the untrained model or worse")
"""Where all arms sit that learned nothing, as a verdict calls it."""


def beside_untrained(found: Finding, untrained: str, examiner: Examiner, metrics: Sequence[Metric]) -> Finding:
    """Return a finding, *not measurable* where no arm of it beats the untrained one by three standard errors.

    A run without outcomes of the untrained arm leaves the finding as it is.

    Args:
        untrained: the arm that trains nothing; "" for a claim that needs none.
        metrics: the card's, for their better direction.
    """
    if not untrained or found.unmeasurable or found.contrast is None or found.estimate is None:
        return found
    cells = [cell for _, cell in found.contrast.terms if cell.arm != untrained]
    lower = {metric.name for metric in metrics if metric.better == "lower"}
    gains = [(-1 if cell.metric in lower else 1) * _distance(cell, untrained, examiner) for cell in cells]
    known = [gain for gain in gains if not np.isnan(gain)]
    return replace(found, unmeasurable=say(LEVEL)) if known and max(known) < NEAR else found


def _distance(cell: Cell, untrained: str, examiner: Examiner) -> float:
    """How many standard errors an arm lies above the untrained one; nan where that cannot be said."""
    try:
        estimate, _ = examiner.cell(cell, against=untrained)
    except DataError:
        return float("nan")
    error = estimate.standard_error
    return estimate.value / error if error > 0 else float("nan")

"""The arm of the model before any training: what an arm that learned nothing scores.

A method that trains puts `untrained_arm()` among its arms and names it in its claims (`Claim(untrained=UNTRAINED)`):
where no trained arm beats it by three standard errors, a claim about them is *not measurable here*.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engines.parts.tasks.examination import Examination, examined_under
from engines.parts.tasks.tasks import Task
from workbench.contract import Arm, RunCell

if TYPE_CHECKING:
    import pandas as pd

    from workbench.contract import RunLog

UNTRAINED = "untrained"
"""Name of the arm, and how answers name the model before any training."""


def untrained_arm(on: bool = True, **overrides: Any) -> Arm:
    """Return the arm of the model as it is; `overrides` are the settings that say so in the method's Config."""
    text = "The model as it is, before any training: what an arm that learned nothing scores."
    return Arm(UNTRAINED, "Untrained", "control", text, overrides, on=on)


def examined_untrained(ref: str, task: Task, log: "RunLog[Any]", how: Examination) -> "pd.DataFrame":
    """Examine the model before any training, once; return its `TaskAnswer` rows.

    Its outcomes stand under every seed of the run, since no seed changes it; a run without the arm gets rows alone.

    Args:
        ref: the model that the other arms are trained from.

    Raises:
        DataError, ModelError, ResourceError: as `examined`.
    """
    cells = [RunCell(UNTRAINED, seed, task.name) for seed in log.seeds]
    return examined_under(cells, ref, task, log, how if UNTRAINED in log.arms else replace(how, metric=""))

"""What the students learned from, and what they answered."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from engines.persyn.allocation_views import arm_title
from engines.persyn.controls import StudentControl
from engines.persyn.rows import PromptRow, StudentAnswer, StudentRow
from workbench.contract import NoControls, Tables


def student_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line an arm: what its students learned from and how many problems they solved, means over seeds."""
    rows = tables[StudentRow]
    means = rows.groupby("arm", sort=False)
    arms = list(means.groups)
    shown = pd.DataFrame({"arm": [arm_title(str(arm)) for arm in arms], "seeds": means["seed"].nunique().to_numpy()})
    shown["solved %"] = (100 * means["accuracy"].mean().astype(float)).round(1).to_numpy()
    for name in ("examined", "examples", "different", "tokens", "updates"):
        shown[name.replace("tokens", "tokens read")] = means[name].mean().round(1).to_numpy()
    shown["right in the set %"] = (100 * means["right_share"].mean().astype(float)).round(1).to_numpy()
    for name in ("first_loss", "last_loss", "seconds"):
        shown[name.replace("_", " ")] = means[name].mean().astype(float).round(3).to_numpy()
    return shown


def arms_examined(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Arms whose students answered."""
    return {"arm": list(tables[StudentAnswer]["arm"].drop_duplicates())}


def answer_rows(tables: Tables, controls: StudentControl) -> pd.DataFrame:
    """One line an answer of one arm's students: problem, answer, what was read out of it, and whether it is right."""
    rows = tables[StudentAnswer]
    rows = rows[rows["arm"] == controls.arm]
    texts = tables[PromptRow].drop_duplicates("place").set_index("place")["text"]
    problem = rows["place"].map(texts).fillna(rows["prompt"]).astype(str).to_numpy()
    shown = pd.DataFrame({"seed": rows["seed"], "problem": problem, "answer": rows["text"]})
    right = rows["right"].map({True: "yes", False: "no"})
    return shown.assign(read=rows["final"], gold=rows["gold"], right=right).reset_index(drop=True)

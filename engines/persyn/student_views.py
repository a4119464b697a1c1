"""What the students learned: accuracy of every arm with an interval over seeds, and their answers."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from engines.persyn.allocation_views import arm_title
from engines.persyn.controls import StudentControl
from engines.persyn.rows import PromptRow, StudentAnswer, StudentRow
from workbench import plotting
from workbench.plotting import Axes, Columns
from workbench.views import NoControls, Tables

if TYPE_CHECKING:
    import plotly.graph_objects as go

T_95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131)
"""Student's t, 97.5th percentile, by degrees of freedom from 1."""
NORMAL_95 = 1.960
NOTHING = "No student has been examined yet."


def over_seeds(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean and the ends of its 95 % interval over seeds (Student's t).

    One seed has no interval (NaN ends); a share is not cut at 0 or 1, so that a wide interval shows as one.
    """
    known = np.asarray([value for value in values if not math.isnan(value)], float)
    if not len(known):
        return float("nan"), float("nan"), float("nan")
    mean, free = float(known.mean()), len(known) - 1
    if not free:
        return mean, float("nan"), float("nan")
    factor = T_95[free - 1] if free <= len(T_95) else NORMAL_95
    reach = factor * float(known.std(ddof=1)) / math.sqrt(len(known))
    return mean, mean - reach, mean + reach


def student_scores(tables: Tables) -> pd.DataFrame:
    """Accuracy by arm with its interval: columns arm, accuracy, low, high, seeds, in the order of the run."""
    rows = tables[StudentRow]
    found = [
        (str(arm), *over_seeds(part["accuracy"].astype(float).tolist()), part["seed"].nunique())
        for arm, part in rows.groupby("arm", sort=False)
    ]
    return pd.DataFrame(found, columns=["arm", "accuracy", "low", "high", "seeds"])


def draw_students(tables: Tables, controls: NoControls) -> "go.Figure":
    """Accuracy of the students by arm."""
    scores = student_scores(tables)
    named = scores.assign(arm=scores["arm"].map(arm_title))
    axes = Axes("Training set of", "Share of problems answered rightly")
    return plotting.bars_with_intervals(named, axes, Columns("arm", "accuracy", band=("low", "high")))


def describe_students(tables: Tables, controls: NoControls) -> str:
    """The accuracies in words, and whether anything can be told from them."""
    scores = student_scores(tables).dropna(subset=["accuracy"])
    if scores.empty:
        return NOTHING
    told = ", ".join(f"{arm_title(str(row.arm))} {row.accuracy:.1%}" for row in scores.itertuples())  # type: ignore[str-bytes-safe]
    seeds = int(scores["seeds"].max())
    text = f"Accuracy of the student, mean over {seeds} seed{'s' if seeds > 1 else ''}: {told}."
    if not scores["accuracy"].max():
        return f"{text} All stand on the floor, so that nothing is measurable here."
    return text if seeds > 1 else f"{text} One seed decides nothing."


def student_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line an arm: accuracy with its interval over seeds, and what the students learned from."""
    rows, scores = tables[StudentRow], student_scores(tables)
    shown = pd.DataFrame({"arm": scores["arm"].map(arm_title), "accuracy %": (100 * scores["accuracy"]).round(1)})
    ends = zip(scores["low"], scores["high"], strict=True)
    shown["95 % over seeds"] = ["" if math.isnan(low) else f"{100 * low:.1f} to {100 * high:.1f}" for low, high in ends]
    shown["seeds"] = scores["seeds"]
    means = rows.groupby("arm", sort=False)
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

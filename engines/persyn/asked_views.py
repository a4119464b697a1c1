"""What a router says of one's own prompt, and what the teacher that won answered."""

from typing import TYPE_CHECKING

import pandas as pd

from engines.persyn.rows import AskedAnswer, AskedTeacher
from workbench.contract import NoControls, Span, Tables
from workbench.figures import plotting
from workbench.figures.plotting import Axes, Columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

ANSWER, FINAL = "answer", "final answer"
NOT_SCORED = "The prompt has not been scored yet."


def draw_asked(tables: Tables, controls: NoControls) -> "go.Figure":
    """Chance of every teacher to beat another one on this prompt."""
    axes = Axes("Teacher", "Chance to beat another teacher")
    return plotting.bars(tables[AskedTeacher], axes, Columns("teacher", "chance"))


def describe_asked(tables: Tables, controls: NoControls) -> str:
    """Who wins, and how clearly."""
    rows = tables[AskedTeacher].sort_values("score", ascending=False)
    if rows.empty:
        return NOT_SCORED
    first, second = rows.iloc[0], rows.iloc[min(1, len(rows) - 1)]
    gap = first["score"] - second["score"]
    return (
        f"{first['teacher']} is sent the prompt: {first['chance']:.0%} chance to beat another teacher, {gap:.2f} "
        f"logits before {second['teacher']}."
    )


def asked_teacher_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line a teacher, the best first."""
    rows = tables[AskedTeacher].sort_values("score", ascending=False)
    return pd.DataFrame(
        {
            "teacher": rows["teacher"],
            "score": rows["score"].astype(float).round(3),
            "chance to beat another %": (100 * rows["chance"].astype(float)).round(1),
            "parameters (millions)": (rows["parameters"].astype(float) / 1e6).round(1),
            "sent to": rows["chosen"].map({True: "yes", False: ""}),
        }
    )


def asked_spans(tables: Tables, controls: NoControls) -> list[Span]:
    """The answer of the teacher that won, with what the verifier reads out of it."""
    rows = tables[AskedAnswer]
    if rows.empty:
        return [Span("No teacher has been asked yet.")]
    row = rows.iloc[0]
    if not row["text"]:
        return [Span(f"{row['teacher']} gave no answer. {row['note']}")]
    spans = [Span(f"{row['teacher']}, {row['tokens']} tokens:\n\n"), Span(str(row["text"]), ANSWER)]
    return [*spans, Span("\n\nFinal answer: "), Span(str(row["final"]), FINAL)] if row["final"] else spans

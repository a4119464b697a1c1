"""Pictures of the trained arms: parameters against score, losses, what each layer got, how routers use experts."""

# pyright: reportMissingTypeStubs=false

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from engines.guilomo.config import TokenControl
from engines.guilomo.rows import ArmAllocation, RouterLoad, TokenExpert, TrainedArm
from engines.parts.rows import TaskAnswer, TrainingStep
from workbench.contract import Curves, Matrix, Passage, Pick, Points, Rows, Source, Span, Tables

KEYS = ["task", "arm", "seed"]
"""Columns that name a training."""


def with_seed_label(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Trainings with the seed as a label."""
    return rows.assign(label="seed " + rows["seed"].astype(str))


def with_allocation(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Trainings with the mean number of experts over layers and the mean rank over experts of what the arm gave."""
    layers = tables[ArmAllocation]
    ranks = layers.assign(total=layers["ranks"].map(lambda text: sum(map(int, str(text).split()))))
    each = ranks.groupby(KEYS)
    given = each[["experts", "total"]].sum().assign(mean_experts=each["experts"].mean()).reset_index()
    joined = rows.merge(given, on=KEYS, how="left")
    return joined.assign(
        mean_rank=(joined["total"] / joined["experts"]).astype(float).round(2),
        seconds=joined["seconds"].astype(float).round(1),
        **{name: joined[name].astype(float).round(3) for name in ("score", "first_loss", "last_loss", "mean_experts")},
    )


def of_tasks(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return updates of the arms' trainings with their task; the student that serves as a reference is left out."""
    rows = rows[~rows["adapter"].astype(str).str.startswith("planted-full-")]
    return rows.assign(task=[str(adapter).partition("-")[0] for adapter in rows["adapter"]])


def in_percent(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Use of experts with the load in percent."""
    return rows.assign(load=100 * rows["load"].astype(float))


def apart_first(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Answers, within each task those first on which arms differ; right is "yes" or "no"."""
    shares = rows.assign(right=rows["right"].astype(float)).groupby(["task", "item"])["right"].transform("mean")
    ordered = rows.assign(apart=-(shares * (1 - shares)), place=pd.factorize(rows["task"])[0])
    ordered = ordered.sort_values(["place", "apart", "item"], kind="stable").drop(columns=["place", "apart"])
    return ordered.assign(right=ordered["right"].map({True: "yes", False: "no"}))


def experts_in_use(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return how many experts of each layer come first for some token, and the share of the commonest."""
    lines = []
    for path, part in rows.groupby("path", sort=False):
        counts = part["expert"].value_counts()
        share = round(100 * counts.iloc[0] / len(part), 1)
        lines.append((part["layer"].iloc[0], path, len(counts), counts.index[0], share))
    return pd.DataFrame(lines, columns=["block", "layer", "experts in use", "commonest", "its share %"])


def say_scores(rows: pd.DataFrame) -> str:
    """Mean score and parameters of each arm, and how far any is from its budget, in words."""
    planted = rows["task"].iloc[0] == "planted"
    shown = "{:.3f} nats" if planted else "{:.1%}"
    means = rows.groupby("arm", sort=False)[["score", "parameters"]].mean()
    said = [f"{row.Index} {shown.format(row.score)} with {row.parameters:,.0f}" for row in means.itertuples()]
    off = (rows["parameters"] / rows["budget"] - 1).abs().max()
    return (
        f"{rows['task'].iloc[0]}{'; lower is better' if planted else ''}: {', '.join(said)} parameters. No arm is more "
        f"than {off:.1%} away from the budget of its search."
    )


def say_entropy(frame: pd.DataFrame) -> str:
    """Return the most and the least decided routers in words."""
    low, high = frame.loc[frame["value"].idxmin()], frame.loc[frame["value"].idxmax()]
    return (
        f"Most decided is {low['module']} of block {low['layer']} ({low['value']:.1%} of the highest entropy), least "
        f"{high['module']} of block {high['layer']} ({high['value']:.1%})."
    )


def layers_asked(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Layers that read the asked text, the last first."""
    return {"module": tables[TokenExpert]["path"].drop_duplicates().tolist()[::-1]}


def token_spans(tables: Tables, controls: TokenControl) -> list[Span]:
    """Return the asked text, each token marked by its top expert in one layer."""
    rows = tables[TokenExpert]
    if rows.empty:
        return [Span("The sentence has not been read yet.")]
    paths = layers_asked(tables)["module"]
    path = controls.module if controls.module in paths else paths[0]
    found = rows[rows["path"] == path].sort_values("place")
    return [
        Span(str(row.token), f"expert {row.expert}", f"expert {row.expert}, weight {row.weight:.2f}")
        for row in found.itertuples()
    ]


TASK = Pick("task", last=True, help="On which task; the last unless one is chosen.")
USE = (TASK, Pick("arm", help="Which trained arm."))
TRAINED = (
    "task", "arm", "seed", "score", "parameters", "budget", "mean_experts", "mean_rank", "updates", "first_loss",
    "last_loss", "seconds", "model",
)  # fmt: skip

ARM_VIEWS = (
    Points(
        "scores", "Parameters and score", Source(TrainedArm, where=with_seed_label, picks=(TASK,)), "parameters",
        "score", by="arm", label="label", says=say_scores, group="Arms", claim="as_good_as_uniform",
        axes=("Trainable parameters", "Right answers; divergence if planted"),
        help="All arms have the parameters of the searched allocation, to within a rank: what differs is how they are "
        "shared out. On the planted task lower is better.",
    ),
    Rows(
        "arms", "Trained arms", Source(TrainedArm, also=(ArmAllocation,), where=with_allocation), group="Arms",
        columns={name: name.replace("_", " ") for name in TRAINED},
        help="Each trained model is an adapter: name its model elsewhere, or try it in Models & data.",
    ),
    Curves(
        "training", "Losses of the trainings", Source(TrainingStep, where=of_tasks, picks=(TASK,)), "step", "loss",
        by="arm", axes=("Update", "Loss"), group="Arms",
        help="Mean over seeds, before each update.",
    ),
    Matrix(
        "load", "Load of the experts",
        Source(RouterLoad, where=in_percent, picks=(*USE, Pick("module", help="Which kind of layer, such as q_proj."))),
        "layer", "expert", "load", unit="Share of routed tokens (%)", axes=("Expert", "Block"), digits=0,
        group="Routers",
        help="Share of the routed tokens that each expert gets on test problems, mean over seeds.",
    ),
    Curves(
        "entropy", "Entropy of the routers", Source(RouterLoad, picks=USE), "layer", "entropy", by="module",
        axes=("Block", "Entropy (share of the highest)"), says=say_entropy, group="Routers",
        help="100 % is a router that finds all experts equally likely; 0 % one that always takes the same.",
    ),
    Rows(
        "answers", "Answers", Source(TaskAnswer, where=apart_first, picks=(TASK,)), group="Answers",
        help="Problems on which the arms differ most come first.",
    ),
)  # fmt: skip

ASK_VIEWS = (
    Passage(
        "tokens",
        "Tokens by expert",
        (TokenExpert,),
        token_spans,
        controls=TokenControl,
        options=layers_asked,
        help="Each token is marked with the expert that the layer's router weighs most for it.",
    ),
    Rows("layers", "Experts in use", Source(TokenExpert, where=experts_in_use)),
)

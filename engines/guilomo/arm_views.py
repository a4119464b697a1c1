"""Pictures of the trained arms: parameters against score, losses, what each layer got, how routers use experts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from engines.guilomo.config import TaskControl, TokenControl, UseControl
from engines.guilomo.rows import ArmAllocation, RouterLoad, TaskAnswer, TokenExpert, TrainedArm
from engines.parts.training import TrainingStep
from workbench import plotting
from workbench.plotting import Axes, Columns
from workbench.views import NoControls, Span, Tables

if TYPE_CHECKING:
    import plotly.graph_objects as go

ARM_NAMES = {
    "guilomo": "GuiLoMo",
    "uniform": "uniform",
    "experts_only": "experts only",
    "ranks_only": "ranks only",
    "plain": "plain LoRA",
    "dora": "DoRA",
    "triangle": "triangle 2468",
    "inverted": "inverted 8642",
    "random": "random",
    "perturbed_experts": "perturbed experts",
    "perturbed_ranks": "perturbed ranks",
    "every": "every entry heard",
}
NOTHING = "Nothing has been trained yet."


def arm_title(arm: str) -> str:
    """How pictures name an arm."""
    return ARM_NAMES.get(arm, arm)


def tasks_trained(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Tasks on which an arm was trained, the last first."""
    return {"task": tables[TrainedArm]["task"].drop_duplicates().tolist()[::-1]}


def chosen_task(rows: pd.DataFrame, controls: TaskControl) -> pd.DataFrame:
    """Rows of the asked task, or of the last where none is asked."""
    if rows.empty:
        return rows
    task = controls.task if controls.task in set(rows["task"]) else rows["task"].iloc[-1]
    return rows[rows["task"] == task]


def draw_scores(tables: Tables, controls: TaskControl) -> "go.Figure":
    """Score against trainable parameters, one point an arm and seed."""
    rows = chosen_task(tables[TrainedArm], controls)
    points = rows.assign(arm=rows["arm"].map(arm_title), label="seed " + rows["seed"].astype(str))
    columns = Columns("parameters", "score", by="arm", label="label", order=list(ARM_NAMES.values()))
    score = "Divergence from the teacher" if set(rows["task"]) == {"planted"} else "Right answers"
    return plotting.scatter2d(points, Axes("Trainable parameters", score, legend="Arm"), columns)


def describe_scores(tables: Tables, controls: TaskControl) -> str:
    """Mean score and parameters of each arm in words."""
    rows = chosen_task(tables[TrainedArm], controls)
    if rows.empty:
        return NOTHING
    task = rows["task"].iloc[0]
    means = rows.groupby("arm", sort=False)[["score", "parameters"]].mean()
    shown = "{:.3f} nats" if task == "planted" else "{:.1%}"
    said = [
        f"{arm_title(str(row.Index))} {shown.format(row.score)} with {row.parameters:,.0f}"
        for row in means.itertuples()
    ]
    off = (rows["parameters"] / rows["budget"] - 1).abs().max()
    better = "; lower is better" if task == "planted" else ""
    return (
        f"{task}{better}: {', '.join(said)} parameters. No arm is more than {off:.1%} away from the budget of its "
        "search."
    )


def draw_training(tables: Tables, controls: TaskControl) -> "go.Figure":
    """Loss by update of every final training on a task; mean over seeds."""
    means = training_means(tables, controls)
    columns = Columns("step", "loss", by="arm", order=list(ARM_NAMES.values()))
    return plotting.lines(means, Axes("Update", "Loss", legend="Arm"), columns)


def training_means(tables: Tables, controls: TaskControl) -> pd.DataFrame:
    """Mean loss over seeds; columns arm, step, loss."""
    rows = tables[TrainingStep]
    rows = rows.assign(task=[str(adapter).partition("-")[0] for adapter in rows["adapter"]])
    rows = chosen_task(rows, controls)
    means = rows.assign(loss=rows["loss"].astype(float)).groupby(["arm", "step"], sort=False)["loss"].mean()
    return means.reset_index().assign(arm=lambda frame: frame["arm"].map(arm_title))


def describe_training(tables: Tables, controls: TaskControl) -> str:
    """First and last losses of each arm in words."""
    means = training_means(tables, controls)
    if means.empty:
        return NOTHING
    said = [
        f"{arm} from {part['loss'].iloc[0]:.3f} to {part['loss'].iloc[-1]:.3f}"
        for arm, part in means.groupby("arm", sort=False)
    ]
    return f"Loss at the first and at the last update: {', '.join(said)}."


def arm_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line a training: score, parameters, losses, mean experts and ranks, and the model to name elsewhere."""
    rows, layers = tables[TrainedArm], tables[ArmAllocation]
    ranks = layers.assign(total=layers["ranks"].map(lambda text: sum(map(int, str(text).split()))))
    sums = ranks.groupby(["task", "arm", "seed"])[["experts", "total"]].sum().reset_index()
    means = ranks.groupby(["task", "arm", "seed"])["experts"].mean().rename("mean experts").reset_index()
    joined = rows.merge(sums, on=["task", "arm", "seed"], how="left").merge(
        means, on=["task", "arm", "seed"], how="left"
    )
    shown = joined.assign(
        **{"mean rank": (joined["total"] / joined["experts"]).astype(float).round(2)},
        arm=joined["arm"].map(arm_title),
        **{name: joined[name].astype(float).round(3) for name in ("score", "first_loss", "last_loss", "mean experts")},
        seconds=joined["seconds"].astype(float).round(1),
    )
    order = [
        "task", "arm", "seed", "score", "parameters", "budget", "mean experts", "mean rank", "updates", "first_loss",
        "last_loss", "seconds", "model",
    ]  # fmt: skip
    return shown[order].rename(columns=lambda name: name.replace("_", " "))


def arms_metered(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Tasks, arms and kinds of layers whose routers were watched."""
    rows = tables[RouterLoad]
    return {name: rows[name].drop_duplicates().tolist() for name in ("task", "arm", "module")}


def load_rows(tables: Tables, controls: UseControl) -> pd.DataFrame:
    """Use of the experts of one kind of layer under one arm."""
    rows = chosen_task(tables[RouterLoad], controls)
    if rows.empty:
        return rows
    arm = controls.arm if controls.arm in set(rows["arm"]) else rows["arm"].iloc[0]
    rows = rows[rows["arm"] == arm]
    module = controls.module if controls.module in set(rows["module"]) else rows["module"].iloc[0]
    return rows[rows["module"] == module]


def draw_load(tables: Tables, controls: UseControl) -> "go.Figure":
    """Heatmap of the load by block and expert, mean over seeds; empty where a layer has no such expert."""
    rows = load_rows(tables, controls)
    matrix = rows.assign(load=100 * rows["load"].astype(float))
    matrix = matrix.pivot_table(index="layer", columns="expert", values="load", aggfunc="mean")
    return plotting.heatmap(matrix, Axes("Expert", "Block"), unit="Share of routed tokens (%)", digits=0)


def describe_load(tables: Tables, controls: UseControl) -> str:
    """Most and least used expert and the entropy of the routers in words."""
    rows = load_rows(tables, controls)
    if rows.empty:
        return "No router has been watched yet."
    most, least = rows.loc[rows["load"].astype(float).idxmax()], rows.loc[rows["load"].astype(float).idxmin()]
    return (
        f"{arm_title(rows['arm'].iloc[0])}, {rows['module'].iloc[0]}, {rows['task'].iloc[0]}: most used is expert "
        f"{most['expert']} of block {most['layer']} ({most['load']:.1%} of the routed tokens), least expert "
        f"{least['expert']} of block {least['layer']} ({least['load']:.1%}). The routers' entropy is "
        f"{rows['entropy'].astype(float).mean():.1%} of the highest on average."
    )


def entropy_lines(tables: Tables, controls: UseControl) -> pd.DataFrame:
    """Entropy of the routers by block and kind of layer, mean over seeds; columns layer, module, entropy."""
    rows = chosen_task(tables[RouterLoad], controls)
    if rows.empty:
        return rows
    arm = controls.arm if controls.arm in set(rows["arm"]) else rows["arm"].iloc[0]
    rows = rows[rows["arm"] == arm]
    means = rows.assign(entropy=rows["entropy"].astype(float)).groupby(["layer", "module"], sort=False)["entropy"]
    return means.mean().reset_index()


def draw_entropy(tables: Tables, controls: UseControl) -> "go.Figure":
    """Entropy of the routers by block."""
    axes = Axes("Block", "Entropy (share of the highest)", legend="Layer")
    return plotting.lines(entropy_lines(tables, controls), axes, Columns("layer", "entropy", by="module"))


def describe_entropy(tables: Tables, controls: UseControl) -> str:
    """The most and the least decided routers in words."""
    rows = entropy_lines(tables, controls)
    if rows.empty:
        return "No router has been watched yet."
    low, high = rows.loc[rows["entropy"].idxmin()], rows.loc[rows["entropy"].idxmax()]
    return (
        f"Most decided is {low['module']} of block {low['layer']} ({low['entropy']:.1%} of the highest entropy), least "
        f"{high['module']} of block {high['layer']} ({high['entropy']:.1%})."
    )


def answer_rows(tables: Tables, controls: TaskControl) -> pd.DataFrame:
    """One line an answer; those on which arms differ come first."""
    rows = chosen_task(tables[TaskAnswer], controls)
    shares = rows.assign(right=rows["right"].astype(float)).groupby("item")["right"].transform("mean")
    ordered = rows.assign(apart=-(shares * (1 - shares)), arm=rows["arm"].map(arm_title))
    ordered = ordered.sort_values(["apart", "item"], kind="stable")
    return ordered.assign(right=ordered["right"].map({True: "yes", False: "no"})).drop(columns=["apart"])


def layers_asked(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Layers that read the asked text, the last first."""
    return {"module": tables[TokenExpert]["path"].drop_duplicates().tolist()[::-1]}


def token_spans(tables: Tables, controls: TokenControl) -> list[Span]:
    """The asked text, each token marked by its top expert in one layer."""
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


def token_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line a layer: how many experts come first for some token, and the share of the commonest."""
    rows = tables[TokenExpert]
    if rows.empty:
        return pd.DataFrame(columns=["block", "layer", "experts in use", "commonest", "its share %"])
    lines = []
    for path, part in rows.groupby("path", sort=False):
        counts = part["expert"].value_counts()
        lines.append(
            {
                "block": part["layer"].iloc[0],
                "layer": path,
                "experts in use": len(counts),
                "commonest": counts.index[0],
                "its share %": round(100 * counts.iloc[0] / len(part), 1),
            }
        )
    return pd.DataFrame(lines)

"""Pictures of a search: numbers of experts and ranks while it runs, its vectors, its losses, what was left to luck."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from engines.guilomo.agreement import kappa_of
from engines.guilomo.config import RanksControl, SearchControl, VectorControl
from engines.guilomo.rows import (
    ExpertCount,
    ExpertRank,
    PlantedModule,
    SearchEnd,
    SearchProgress,
    SeedAgreement,
    SelectionEntry,
    VectorMove,
)
from workbench import plotting
from workbench.plotting import Axes, Columns
from workbench.schema import Row
from workbench.views import NoControls, Options, Tables

if TYPE_CHECKING:
    import plotly.graph_objects as go

NOTHING = "No search has begun yet."


def searches_of(kind: type[Row], extra: Mapping[str, str] | None = None) -> Options:
    """Choices of the controls of a search, from the rows of `kind`.

    Args:
        extra: column by further control.
    """
    columns = {"task": "task", "search": "search", "seed": "seed"} | dict(extra or {})

    def offered(tables: Tables) -> Mapping[str, Sequence[Any]]:
        rows = tables[kind]
        found = {name: rows[column].drop_duplicates().tolist() for name, column in columns.items()}
        # What follows the search as it goes on stays on offer beside what holds one of them fast.
        follow = {"task": SearchControl().task, "seed": SearchControl().seed} if len(rows) else {}
        return found | {name: [value, *found[name]] for name, value in follow.items()}

    return offered


def chosen_search(rows: pd.DataFrame, controls: SearchControl) -> pd.DataFrame:
    """The rows of one search: of the asked task, way and seed, or of the last where none is asked."""
    if rows.empty:
        return rows
    task = controls.task if controls.task in set(rows["task"]) else rows["task"].iloc[-1]
    rows = rows[rows["task"] == task]
    way = controls.search if controls.search in set(rows["search"]) else rows["search"].iloc[0]
    rows = rows[rows["search"] == way]
    seed = controls.seed if controls.seed in set(rows["seed"]) else rows["seed"].iloc[-1]
    return rows[rows["seed"] == seed]


def latest(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last step that is there."""
    return rows[rows["step"] == rows["step"].max()] if len(rows) else rows


def search_title(rows: pd.DataFrame) -> str:
    """Task, way, seed and step of the shown rows, in words."""
    row = rows.iloc[0]
    return f"{row['task']}, {row['search']}, seed {row['seed']}, after {row['step']} steps"


def expert_matrix(tables: Tables, controls: SearchControl) -> pd.DataFrame:
    """Numbers of experts, blocks down and kinds of layers across, at the last step that is there."""
    rows = latest(chosen_search(tables[ExpertCount], controls))
    if rows.empty:
        return pd.DataFrame()
    order = rows["module"].drop_duplicates()
    return rows.pivot_table(index="layer", columns="module", values="experts", aggfunc="mean")[list(order)]


def draw_experts(tables: Tables, controls: SearchControl) -> "go.Figure":
    """Heatmap of the numbers of experts."""
    axes = Axes("Layer", "Block")
    return plotting.heatmap(expert_matrix(tables, controls), axes, unit="Experts", digits=0)


def describe_experts(tables: Tables, controls: SearchControl) -> str:
    """Range and mean of the numbers, and the kinds of layers with most and fewest, in words."""
    matrix = expert_matrix(tables, controls)
    if matrix.empty:
        return NOTHING
    rows = latest(chosen_search(tables[ExpertCount], controls))
    means = matrix.mean()
    return (
        f"{search_title(rows)}: {int(rows['experts'].min())} to {int(rows['experts'].max())} experts, "
        f"{rows['experts'].mean():.1f} on average; most in {means.idxmax()} ({means.max():.1f}), fewest in "
        f"{means.idxmin()} ({means.min():.1f})."
    )


def rank_matrix(tables: Tables, controls: RanksControl) -> pd.DataFrame:
    """Ranks of the experts of one kind of layer, blocks down and experts across; 0 is an expert that is not kept."""
    rows = latest(chosen_search(tables[ExpertRank], controls))
    if rows.empty:
        return pd.DataFrame()
    module = controls.module if controls.module in set(rows["module"]) else rows["module"].iloc[0]
    return rows[rows["module"] == module].pivot_table(index="layer", columns="expert", values="rank", aggfunc="mean")


def draw_ranks(tables: Tables, controls: RanksControl) -> "go.Figure":
    """Heatmap of the ranks."""
    return plotting.heatmap(rank_matrix(tables, controls), Axes("Expert", "Block"), unit="Rank", digits=0)


def describe_ranks(tables: Tables, controls: RanksControl) -> str:
    """Range and mean of the ranks of kept experts, in words."""
    matrix = rank_matrix(tables, controls)
    if matrix.empty:
        return NOTHING
    kept = matrix.stack()
    kept = kept[kept > 0]
    rows = latest(chosen_search(tables[ExpertRank], controls))
    return (
        f"{search_title(rows)}: kept experts have ranks {kept.min():.0f} to {kept.max():.0f}, mean {kept.mean():.1f}."
    )


def vector_lines(tables: Tables, controls: VectorControl) -> pd.DataFrame:
    """The entries of one vector over the steps; columns step, value, entry, path, vector."""
    rows = chosen_search(tables[SelectionEntry], controls)
    if rows.empty:
        return rows
    path = controls.module if controls.module in set(rows["path"]) else rows["path"].iloc[0]
    rows = rows[rows["path"] == path]
    name = controls.vector if controls.vector in set(rows["vector"]) else rows["vector"].iloc[0]
    return rows[rows["vector"] == name]


def draw_vector(tables: Tables, controls: VectorControl) -> "go.Figure":
    """One line an entry of the vector."""
    rows = vector_lines(tables, controls)
    columns = Columns("step", "value", by="entry", order=sorted(set(rows["entry"])))
    return plotting.lines(rows, Axes("Step", "Entry of the vector", legend="Count"), columns)


def describe_vector(tables: Tables, controls: VectorControl) -> str:
    """Which count the vector stood for at first and stands for now, in words."""
    rows = vector_lines(tables, controls)
    if rows.empty:
        return NOTHING
    ends = [rows[rows["step"] == step] for step in (rows["step"].min(), rows["step"].max())]
    first, last = (int(end.loc[end["value"].astype(float).idxmax(), "entry"]) for end in ends)
    row = rows.iloc[0]
    moved = float((ends[1].set_index("entry")["value"] - ends[0].set_index("entry")["value"]).abs().max())
    return (
        f"{row['path']}, {row['vector']}: the largest entry was {first} at the start and is {last} after "
        f"{rows['step'].max()} steps; no entry has moved by more than {moved:.3f}."
    )


def move_matrix(tables: Tables, controls: SearchControl) -> pd.DataFrame:
    """How many vectors went from which count (down) to which (across)."""
    rows = chosen_search(tables[VectorMove], controls)
    return pd.crosstab(rows["first"], rows["last"]) if len(rows) else pd.DataFrame()


def draw_moves(tables: Tables, controls: SearchControl) -> "go.Figure":
    """Heatmap of first and last counts."""
    matrix = move_matrix(tables, controls)
    return plotting.heatmap(matrix, Axes("Count at the end", "Count at the start"), unit="Vectors", digits=0)


def describe_moves(tables: Tables, controls: SearchControl) -> str:
    """How many vectors kept their first count, with the warning where most did, in words."""
    rows = chosen_search(tables[VectorMove], controls)
    if rows.empty:
        return "No search has ended yet."
    stayed = rows["first"] == rows["last"]
    ends = chosen_search(tables[SearchEnd], controls)
    warning = str(ends["warning"].iloc[0]) if len(ends) else ""
    return (
        f"{int(stayed.sum())} of {len(rows)} vectors ended on the count that they began with. "
        f"{warning or 'The search left its start.'}"
    )


def agreement_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line a task, way and kind of count: how far seeds agree beyond chance, and a warning where they hardly do."""
    rows = tables[SeedAgreement]
    kappas = [kappa_of(*pair) for pair in zip(rows["exact"].astype(float), rows["chance"].astype(float), strict=True)]
    whole = rows.assign(kappa=pd.Series(kappas, index=rows.index, dtype=float))
    rounded = {name: whole[name].astype(float).round(3) for name in ("exact", "chance", "kappa", "spearman")}
    ordered = ["task", "search", "counts", "seeds", "exact", "chance", "kappa", "spearman", "warning"]
    return whole.assign(**rounded)[ordered].rename(
        columns={"exact": "equal counts", "chance": "by chance", "counts": "counts of"}
    )


def end_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line a search: what it found, and a warning where it kept its start."""
    rows = tables[SearchEnd]
    rounded = {name: rows[name].astype(float).round(2) for name in ("experts", "rank", "stayed")}
    return rows.assign(**rounded).rename(
        columns={"experts": "mean experts", "rank": "mean rank", "stayed": "share that stayed"}
    )


def loss_lines(tables: Tables, controls: SearchControl) -> pd.DataFrame:
    """Losses of a search by step; columns step, loss, part."""
    rows = chosen_search(tables[SearchProgress], controls)
    long = rows.melt(id_vars=["step"], value_vars=["train_loss", "validation_loss"], var_name="part", value_name="loss")
    return long.assign(part=long["part"].astype(str).str.removesuffix("_loss"))


def draw_losses(tables: Tables, controls: SearchControl) -> "go.Figure":
    """Training and validation loss of a search."""
    return plotting.lines(
        loss_lines(tables, controls), Axes("Step", "Loss", legend="Batch"), Columns("step", "loss", by="part")
    )


def describe_losses(tables: Tables, controls: SearchControl) -> str:
    """First and last losses of a search in words."""
    rows = chosen_search(tables[SearchProgress], controls)
    if rows.empty:
        return NOTHING
    first, last = rows.iloc[0], rows.iloc[-1]
    return (
        f"{search_title(rows.tail(1))}: training loss {first['train_loss']:.3f} at first and {last['train_loss']:.3f} "
        f"at last, validation loss {first['validation_loss']:.3f} and {last['validation_loss']:.3f}."
    )


def planted_points(tables: Tables) -> pd.DataFrame:
    """Planted and found values of all layers and seeds; columns planted, found, what, label."""
    rows = tables[PlantedModule].drop_duplicates(["search", "seed", "path"])
    parts = [
        pd.DataFrame(
            {
                "planted": rows[f"planted_{name}"],
                "found": rows[f"found_{name}"],
                "what": title,
                "seed": "seed " + rows["seed"].astype(str),
                "label": rows["path"].astype(str),
            }
        )
        for name, title in (("number", "experts"), ("rank", "rank"))
    ]
    return pd.concat(parts, ignore_index=True)


def draw_planted(tables: Tables, controls: NoControls) -> "go.Figure":
    """Found against planted numbers and ranks."""
    columns = Columns("planted", "found", by="seed", panel="what", label="label")
    return plotting.scatter2d(planted_points(tables), Axes("Planted", "Found", legend="Search"), columns)


def describe_planted(tables: Tables, controls: NoControls) -> str:
    """Rank correlations of planted and found values in words."""
    points = planted_points(tables)
    if points.empty:
        return "No search on the planted task has ended yet."
    said = []
    for what, part in points.groupby("what", sort=False):
        values = part[["planted", "found"]].astype(float).rank()
        varies = values["found"].nunique() > 1 and values["planted"].nunique() > 1
        found = f"{values['planted'].corr(values['found']):.2f}" if varies else "undefined (all alike)"
        said.append(f"{what} {found}")
    return f"Synthetic task. Spearman's correlation of planted and found values, all seeds together: {', '.join(said)}."

"""What a review cost, and how well the model kept the form."""

from typing import TYPE_CHECKING

import pandas as pd

from engines.parts.rows import TokenUse
from engines.treereview.rows import Comparison, JsonForm
from workbench.contract import NoControls, Tables
from workbench.figures import plotting
from workbench.figures.plotting import Axes, Columns

if TYPE_CHECKING:
    import plotly.graph_objects as go


def saving_rows(tables: Tables) -> pd.DataFrame:
    """Tokens of a review by paper, one row for passages and one for whole papers; means over seeds."""
    rows = tables[Comparison].groupby("paper", sort=False)[["tokens", "tokens_exhaustive"]].mean().reset_index()
    long = rows.melt("paper", ["tokens", "tokens_exhaustive"], "way", "count")
    return long.assign(way=long["way"].map({"tokens": "from passages", "tokens_exhaustive": "from the whole paper"}))


def draw_saving(tables: Tables, controls: NoControls) -> "go.Figure":
    """Tokens of each paper's review, both ways."""
    axes = Axes("Paper", "Tokens read and written", legend="Questions answered")
    return plotting.bars(saving_rows(tables), axes, Columns("paper", "count", by="way"))


def describe_saving(tables: Tables, controls: NoControls) -> str:
    """The saving in words, and what of it was counted only."""
    rows = tables[Comparison]
    if rows.empty:
        return "No review has been compared yet."
    ours, whole = rows["tokens"].sum(), rows["tokens_exhaustive"].sum()
    change = f"{abs(1 - ours / whole):.0%} {'fewer' if ours <= whole else 'more'}"
    leaves, leaves_whole = rows["leaf_tokens"].sum(), rows["leaf_tokens_exhaustive"].sum()
    text = (
        f"{ours:,.0f} tokens from passages, {whole:,.0f} from whole papers: {change}. For the "
        f"questions that read alone it is {leaves:,.0f} against {leaves_whole:,.0f}."
    )
    counted = rows[~rows["run"].astype(bool)]
    return text + (
        f" {len(counted)} of {len(rows)} were counted, not run: {counted['reason'].iloc[0]}." if len(counted) else ""
    )


def stage_rows(tables: Tables) -> pd.DataFrame:
    """Tokens by stage and kind, in the order in which stages appeared."""
    rows = tables[TokenUse].groupby("stage", sort=False)[["prompt_tokens", "completion_tokens"]].sum().reset_index()
    long = rows.melt("stage", ["prompt_tokens", "completion_tokens"], "kind", "count")
    return long.assign(kind=long["kind"].map({"prompt_tokens": "read", "completion_tokens": "written"}))


def draw_stages(tables: Tables, controls: NoControls) -> "go.Figure":
    """Tokens read and written by stage."""
    axes = Axes("Stage", "Tokens", legend="Tokens")
    return plotting.bars(stage_rows(tables), axes, Columns("stage", "count", by="kind"))


def describe_stages(tables: Tables, controls: NoControls) -> str:
    """The most expensive stage in words."""
    rows = stage_rows(tables)
    if rows.empty:
        return "No tokens have been spent yet."
    sums = rows.groupby("stage", sort=False)["count"].sum()
    return f"{sums.sum():,.0f} tokens in all; most for {sums.idxmax()} ({sums.max():,.0f})."


def form_rates(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """By arm and stage, how often JSON was valid, repaired, read leniently or unusable, and the share that was not."""
    counts = ["asked", "valid", "repaired", "lenient", "unusable"]
    rows = tables[JsonForm].groupby(["arm", "stage"], sort=False)[counts].sum().reset_index()
    failed = 1 - rows["valid"] / rows["asked"].where(rows["asked"] > 0, 1)
    return rows.assign(**{"fallback rate": [f"{share:.0%}" for share in failed]})

"""What a review cost and what was measured: tokens, rankings, arms, and how well the model kept the form."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from engines.parts.token_use import TokenUse
from engines.treereview.rows import Comparison, JsonForm, MeasureControl, SectionHit
from workbench import plotting
from workbench.plotting import Axes, Columns
from workbench.schema import Outcome
from workbench.views import NoControls, Tables

if TYPE_CHECKING:
    import plotly.graph_objects as go

RANKINGS = ["perplexity", "bm25", "dense", "chance"]
NORMAL = 1.96


def saving_rows(tables: Tables) -> pd.DataFrame:
    """Tokens of a review by paper, one row for passages and one for whole papers; means over seeds."""
    rows = tables[Comparison].groupby("paper", sort=False)[["tokens", "tokens_exhaustive"]].mean().reset_index()
    long = rows.melt("paper", ["tokens", "tokens_exhaustive"], "way", "count")
    return long.assign(way=long["way"].map({"tokens": "from passages", "tokens_exhaustive": "from the whole paper"}))


def draw_saving(tables: Tables, controls: NoControls) -> "go.Figure":
    """Tokens of each paper's review, both ways."""
    axes = Axes("Paper", "Tokens read and written", legend="Questions answered")
    return plotting.bars_with_intervals(saving_rows(tables), axes, Columns("paper", "count", by="way"))


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
    return plotting.bars_with_intervals(stage_rows(tables), axes, Columns("stage", "count", by="kind"))


def describe_stages(tables: Tables, controls: NoControls) -> str:
    """The most expensive stage in words."""
    rows = stage_rows(tables)
    if rows.empty:
        return "No tokens have been spent yet."
    sums = rows.groupby("stage", sort=False)["count"].sum()
    return f"{sums.sum():,.0f} tokens in all; most for {sums.idxmax()} ({sums.max():,.0f})."


def ranking_rows(tables: Tables) -> pd.DataFrame:
    """Share of sentences whose section is found, by ranking, with normal intervals; columns ranking, hit, low, high."""
    rows = tables[SectionHit]
    found = []
    for ranking, part in rows.groupby("ranking", sort=False):
        hits = part.groupby(["paper", "paragraph", "sentence"])["hit"].mean()
        error = 0.0 if ranking == "chance" or len(hits) < 2 else float(hits.std(ddof=1)) / len(hits) ** 0.5
        mean = float(hits.mean())
        low, high = max(0.0, mean - NORMAL * error), min(1.0, mean + NORMAL * error)
        found.append({"ranking": ranking, "hit": mean, "low": low, "high": high, "sentences": len(hits)})
    frame = pd.DataFrame(found, columns=["ranking", "hit", "low", "high", "sentences"])
    return frame.sort_values("ranking", key=lambda names: names.map(RANKINGS.index), ignore_index=True)


def draw_rankings(tables: Tables, controls: NoControls) -> "go.Figure":
    """Hits by ranking."""
    axes = Axes("Ranking", "Share of sentences whose section is found")
    return plotting.bars_with_intervals(ranking_rows(tables), axes, Columns("ranking", "hit", band=("low", "high")))


def describe_rankings(tables: Tables, controls: NoControls) -> str:
    """The shares in words."""
    rows = ranking_rows(tables).set_index("ranking")
    if rows.empty:
        return "No ranking has been tried yet."
    told = ", ".join(f"{name} {rows.loc[name, 'hit']:.0%}" for name in RANKINGS if name in rows.index)
    return f"{int(rows['sentences'].max())} sentences looked for: {told}."


def measures_there(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Measures that arms have reported."""
    return {"measure": list(tables[Outcome]["metric"].drop_duplicates())}


def measure_rows(tables: Tables, controls: MeasureControl) -> pd.DataFrame:
    """Mean of a measure by arm (and way of ranking), with a normal interval; columns arm, value, low, high."""
    rows = tables[Outcome]
    rows = rows[rows["metric"] == controls.measure]
    way = rows["slice"].where(rows["slice"].str.startswith("ranking/"), "").str.removeprefix("ranking/")
    rows = rows.assign(arm=[f"{arm}, {by}" if by else arm for arm, by in zip(rows["arm"], way, strict=True)])
    found = []
    for arm, part in rows.groupby("arm", sort=False):
        values = part["value"].astype(float)
        error = float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0
        mean = float(values.mean())
        found.append({"arm": arm, "value": mean, "low": mean - NORMAL * error, "high": mean + NORMAL * error})
    return pd.DataFrame(found, columns=["arm", "value", "low", "high"])


def draw_measures(tables: Tables, controls: MeasureControl) -> "go.Figure":
    """A measure by arm."""
    axes = Axes("Arm", controls.measure.replace("_", " ").capitalize())
    return plotting.bars_with_intervals(
        measure_rows(tables, controls), axes, Columns("arm", "value", band=("low", "high"))
    )


def describe_measures(tables: Tables, controls: MeasureControl) -> str:
    """The means in words."""
    rows = measure_rows(tables, controls)
    if rows.empty:
        return "No arm has reported this measure yet."
    told = ", ".join(f"{row.arm} {_number(float(row.value))}" for row in rows.itertuples())  # type: ignore[arg-type]
    return f"{controls.measure.replace('_', ' ').capitalize()}: {told}."


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def form_rates(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """By arm and stage, how often JSON was valid, repaired, read leniently or unusable, and the share that was not."""
    counts = ["asked", "valid", "repaired", "lenient", "unusable"]
    rows = tables[JsonForm].groupby(["arm", "stage"], sort=False)[counts].sum().reset_index()
    failed = 1 - rows["valid"] / rows["asked"].where(rows["asked"] > 0, 1)
    return rows.assign(**{"fallback rate": [f"{share:.0%}" for share in failed]})

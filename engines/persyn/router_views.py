"""How well routers choose: against the oracle, pair by pair, and with how many calibration prompts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from engines.persyn.allocation_views import arm_title
from engines.persyn.alpha_views import teachers_in_order
from engines.persyn.config import CurveControl
from engines.persyn.controls import RouterControl
from engines.persyn.rows import Choice, CurvePoint, PairBin, RouterRow
from workbench.contract import NoControls, Tables
from workbench.figures import plotting
from workbench.figures.plotting import Axes, Columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

MEASURE_NAMES = {"regret": "Regret", "hit_1": "Hit@1", "hit_3": "Hit@3", "pairwise": "Pairs ordered rightly"}
ROUTER, SINGLE = "router", "best single teacher"
SEEDS = "router, each seed"
AS_SAID, SEEN = "as predicted", "router"
NO_JUDGEMENT = "No arm has been judged on held-out prompts yet."


def arms_with_bins(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Arms whose router was judged pair by pair."""
    return {"arm": list(tables[PairBin]["arm"].drop_duplicates())}


def arms_held_out(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Arms that chose for held-out prompts."""
    rows = tables[Choice]
    return {"arm": list(rows.loc[rows["split"] == "held_out", "arm"].drop_duplicates())}


def curve_rows(tables: Tables, controls: CurveControl, each_seed: bool = False) -> pd.DataFrame:
    """A measure by calibration size: columns size, of, value; the mean over seeds, or a row for each seed.

    For regret also that of the best single teacher of the same calibration prompts.
    """
    rows = tables[CurvePoint]
    wanted = {ROUTER: controls.measure} | ({SINGLE: "single"} if controls.measure == "regret" else {})
    found = [
        rows[["calibration"]].assign(value=rows[column].astype(float), of=name).dropna(subset=["value"])
        for name, column in wanted.items()
    ]
    points = pd.concat(found, ignore_index=True).rename(columns={"calibration": "size"})
    return points if each_seed else points.groupby(["of", "size"], sort=False)["value"].mean().reset_index()


def draw_curve(tables: Tables, controls: CurveControl) -> "go.Figure":
    """How the router gets better with calibration prompts: the mean over seeds, and each seed as a point."""
    columns = Columns("size", "value", by="of", order=(ROUTER, SINGLE), muted=(SINGLE,))
    axes = Axes("Calibration prompts", MEASURE_NAMES[controls.measure], log="x", legend="Choice")
    made = plotting.lines(curve_rows(tables, controls), axes, columns)
    points = curve_rows(tables, controls, each_seed=True)
    points = points[points["of"] == ROUTER]
    if len(points):
        made.add_scatter(
            x=points["size"].tolist(), y=points["value"].tolist(), mode="markers", name=SEEDS,
            marker={"symbol": "circle-open", "size": 6, "color": "#808080"},
        )  # fmt: skip
    return made


def describe_curve(tables: Tables, controls: CurveControl) -> str:
    """The measure at the smallest and the largest calibration."""
    rows = curve_rows(tables, controls)
    own = rows[rows["of"] == ROUTER].sort_values("size")
    name = MEASURE_NAMES[controls.measure]
    if own.empty:
        few = "; fewer than four teachers leave Hit@3 without meaning" if controls.measure == "hit_3" else ""
        return f"{name} has not been measured by calibration size yet{few}."
    first, last = own.iloc[0], own.iloc[-1]
    text = f"{name} is {first['value']:.3f} with {first['size']:.0f} calibration prompts"
    if len(own) > 1:
        text += f" and {last['value']:.3f} with {last['size']:.0f}"
    single = rows[(rows["of"] == SINGLE) & (rows["size"] == last["size"])]
    return f"{text}{f'; {single.value.iloc[0]:.3f} with the best single teacher' if len(single) else ''}."


def confusion(tables: Tables, controls: RouterControl) -> pd.DataFrame:
    """Held-out prompts by the chosen teacher (index) and the truly best one (columns), summed over seeds.

    Where rewards tie, the first of the best counts as the best. Prompts without a choice or a best are left out.
    """
    rows = tables[Choice]
    rows = rows[(rows["arm"] == controls.arm) & (rows["split"] == "held_out")]
    rows = rows[(rows["teacher"] != "") & (rows["best"] != "")]
    if rows.empty:
        return pd.DataFrame()
    names = teachers_in_order(tables)
    counts = pd.crosstab(rows["teacher"], rows["best"])
    return counts.reindex(index=names, columns=names, fill_value=0)


def draw_confusion(tables: Tables, controls: RouterControl) -> "go.Figure":
    """Chosen against best teachers, as numbers and colours."""
    axes = Axes("Best teacher (oracle)", "Chosen teacher")
    return plotting.heatmap(confusion(tables, controls), axes, unit="prompts", digits=0)


def describe_confusion(tables: Tables, controls: RouterControl) -> str:
    """How often the chosen teacher is the best, and the commonest mistake."""
    counts = confusion(tables, controls)
    if counts.empty:
        return NO_JUDGEMENT
    total, right = int(counts.to_numpy().sum()), sum(int(counts.loc[name, name]) for name in counts.index)  # type: ignore[arg-type]
    wrong = counts.stack()
    wrong = wrong[[chosen != best for chosen, best in wrong.index]]
    text = f"{arm_title(controls.arm)} chooses the best teacher for {right:,} of {total:,} held-out prompts"
    if wrong.empty or not wrong.max():
        return f"{text}."
    chosen, best = wrong.idxmax()
    return f"{text}; most often it takes {chosen} where {best} is better ({int(wrong.max()):,})."


def pair_bins(tables: Tables, controls: RouterControl) -> pd.DataFrame:
    """Predicted and observed chances by tenth, weighed by pairs over seeds; columns predicted, observed, pairs."""
    rows = tables[PairBin]
    rows = rows[(rows["arm"] == controls.arm) & (rows["pairs"] > 0)]
    if rows.empty:
        return pd.DataFrame(columns=["predicted", "observed", "pairs"])
    weighed = rows.assign(
        predicted=rows["predicted"].astype(float) * rows["pairs"],
        observed=rows["observed"].astype(float) * rows["pairs"],
    )
    sums = weighed.groupby("low")[["predicted", "observed", "pairs"]].sum()
    chances = sums[["predicted", "observed"]].div(sums["pairs"], axis=0)
    return chances.assign(pairs=sums["pairs"]).reset_index(drop=True)


def calibration_error(bins: pd.DataFrame) -> float:
    """Mean gap of predicted and observed chance, weighed by pairs; NaN without any."""
    if bins.empty:
        return float("nan")
    return float(((bins["predicted"] - bins["observed"]).abs() * bins["pairs"]).sum() / bins["pairs"].sum())


def draw_pairs(tables: Tables, controls: RouterControl) -> "go.Figure":
    """Whether score differences mean what they say."""
    bins = pair_bins(tables, controls)
    if bins.empty:
        return plotting.blank()
    ideal = pd.DataFrame({"predicted": [0.0, 1.0], "observed": [0.0, 1.0], "of": AS_SAID})
    axes = Axes("Predicted chance that the first teacher is better", "Observed share", legend="Pairs of teachers")
    columns = Columns("predicted", "observed", by="of", order=(SEEN, AS_SAID), muted=(AS_SAID,))
    return plotting.lines(pd.concat([bins.assign(of=SEEN), ideal], ignore_index=True), axes, columns)


def describe_pairs(tables: Tables, controls: RouterControl) -> str:
    """The mean gap, and the tenth with the largest one."""
    bins = pair_bins(tables, controls)
    if bins.empty:
        return "No pair of teachers has been predicted yet."
    worst = bins.loc[(bins["predicted"] - bins["observed"]).abs().idxmax()]
    return (
        f"Predicted and observed chances differ by {calibration_error(bins):.3f} on average over "
        f"{int(bins['pairs'].sum()):,} pairs, each counted both ways; most where {worst['predicted']:.2f} is predicted "
        f"and {worst['observed']:.2f} observed."
    )


def router_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line a router: what it is, what it learned from, its loss at first and at last, and its file."""
    rows = tables[RouterRow]
    rounded = {name: rows[name].astype(float).round(4) for name in ("first_loss", "last_loss")}
    shown = rows.assign(arm=rows["arm"].map(arm_title), seconds=rows["seconds"].astype(float).round(1), **rounded)
    return shown.rename(columns={"artifact": "file"}).rename(columns=lambda name: name.replace("_", " "))

"""What a training set costs each arm, beside asking every teacher for every prompt."""

from typing import TYPE_CHECKING

import pandas as pd

from engines.persyn.allocation_views import arm_title
from engines.persyn.controls import CostControl
from engines.persyn.rows import ArmCost
from workbench.contract import NoControls, Tables
from workbench.figures import plotting
from workbench.figures.plotting import Axes, Columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

ALL_OF_IT = "every teacher, every prompt"
CALIBRATION, FURTHER, WHOLE = "calibration", "further", "all"
TITLES = {
    "responses": "Responses of teachers",
    "tokens": "Tokens that teachers write",
    "seconds": "Seconds of teachers",
}


def mean_costs(tables: Tables) -> pd.DataFrame:
    """Costs by arm, mean over seeds, in the order of the run."""
    rows = tables[ArmCost]
    numbers = [name for name in rows.columns if name not in ("arm", "seed")]
    return rows.astype({name: float for name in numbers}).groupby("arm", sort=False)[numbers].mean().reset_index()


def cost_bars(tables: Tables, controls: CostControl) -> pd.DataFrame:
    """Columns arm, part, value: responses in two parts, tokens and seconds in one; generate-then-select last."""
    costs = mean_costs(tables)
    names = costs["arm"].map(arm_title)
    if controls.measure == "responses":
        parts = {CALIBRATION: costs["calibration_responses"], FURTHER: costs["routed_responses"]}
        whole = costs["everything"]
    else:
        parts, whole = {WHOLE: costs[controls.measure]}, costs[f"everything_{controls.measure}"]
    bars = [pd.DataFrame({"arm": names, "part": part, "value": values}) for part, values in parts.items()]
    reference = pd.DataFrame({"arm": [ALL_OF_IT], "part": [WHOLE], "value": [whole.max()]}) if len(costs) else None
    return pd.concat([*bars, *([] if reference is None else [reference])], ignore_index=True)


def draw_cost(tables: Tables, controls: CostControl) -> "go.Figure":
    """A cost by arm, and that of generate-then-select."""
    bars = cost_bars(tables, controls)
    columns = Columns("arm", "value", by="part", order=(CALIBRATION, FURTHER, WHOLE))
    made = plotting.bars(bars, Axes("Arm", TITLES[controls.measure], legend="Part"), columns)
    return made.update_layout(barmode="stack") if len(bars) else made


def describe_cost(tables: Tables, controls: CostControl) -> str:
    """What the router's arm saves, its calibration counted, and which arm is cheapest."""
    costs = mean_costs(tables)
    if costs.empty:
        return "No training set has been costed yet."
    name = controls.measure
    whole = "everything" if name == "responses" else f"everything_{name}"
    own = costs[costs["arm"] == "persyn"]
    row = (own if len(own) else costs).iloc[0]
    saved = 1 - row[name] / row[whole] if row[whole] else 0.0
    cheapest = costs.loc[costs[name].idxmin()]
    return (
        f"{arm_title(str(row['arm']))} takes {row[name]:,.0f} {name}, against {row[whole]:,.0f} if all teachers answer "
        f"all prompts: {saved:.0%} saved, with its {row['calibration_responses']:,.0f} calibration responses counted. "
        f"Cheapest is {arm_title(str(cheapest['arm']))} ({cheapest[name]:,.0f})."
    )


def cost_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line an arm: responses, tokens and seconds, and the share that is saved."""
    costs = mean_costs(tables)
    shown = pd.DataFrame({"arm": costs["arm"].map(arm_title), "prompts": costs["prompts"].round().astype(int)})
    counted = {
        "calibration_responses": "calibration responses",
        "routed_responses": "further responses",
        "responses": "responses",
        "everything": ALL_OF_IT,
    }
    for name, title in counted.items():
        shown[title] = costs[name].round(1)
    shown["responses saved %"] = (100 * costs["saved"]).round(1)
    for name in ("tokens", "seconds"):
        shown[name] = costs[name].round(1)
        share = 1 - costs[name] / costs[f"everything_{name}"].where(costs[f"everything_{name}"] > 0)
        shown[f"{name} saved %"] = (100 * share).round(1)
    return shown

"""Pictures of robustness: what flips under which form, by class, by subset, before and after mending."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from engines.sure.config import MetricControl, RatesControl
from engines.sure.perturbations import CLASSES, title_of
from engines.sure.rows import Answer, FormRate
from workbench.contract import NoControls, Tables
from workbench.figures import plotting
from workbench.figures.palette import series_style, translucent
from workbench.figures.plotting import Axes, Columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

ARM_NAMES = {
    "reader": "as it is",
    "sft": "SFT on flips",
    "dpo": "DPO on flips",
    "sft_on_plain": "SFT on plain documents",
    "document_first": "document before question",
}
OUTCOME_NAMES = {"robust": "robust", "win": "won", "lose": "lost"}
METRIC_NAMES = {
    "robust": "Robustness rate",
    "accuracy": "Accuracy after the change",
    "lose": "Lose rate",
    "win": "Win rate",
}
RATES = tuple(OUTCOME_NAMES)
ACCURACIES = ("accuracy_before", "accuracy_after")
NOTHING = "No reader has been judged yet."


def arms_and_subsets(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Arms and subsets for which there are rates, the unmended reader first."""
    rows = tables[FormRate]
    order = [name for name in ("golden", "K-G", "U-G", "noise", "K-N", "U-N") if name in set(rows["subset"])]
    return {"arm": list(rows["arm"].drop_duplicates()), "subset": order}


def arm_title(arm: str) -> str:
    """How pictures name an arm."""
    return ARM_NAMES.get(arm, arm)


def sentence_case(text: str) -> str:
    """A text with its first letter large and the others as they are."""
    return text[:1].upper() + text[1:]


def mean_rates(rows: pd.DataFrame) -> pd.DataFrame:
    """Rates by arm, class and form, mean over seeds, with the form's title; of each form the widest part of the data.

    Args:
        rows: rows of `FormRate` of one subset.
    """
    widest = rows[(rows["part"] == "all") | ~rows["arm"].isin(rows.loc[rows["part"] == "all", "arm"])]
    keys = ["arm", "kind", "perturbation"]
    means = widest.groupby(keys, sort=False)[[*RATES, *ACCURACIES, "pairs"]].mean().reset_index()
    return means.assign(form=means["perturbation"].map(title_of), pairs=means["pairs"].astype(int))


def chosen_rates(tables: Tables, controls: RatesControl) -> pd.DataFrame:
    """Mean rates of one arm on one subset, one line for each row of the taxonomy."""
    rows = tables[FormRate]
    means = mean_rates(rows[(rows["arm"] == controls.arm) & (rows["subset"] == controls.subset)])
    return means[means["perturbation"] != "all"]


def draw_rates(tables: Tables, controls: RatesControl) -> "go.Figure":
    """Stacked shares of robust, won and lost pairs by form."""
    rates = chosen_rates(tables, controls)
    bars = rates.melt(id_vars=["form"], value_vars=list(OUTCOME_NAMES), var_name="outcome", value_name="share")
    bars = bars.assign(outcome=bars["outcome"].map(OUTCOME_NAMES))
    columns = Columns("form", "share", by="outcome", order=list(OUTCOME_NAMES.values()))
    made = plotting.bars(bars, Axes("Form", "Share of pairs", legend="Answer"), columns)
    return made.update_layout(barmode="stack") if len(bars) else made


def describe_rates(tables: Tables, controls: RatesControl) -> str:
    """The form that breaks most and the one that breaks least, in words."""
    rates = chosen_rates(tables, controls)
    if rates.empty:
        return NOTHING
    worst, best = rates.loc[rates["robust"].idxmin()], rates.loc[rates["robust"].idxmax()]
    return (
        f"{sentence_case(arm_title(controls.arm))}, {controls.subset} documents: least robust under {worst['form']} "
        f"({worst['robust']:.1%} robust, {worst['lose']:.1%} lost, {worst['win']:.1%} won), most under {best['form']} "
        f"({best['robust']:.1%}). Accuracy is {rates['accuracy_before'].mean():.1%} before and "
        f"{rates['accuracy_after'].mean():.1%} after the change, mean over forms."
    )


def rate_rows(tables: Tables, controls: RatesControl) -> pd.DataFrame:
    """List rates and accuracy of each row of the taxonomy and each class, in percent."""
    rows = tables[FormRate]
    rates = mean_rates(rows[(rows["arm"] == controls.arm) & (rows["subset"] == controls.subset)])
    classes = ("all of " + rates["kind"].astype(str)).replace("all of all", "all forms")
    shown = pd.DataFrame({"form": rates["form"].mask(rates["perturbation"] == "all", classes), "pairs": rates["pairs"]})
    for name, title in OUTCOME_NAMES.items():
        shown[f"{title} %"] = (100 * rates[name].astype(float)).round(1)
    for name in ACCURACIES:
        shown[f"{name.replace('_', ' ')} %"] = (100 * rates[name].astype(float)).round(1)
    return shown


def draw_accuracy(tables: Tables, controls: RatesControl) -> "go.Figure":
    """Accuracy by form, beside that of the document it is compared with."""
    rates = chosen_rates(tables, controls)
    bars = rates.melt(id_vars=["form"], value_vars=list(ACCURACIES), var_name="when", value_name="accuracy")
    bars = bars.assign(when=bars["when"].str.removeprefix("accuracy_") + " the change")
    columns = Columns("form", "accuracy", by="when")
    return plotting.bars(bars, Axes("Form", "Accuracy", legend="Document"), columns)


def describe_accuracy(tables: Tables, controls: RatesControl) -> str:
    """The largest gain and the largest loss of accuracy, in words."""
    rates = chosen_rates(tables, controls)
    if rates.empty:
        return NOTHING
    gain = (rates["accuracy_after"] - rates["accuracy_before"]).set_axis(rates["form"])
    return (
        f"{sentence_case(arm_title(controls.arm))}, {controls.subset} documents: accuracy changes most for the worse "
        f"under {gain.idxmin()} ({gain.min():+.1%}) and most for the better under {gain.idxmax()} ({gain.max():+.1%})."
    )


def class_rates(tables: Tables) -> pd.DataFrame:
    """Robustness by class and arm on Golden documents, mean over seeds.

    Of all questions; of held-out ones alone where a reader was mended, so that arms are compared on the same.
    """
    rows = tables[FormRate]
    rows = rows[(rows["subset"] == "golden") & (rows["perturbation"] == "all")]
    whole = rows[rows["part"] == "all"]
    same = set(whole["arm"]) == set(rows["arm"])
    rates = mean_rates(whole if same else rows[rows["part"] == "held_out"])
    return rates[rates["kind"].isin([*CLASSES, "other"])]


def draw_radar(tables: Tables, controls: NoControls) -> "go.Figure":
    """Robustness by class, one closed line for each arm."""
    import plotly.graph_objects as go

    rates = class_rates(tables)
    if rates.empty:
        return plotting.blank()
    made = plotting.figure(Axes("", ""))
    for at, (arm, part) in enumerate(rates.groupby("arm", sort=False)):
        style = series_style(at)
        theta, r = part["kind"].tolist(), part["robust"].tolist()
        made.add_trace(
            go.Scatterpolar(
                theta=[*theta, theta[0]], r=[*r, r[0]], name=plotting.plain(arm_title(str(arm))), mode="lines+markers",
                line={"color": style.color, "dash": style.dash}, marker={"symbol": style.symbol, "size": 8},
                fill="toself", fillcolor=translucent(style.color, 0.08), showlegend=True,
                hovertemplate="%{theta}<br>robust %{r:.1%}<extra></extra>",
            )
        )  # fmt: skip
    low = max(0.0, float(rates["robust"].min()) - 0.1)
    axis = {"gridcolor": "rgba(128,128,128,0.3)", "linecolor": "rgba(128,128,128,0.5)"}
    made.update_layout(
        polar={
            "bgcolor": "rgba(0,0,0,0)",
            "radialaxis": {**axis, "range": [low, 1.0], "tickformat": ".0%"},
            "angularaxis": axis,
        }
    )
    made.update_xaxes(visible=False)
    return made.update_yaxes(visible=False)


def describe_radar(tables: Tables, controls: NoControls) -> str:
    """Robustness by class of each arm in words."""
    rates = class_rates(tables)
    if rates.empty:
        return NOTHING
    said = [
        f"{arm_title(str(arm))}: " + ", ".join(f"{row.kind} {row.robust:.1%}" for row in part.itertuples())
        for arm, part in rates.groupby("arm", sort=False)
    ]
    return f"Robust pairs on documents that hold the answer. {sentence_case('; '.join(said))}."


def held_out_rates(tables: Tables) -> pd.DataFrame:
    """Rates of every arm on Golden documents of held-out questions, by class and over all of them."""
    rows = tables[FormRate]
    rows = rows[(rows["subset"] == "golden") & (rows["part"] == "held_out") & (rows["perturbation"] == "all")]
    rates = mean_rates(rows)
    return rates[rates["kind"].isin([*CLASSES, "other", "all"])]


def draw_mending(tables: Tables, controls: MetricControl) -> "go.Figure":
    """Draw a measure on held-out questions by class, before and after mending."""
    rates = held_out_rates(tables)
    bars = pd.DataFrame(
        {
            "class": rates["kind"].replace({"all": "all classes"}),
            "arm": rates["arm"].map(arm_title),
            "value": rates["accuracy_after" if controls.metric == "accuracy" else controls.metric],
        }
    )
    columns = Columns("class", "value", by="arm", order=list(ARM_NAMES.values()))
    axes = Axes("Class of the change", METRIC_NAMES[controls.metric], legend="Reader")
    return plotting.bars(bars, axes, columns)


def describe_mending(tables: Tables, controls: MetricControl) -> str:
    """Robustness and accuracy of each arm on held-out questions, in words."""
    rates = held_out_rates(tables)
    overall = rates[rates["kind"] == "all"]
    if overall.empty:
        return "No reader has been judged on held-out questions yet."
    said = [
        f"{arm_title(str(row.arm))} {row.robust:.1%} robust at {row.accuracy_after:.1%} accuracy"
        for row in overall.itertuples()
    ]
    mended = "" if len(said) > 1 else " Nothing was mended in this run."
    return f"Held-out questions, all classes: {'; '.join(said)}.{mended}"


def subset_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """How many documents each subset has, and how many are answered rightly as they are; one line an arm and subset."""
    answers = tables[Answer]
    plain = answers[answers["perturbation"] == "plain"].drop_duplicates(["arm", "instance"])
    found = plain.assign(right=plain["right_after"].astype(float)).groupby(["arm", "subset"], sort=False)["right"]
    sizes = found.agg(documents="size", accuracy="mean").reset_index()
    named = sizes.assign(arm=sizes["arm"].map(arm_title), accuracy=(100 * sizes["accuracy"]).round(1))
    return named.rename(columns={"arm": "reader", "accuracy": "accuracy on the plain document %"})

"""Pictures of robustness: rates by form and class, before and after fine-tuning on flips."""

# pyright: reportMissingTypeStubs=false

from typing import TYPE_CHECKING

import pandas as pd

from engines.sure.claims import HELD_OUT, OTHER_FORM
from engines.sure.config import arm_title
from engines.sure.perturbations import CLASSES, title_of
from engines.sure.rows import FormRate, MendedReader
from workbench.contract import Bars, Chart, Measures, NoControls, Pick, Rows, Source, Tables
from workbench.figures import plotting
from workbench.figures.palette import series_style, translucent
from workbench.figures.plotting import Axes

if TYPE_CHECKING:
    import plotly.graph_objects as go

OUTCOMES = {"robust": "robust", "win": "won", "lose": "lost"}
"""Column of a rate -> what became of the answers."""
PANELS = {
    "robust": ("Robust", "robustness and accuracy"),
    "accuracy_after": ("Right after the change", "robustness and accuracy"),
    "win": ("Won", "wins and losses"),
    "lose": ("Lost", "wins and losses"),
}
"""Column of a rate -> its panel, and the two panels that are shown together."""
WHOLE = "all classes"


def widest(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep rates over all questions; of an arm that read held-out questions alone, those."""
    return rows[(rows["part"] == "all") | ~rows["arm"].isin(rows.loc[rows["part"] == "all", "arm"])]


def shares_by_form(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Rates of single forms, one row for each outcome: columns form, outcome, share and those of the rows."""
    rates = _by_form(rows)
    parts = [rates.assign(outcome=title, share=rates[name]) for name, title in OUTCOMES.items()]
    return pd.concat(parts, ignore_index=True)


def accuracy_by_form(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Accuracies of single forms, before and after the change: columns form, when, accuracy and those of the rows."""
    rates = _by_form(rows)
    times = ("before", "after")
    parts = [rates.assign(when=f"{when} the change", accuracy=rates[f"accuracy_{when}"]) for when in times]
    return pd.concat(parts, ignore_index=True)


def rates_in_percent(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Rates and accuracies of single forms and of classes in percent, mean over seeds."""
    rates = ["robust", "win", "lose", "accuracy_before", "accuracy_after"]
    keys = ["arm", "subset", "kind", "perturbation"]
    means = widest(rows).groupby(keys, sort=False)[["pairs", *rates]].mean().reset_index()
    classes = ("all of " + means["kind"].astype(str)).replace("all of all", "all forms")
    form = means["perturbation"].map(title_of).mask(means["perturbation"] == "all", classes)
    percent = {name: (100 * means[name].astype(float)).round(1) for name in rates}
    return means.assign(form=form, pairs=means["pairs"].astype(int), **percent)


def held_out_by_class(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Rates on Golden documents of held-out questions by class: columns class, measure, shown, value, arm, seed."""
    rows = rows[(rows["subset"] == "golden") & (rows["part"] == "held_out") & (rows["perturbation"] == "all")]
    rows = rows[rows["kind"].isin([*CLASSES, "other", "all"])]
    named = rows.assign(**{"class": rows["kind"].replace("all", WHOLE)})
    parts = [named.assign(measure=panel, shown=shown, value=named[name]) for name, (panel, shown) in PANELS.items()]
    return pd.concat(parts, ignore_index=True)


def class_rates(tables: Tables) -> pd.DataFrame:
    """Robustness by class and arm on Golden documents, mean over seeds: columns arm, kind, robust.

    Of all questions; of held-out ones alone where a reader was tuned, so that arms are compared on the same.
    """
    rows = tables[FormRate]
    rows = rows[(rows["subset"] == "golden") & (rows["perturbation"] == "all") & (rows["kind"] != "all")]
    whole = rows[rows["part"] == "all"]
    same = whole if set(whole["arm"]) == set(rows["arm"]) else rows[rows["part"] == "held_out"]
    same = same[same["kind"].isin([*CLASSES, "other"])]
    return same.groupby(["arm", "kind"], sort=False)["robust"].mean().reset_index()


def rounded_readers(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Readers with losses to three digits and seconds to one."""
    digits = {"first_loss": 3, "last_loss": 3, "seconds": 1}
    return rows.assign(**{name: rows[name].astype(float).round(many) for name, many in digits.items()})


def say_shares(frame: pd.DataFrame) -> str:
    """The form that breaks most answers and the one that breaks fewest, in words."""
    shares = frame.pivot_table(index="form", columns="outcome", values="value", sort=False)
    low, high = shares["robust"].idxmin(), shares["robust"].idxmax()
    worst = shares.loc[low]
    return (
        f"Least robust under {low} ({worst['robust']:.1%} robust, {worst['lost']:.1%} lost, {worst['won']:.1%} won), "
        f"most under {high} ({shares['robust'].max():.1%})."
    )


def say_accuracies(frame: pd.DataFrame) -> str:
    """Mean accuracy before and after, its largest loss and its largest gain, in words."""
    means = frame.pivot_table(index="form", columns="when", values="value", sort=False)
    before, after = means["before the change"], means["after the change"]
    gain = after - before
    return (
        f"Accuracy is {before.mean():.1%} before and {after.mean():.1%} after the change, mean over forms. It changes "
        f"most for the worse under {gain.idxmin()} ({gain.min():+.1%}) and most for the better under {gain.idxmax()} "
        f"({gain.max():+.1%})."
    )


def say_held_out(frame: pd.DataFrame) -> str:
    """Both measures of each arm over all classes, in words."""
    whole = frame[frame["class"] == WHOLE]
    said = [
        f"{str(measure).lower()} "
        + ", ".join(f"{value:.1%} ({arm})" for arm, value in zip(part["arm"], part["value"], strict=True))
        for measure, part in whole.groupby("measure", sort=False)
    ]
    alone = " No reader was tuned in this run." if frame["arm"].nunique() == 1 else ""
    return f"Held-out questions, {WHOLE}: {'; '.join(said)}.{alone}"


def _by_form(rows: pd.DataFrame) -> pd.DataFrame:
    single = widest(rows[rows["perturbation"] != "all"])
    return single.assign(form=single["perturbation"].map(title_of))


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
                theta=[*theta, theta[0]], r=[*r, r[0]], name=plotting.plain(arm_title(arm)), mode="lines+markers",
                line={"color": style.color, "dash": style.dash}, marker={"symbol": style.symbol, "size": 8},
                fill="toself", fillcolor=translucent(style.color, 0.08), showlegend=True,
                hovertemplate="%{theta}<br>robust %{r:.1%}<extra></extra>",
            )
        )  # fmt: skip
    low = max(0.0, float(rates["robust"].min()) - 0.1)
    axis = {"gridcolor": "rgba(128,128,128,0.3)", "linecolor": "rgba(128,128,128,0.5)"}
    radial = {**axis, "range": [low, 1.0], "tickformat": ".0%"}
    made.update_layout(polar={"bgcolor": "rgba(0,0,0,0)", "radialaxis": radial, "angularaxis": axis})
    return made.update_xaxes(visible=False).update_yaxes(visible=False)


def describe_radar(tables: Tables, controls: NoControls) -> str:
    """Robustness by class of each arm in words."""
    rates = class_rates(tables)
    if rates.empty:
        return "No reader has been judged yet."
    said = [
        f"{arm_title(arm)}: " + ", ".join(f"{row.kind} {row.robust:.1%}" for row in part.itertuples())
        for arm, part in rates.groupby("arm", sort=False)
    ]
    return f"Robust pairs on documents that hold the answer. {'; '.join(said)}."


READER_AND_SUBSET = (
    Pick("arm", help="Which reader of the run."),
    Pick("subset", help="Documents that hold the answer (golden, G) or do not (noise, N); answers that the reader knew "
         "without a document (K), or did not (U)."),
)  # fmt: skip

ROBUSTNESS = (
    Bars(
        "rates", "What becomes of the answers", Source(FormRate, where=shares_by_form, picks=READER_AND_SUBSET), "form",
        "share", by="outcome", axes=("Form", "Share of pairs"), order=tuple(OUTCOMES.values()), stacked=True,
        says=say_shares, group="Robustness",
        help="Each bar is all pairs of one form: robust where the answer stayed right or stayed wrong, won where wrong "
        "became right, lost where right became wrong. On Noise documents nearly all pairs are robust, being wrong both "
        "times.",
    ),
    Measures(
        "rates_by_class", "Rates by subset and class", ("robust", "lost", "won", "correct"), along="*-G/*",
        group="Robustness", claim="form_changes_answers",
        help="Documents that hold the answer, of questions that the reader knows (K-G) and does not know (U-G). Topics "
        "are the sample: the forms of one question resemble each other. Accuracy stands beside robustness, because a "
        "reader that is always wrong is perfectly robust.",
    ),
    Measures(
        "rates_by_form", "Rates by form", ("robust", "lost", "won", "correct"), along="*-G/*/*", group="Robustness",
        claim="reversal_loses_more_than_it_wins", help="As above, each row of the taxonomy apart.",
    ),
    Rows(
        "rate_table", "Rates in numbers", Source(FormRate, where=rates_in_percent, picks=READER_AND_SUBSET),
        {"form": "form", "pairs": "pairs", "robust": "robust %", "win": "won %", "lose": "lost %",
         "accuracy_before": "accuracy before %", "accuracy_after": "accuracy after %"},
        group="Robustness", help="Shares of pairs, mean over seeds; accuracy is that before and after the change.",
    ),
    Bars(
        "accuracy", "Accuracy before and after", Source(FormRate, where=accuracy_by_form, picks=READER_AND_SUBSET),
        "form", "accuracy", by="when", axes=("Form", "Accuracy"), says=say_accuracies, group="Robustness",
        help="The same pairs as above. Metadata rows are compared with the HTML page without the tag.",
    ),
    Chart(
        "classes", "Robustness by class", (FormRate,), draw_radar, describe_radar, group="Robustness",
        claim="format_hurts_more_than_metadata",
        help="Documents that hold the answer; further out is more robust. The axis does not begin at zero. Where a "
        "reader was tuned, all arms are shown on held-out questions.",
    ),
)  # fmt: skip

FINE_TUNING = (
    Bars(
        "mending", "Before and after fine-tuning, by class",
        Source(FormRate, where=held_out_by_class, picks=(Pick("shown", help="Which two measures are compared."),)),
        "class", "value", by="arm", panel="measure", axes=("Class of the change", "Share of pairs"), says=say_held_out,
        group="Fine-tuning",
        help="Held-out questions, documents that hold the answer, mean over seeds. One class of changes was kept from "
        "every training. Intervals stand in the two pictures below.",
    ),
    Measures(
        "repairs", "Before and after fine-tuning, held-out questions", ("robust", "correct", "lost", "won"),
        within=HELD_OUT, group="Fine-tuning", claim="sft_repairs",
        help="Documents that hold the answer, of questions that no training saw, under classes of changes that it did "
        "see.",
    ),
    Measures(
        "transfer", "Before and after fine-tuning, a held-out class of changes", ("robust", "correct", "lost", "won"),
        within=OTHER_FORM, group="Fine-tuning", claim="dpo_transfers_better",
        help="Held-out questions under the class of changes that was kept from every training.",
    ),
    Rows(
        "readers", "Readers", Source(MendedReader, where=rounded_readers),
        {"arm": "reader", "seed": "seed", "pairs": "flipped pairs", "examples": "examples", "updates": "updates",
         "first_loss": "first loss", "last_loss": "last loss", "tokens": "tokens", "seconds": "seconds",
         "reader": "model"},
        group="Fine-tuning",
        help="A tuned reader is an adapter: name its model elsewhere, or try it in Models & data.",
    ),
)  # fmt: skip

"""Pictures of why readers flip: the form of preferred documents, attention to the answer; and what was dropped."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from engines.sure.config import FeatureControl
from engines.sure.perturbations import title_of
from engines.sure.rows import FeatureTest, FormCount, MendedReader, RankedDocument
from engines.sure.views import arm_title
from workbench.contract import NoControls, Tables
from workbench.figures import plotting
from workbench.figures.plotting import Axes, Columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

FEATURE_NAMES = {
    "length": "Length (tokens)",
    "reading_ease": "Flesch reading ease",
    "distinct_1": "Share of different words",
    "perplexity": "Perplexity under the reader",
    "dependency_depth": "Depth of the dependency tree",
}
RANDOM = ("random a", "random b")
POINTS = 61
"""Of a density curve."""


def features_measured(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Features that were tested."""
    return {"feature": list(tables[FeatureTest]["feature"].drop_duplicates())}


def densities(ranked: pd.DataFrame, feature: str) -> pd.DataFrame:
    """Gaussian kernel densities of a feature by group (Scott's bandwidth); columns group, value, density.

    A group whose values are all equal has no density and is left out.
    """
    values = ranked[feature].astype(float)
    if not len(values.dropna()):
        return pd.DataFrame(columns=["group", "value", "density"])
    spread = float(values.max() - values.min()) or 1.0
    along = np.linspace(values.min() - 0.1 * spread, values.max() + 0.1 * spread, POINTS)
    curves = []
    for group, part in values.groupby(ranked["group"], sort=False):
        points = part.dropna().to_numpy()
        width = points.std(ddof=1) * len(points) ** -0.2 if len(points) > 1 else 0.0
        if width <= 0:
            continue
        steps = (along[:, None] - points) / width
        density = np.exp(-(steps**2) / 2).mean(axis=1) / (width * np.sqrt(2 * np.pi))
        curves.append(pd.DataFrame({"group": group, "value": along, "density": density}))
    return pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=["group", "value", "density"])


def draw_densities(tables: Tables, controls: FeatureControl) -> "go.Figure":
    """Densities of a feature in preferred and least preferred documents, and in two random groups."""
    curves = densities(tables[RankedDocument], controls.feature)
    columns = Columns("value", "density", by="group", order=["preferred", "least preferred"], muted=RANDOM)
    return plotting.lines(curves, Axes(FEATURE_NAMES[controls.feature], "Density", legend="Documents"), columns)


def describe_densities(tables: Tables, controls: FeatureControl) -> str:
    """Tell the distances of the feature in words."""
    tests = tables[FeatureTest]
    found = {row.groups: row for row in tests[tests["feature"] == controls.feature].itertuples()}
    if "ranked" not in found or "random" not in found:
        return "No documents have been ranked yet."
    ranked, random = found["ranked"], found["random"]
    name = FEATURE_NAMES[controls.feature]
    return (
        f"{name}: Kolmogorov-Smirnov distance {ranked.statistic:.3f} between preferred and least preferred "
        f"documents, {random.statistic:.3f} between random ones; {ranked.documents} documents in each group."
    )


def distance_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """List each feature's distance between the ranked groups, and between the random ones as a control."""
    tests = tables[FeatureTest]
    shown = tests.assign(feature=tests["feature"].replace(FEATURE_NAMES)).rename(columns={"statistic": "distance"})
    return shown.assign(distance=shown["distance"].astype(float).round(4))


def count_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line a row of the taxonomy: forms made, dropped for each reason, kept."""
    rows = tables[FormCount]
    shown = rows.assign(
        perturbation=rows["perturbation"].map(title_of),
        judged=rows["judged"].map({True: "entailment judged", False: "answer checked alone"}),
    )
    return shown.rename(columns={"perturbation": "form", "kind": "class", "judged": "check"}).rename(
        columns=lambda name: name.replace("_", " ")
    )


def reader_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line a reader: its model, what it was trained on, its loss at first and at last."""
    rows = tables[MendedReader]
    rounded = {name: rows[name].astype(float).round(3) for name in ("first_loss", "last_loss")}
    shown = rows.assign(arm=rows["arm"].map(arm_title), seconds=rows["seconds"].astype(float).round(1), **rounded)
    named = {"arm": "reader", "reader": "model", "pairs": "flipped pairs"}
    return (
        shown[[*(name for name in shown if name != "reader"), "reader"]]
        .rename(columns=named)
        .rename(columns=lambda name: name.replace("_", " "))
    )

"""Pictures of the subspaces: distance by layer, language by language, sentences in the plane."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from engines.shifcon.config import (
    DistanceControl,
    LanguageProfile,
    LayerControl,
    LayerInArea,
    ParallelSentence,
    ProjectedSentence,
    ProjectionControl,
    SubspaceDistance,
)
from workbench import plotting
from workbench.plotting import Axes, Columns
from workbench.views import Tables

if TYPE_CHECKING:
    import plotly.graph_objects as go

LAYER = "Layer (0 is the embedding)"
FLOOR = "noise floor"
TERMS = {
    "riemannian": "Riemannian distance",
    "mean_term": "Distance of the means",
    "total": "Riemannian distance + distance of the means",
    "angle": "Mean principal angle (degrees)",
}


def dominant_of(tables: Tables) -> str:
    """The run's dominant language, "" before it is known."""
    profiles = tables[LanguageProfile]
    found = profiles.loc[profiles["dominant"].astype(bool), "language"]
    return str(found.iloc[0]) if len(found) else ""


def order_of(tables: Tables) -> list[str]:
    """Languages in the order of the run, the dominant one first."""
    return list(tables[LanguageProfile]["language"].drop_duplicates())


def _term(rows: pd.DataFrame, term: str) -> pd.Series:
    return rows["riemannian"] + rows["mean_term"] if term == "total" else rows[term]


def distance_curves(tables: Tables, controls: DistanceControl) -> pd.DataFrame:
    """Mean over splits of each language's distance from the dominant one, and mean noise floor of all languages.

    Returns:
        Columns series, layer, value.
    """
    rows, dominant = tables[SubspaceDistance], dominant_of(tables)
    rows = rows.assign(value=_term(rows, controls.term))
    apart = rows[(rows["other"] == dominant) & (rows["language"] != dominant)]
    curves = apart.groupby(["language", "layer"], as_index=False, sort=False)["value"].mean()
    own = rows[rows["language"] == rows["other"]].groupby("layer", as_index=False)["value"].mean()
    both = [curves.rename(columns={"language": "series"}), own.assign(series=FLOOR)]
    return pd.concat(both, ignore_index=True)[["series", "layer", "value"]]


def draw_distance(tables: Tables, controls: DistanceControl) -> "go.Figure":
    """Distance from the dominant language by layer, noise floor, and the shaded layer area."""
    curves = distance_curves(tables, controls)
    columns = Columns("layer", "value", by="series", order=order_of(tables)[1:], muted=[FLOOR])
    made = plotting.lines(curves, Axes(LAYER, TERMS[controls.term], legend="Language"), columns)
    for first, last in area_stretches(tables):
        plotting.shade(made, first - 0.5, last + 0.5, "layer area" if last > first else "")
    return made


def area_stretches(tables: Tables) -> list[tuple[int, int]]:
    """Unbroken stretches of layers that are in the area under at least half of the splits."""
    share = tables[LayerInArea].astype({"inside": float}).groupby("layer")["inside"].mean()
    inside = [int(layer) for layer in share[share >= 0.5].index]
    stretches: list[tuple[int, int]] = []
    for layer in inside:
        if stretches and layer == stretches[-1][1] + 1:
            stretches[-1] = (stretches[-1][0], layer)
        else:
            stretches.append((layer, layer))
    return stretches


def describe_distance(tables: Tables, controls: DistanceControl) -> str:
    """The extremes of the curves in words."""
    curves = distance_curves(tables, controls)
    apart = curves[curves["series"] != FLOOR].groupby("layer")["value"].mean()
    if apart.empty:
        return "No language has been measured yet."
    floor = curves.loc[curves["series"] == FLOOR, "value"].mean()
    text = (
        f"{TERMS[controls.term]} from {dominant_of(tables)}, mean over languages: smallest {apart.min():.2f} at layer "
        f"{apart.idxmin()}, largest {apart.max():.2f} at layer {apart.idxmax()}; the noise floor is {floor:.2f} on "
        f"average."
    )
    area = ", ".join(f"{a} to {b}" if b > a else f"{a}" for a, b in area_stretches(tables))
    return text + (f" The layer area is {area}." if area else "")


def layers_of_distances(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Layers at which all pairs of languages were compared."""
    rows, dominant = tables[SubspaceDistance], dominant_of(tables)
    pairs = rows[(rows["language"] != rows["other"]) & (rows["other"] != dominant)]
    return {"layer": _sorted_layers(pairs if len(pairs) else rows)}


def _sorted_layers(rows: pd.DataFrame) -> list[int]:
    return sorted(int(layer) for layer in rows["layer"].unique())


def pair_matrix(tables: Tables, controls: LayerControl) -> pd.DataFrame:
    """Riemannian distance of every pair of languages at a layer; the diagonal is the noise floor.

    Under the first split, where all pairs were compared; other splits would not be the same mean for every pair.
    """
    rows = tables[SubspaceDistance]
    rows = rows[rows["seed"] == rows["seed"].min()]
    rows = rows[rows["layer"] == controls.layer]
    both = pd.concat([rows, rows.rename(columns={"language": "other", "other": "language"})])
    matrix = both.pivot_table(index="language", columns="other", values="riemannian", aggfunc="mean")
    order = [language for language in order_of(tables) if language in matrix.index]
    return matrix.reindex(index=order, columns=order)


def draw_pairs(tables: Tables, controls: LayerControl) -> "go.Figure":
    """Language by language distances at a layer."""
    axes = Axes("Language", "Language")
    return plotting.heatmap(pair_matrix(tables, controls), axes, unit="Riemannian distance", digits=1)


def describe_pairs(tables: Tables, controls: LayerControl) -> str:
    """The closest and the furthest pair in words."""
    matrix = pair_matrix(tables, controls)
    pairs = matrix.stack() if len(matrix) else pd.Series(dtype=float)
    pairs = pairs[[a != b for a, b in pairs.index]] if len(pairs) else pairs
    if pairs.empty:
        return "No pair of languages has been measured at this layer yet."
    near, far = pairs.idxmin(), pairs.idxmax()
    return (
        f"At layer {controls.layer} {near[0]} and {near[1]} lie closest ({pairs.min():.1f}), {far[0]} and {far[1]} "
        f"furthest "
        f"({pairs.max():.1f}). The diagonal is the distance of a language's two halves: what is near it is noise."
    )


def layers_of_planes(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Layers that were laid into the plane."""
    return {"layer": _sorted_layers(tables[ProjectedSentence])}


def plane_points(tables: Tables, controls: ProjectionControl) -> pd.DataFrame:
    """Judged sentences of the first split at a layer, with their texts; columns panel, language, x, y, text."""
    rows = tables[ProjectedSentence]
    rows = rows[(rows["layer"] == controls.layer) & (rows["seed"] == rows["seed"].min())]
    rows = rows.assign(panel=rows["shifted"].astype(bool).map({False: "before the shift", True: "after the shift"}))
    if controls.states != "before and after":
        rows = rows[rows["panel"].str.startswith(controls.states)]
    texts = tables[ParallelSentence][["sentence", "language", "text"]].drop_duplicates(["sentence", "language"])
    return rows.merge(texts, on=["sentence", "language"], how="left").sort_values("shifted", kind="stable")


def draw_plane(tables: Tables, controls: ProjectionControl) -> "go.Figure":
    """Sentences in the plane, coloured by language, before and after the shift."""
    columns = Columns("x", "y", by="language", panel="panel", label="text", key="sentence", order=order_of(tables))
    return plotting.scatter2d(
        plane_points(tables, controls), Axes("First axis", "Second axis", legend="Language"), columns
    )


def describe_plane(tables: Tables, controls: ProjectionControl) -> str:
    """How far the languages' centres lie apart before and after, in words."""
    points = plane_points(tables, controls)
    if points.empty:
        return "No sentences have been laid into the plane at this layer yet."
    parts = []
    for panel, rows in points.groupby("panel", sort=False):
        centres = rows.groupby("language")[["x", "y"]].mean()
        spread = (rows[["x", "y"]] - rows.groupby("language")[["x", "y"]].transform("mean")).pow(2).sum(axis=1).mean()
        between = (centres - centres.mean()).pow(2).sum(axis=1).mean()
        parts.append(f"{panel} the languages' centres lie {(between / max(spread, 1e-30)) ** 0.5:.2f} spreads apart")
    return f"At layer {controls.layer}, " + "; ".join(parts) + "."

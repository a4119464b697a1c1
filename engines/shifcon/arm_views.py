"""Pictures of the arms: do translations find each other, shifted, unshifted and shifted at random?"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from engines.shifcon.config import (
    ArmAtLayer,
    CosineControl,
    LanguageControl,
    LanguageProfile,
    PairAtLayer,
    ShiftSpan,
    SubspaceDistance,
)
from engines.shifcon.views import LAYER, dominant_of
from workbench import plotting
from workbench.plotting import Axes, Columns
from workbench.views import NoControls, Tables

if TYPE_CHECKING:
    import plotly.graph_objects as go

ARM_NAMES = {"unshifted": "unshifted", "mean_shifted": "shifted by the means", "random_shift": "shifted at random"}
UNRELATED = ", unrelated sentences"


def languages_judged(tables: Tables) -> Mapping[str, Sequence[Any]]:
    """Languages that an arm has judged, after "all"."""
    return {"language": ["all", *tables[ArmAtLayer]["language"].drop_duplicates()]}


def arm_curves(tables: Tables, controls: LanguageControl, value: str) -> pd.DataFrame:
    """Mean of a column over splits (and languages, where all are asked); columns arm, layer, value."""
    rows = tables[ArmAtLayer]
    if controls.language != "all":
        rows = rows[rows["language"] == controls.language]
    curves = rows.groupby(["arm", "layer"], as_index=False, sort=False)[value].mean()
    return curves.rename(columns={value: "value"}).assign(arm=curves["arm"].replace(ARM_NAMES))


def cosine_curves(tables: Tables, controls: CosineControl) -> pd.DataFrame:
    """Cosine of translations by arm and layer, alone with that of unrelated sentences, or above it."""
    pairs = arm_curves(tables, controls, "pair_cosine")
    others = arm_curves(tables, controls, "unrelated_cosine")
    if controls.measure == "above unrelated sentences":
        return pairs.assign(value=pairs["value"] - others["value"])
    return pd.concat([pairs, others.assign(arm=others["arm"] + UNRELATED)])


def draw_cosine(tables: Tables, controls: CosineControl) -> "go.Figure":
    """Cosine of translation pairs by layer and arm, with or above that of unrelated sentences."""
    curves = cosine_curves(tables, controls)
    quiet = [name for name in curves["arm"].unique() if name.endswith(UNRELATED)]
    columns = Columns("layer", "value", by="arm", order=[*ARM_NAMES.values()], muted=quiet)
    title = "Cosine" if controls.measure == "cosine" else "Cosine above unrelated sentences"
    return _with_shift_layer(tables, plotting.lines(curves, Axes(LAYER, title, legend="Arm"), columns))


def _with_shift_layer(tables: Tables, made: "go.Figure") -> "go.Figure":
    found = usual_layer(tables)
    if found:
        plotting.rule(made, float(found[0]), "shift", axis="x")
    return made


def usual_layer(tables: Tables) -> tuple[int, int, int] | None:
    """The layer of the shift under most splits, how many these are, and how many there are; None before any."""
    layers = tables[ShiftSpan].drop_duplicates("seed")["shift_layer"].astype(int)
    if layers.empty:
        return None
    counts = layers.value_counts()
    layer = int(min(counts[counts == counts.max()].index))
    return layer, int(counts[layer]), len(layers)


def describe_cosine(tables: Tables, controls: CosineControl) -> str:
    """The cosines at the layer of the shift in words."""
    pairs = _at_shift_layer(tables, controls, "pair_cosine", "Cosine of translations")
    if tables[ArmAtLayer].empty:
        return pairs
    return f"{pairs} {_at_shift_layer(tables, controls, 'unrelated_cosine', 'Of unrelated sentences')}"


def _at_shift_layer(tables: Tables, controls: LanguageControl, value: str, noun: str) -> str:
    curves, usual = arm_curves(tables, controls, value), usual_layer(tables)
    if curves.empty or usual is None:
        return "No arm has been judged yet."
    layer, agree, splits = usual
    found = ", ".join(f"{row.value:.3f} {row.arm}" for row in curves[curves["layer"] == layer].itertuples())
    whom = "mean over languages" if controls.language == "all" else controls.language
    where = "where the shift is judged" if agree == splits else f"where {agree} of {splits} splits judge the shift"
    return f"{noun} at layer {layer}, {where} ({whom}): {found}."


def draw_retrieval(tables: Tables, controls: LanguageControl) -> "go.Figure":
    """Retrieval@1 by layer and arm, with chance."""
    columns = Columns("layer", "value", by="arm", order=[*ARM_NAMES.values()])
    axes = Axes(LAYER, "Retrieval@1", legend="Arm")
    made = _with_shift_layer(tables, plotting.lines(arm_curves(tables, controls, "retrieval"), axes, columns))
    for judged in tables[ShiftSpan]["judged"].head(1):
        plotting.rule(made, 1 / judged, "chance")
    return made


def describe_retrieval(tables: Tables, controls: LanguageControl) -> str:
    """Retrieval at the layer of the shift in words."""
    return _at_shift_layer(tables, controls, "retrieval", "Share of sentences that find their translation")


def at_shift_layer(tables: Tables) -> pd.DataFrame:
    """`ArmAtLayer` rows at the layer of the shift of their split."""
    spans = tables[ShiftSpan][["seed", "shift_layer"]].drop_duplicates("seed")
    rows = tables[ArmAtLayer].merge(spans, on="seed")
    return rows[rows["layer"] == rows["shift_layer"]]


def language_rows(tables: Tables, controls: NoControls) -> pd.DataFrame:
    """One line a language: tokens, fertility, nearest and furthest layer, retrieval by arm."""
    rows, dominant = tables[SubspaceDistance], dominant_of(tables)
    apart = rows[(rows["other"] == dominant) & (rows["language"] != dominant)]
    by_layer = apart.pivot_table(index="layer", columns="language", values="riemannian")
    layers = pd.DataFrame({"nearest layer": by_layer.idxmin(), "furthest layer": by_layer.idxmax()})
    found = at_shift_layer(tables).pivot_table(index="language", columns="arm", values="retrieval")
    found.columns = [f"retrieval@1 {ARM_NAMES.get(arm, arm)}" for arm in found.columns]
    profiles = (
        tables[LanguageProfile]
        .drop_duplicates("language")
        .rename(columns={"tokens_per_sentence": "tokens per sentence"})
    )
    return profiles.drop(columns="dominant").set_index("language").join(layers).join(found).reset_index()


def draw_pair(tables: Tables, controls: NoControls) -> "go.Figure":
    """Cosine of the two asked sentences by layer, before and after the shift."""
    rows = tables[PairAtLayer].assign(states=_states(tables))
    columns = Columns("layer", "cosine", by="states", order=["as they are", "shifted"])
    return plotting.lines(rows, Axes(LAYER, "Cosine", legend="Sentences"), columns)


def draw_pair_distance(tables: Tables, controls: NoControls) -> "go.Figure":
    """Euclidean distance of the two asked sentences by layer, before and after the shift."""
    rows = tables[PairAtLayer].assign(states=_states(tables))
    columns = Columns("layer", "distance", by="states", order=["as they are", "shifted"])
    return plotting.lines(rows, Axes(LAYER, "Euclidean distance", legend="Sentences"), columns)


def _states(tables: Tables) -> pd.Series:
    return tables[PairAtLayer]["shifted"].astype(bool).map({False: "as they are", True: "shifted"})


def describe_pair(tables: Tables, controls: NoControls) -> str:
    """The layer at which the two sentences are most alike, before and after, in words."""
    rows = tables[PairAtLayer].assign(states=_states(tables))
    parts = []
    for states, part in rows.groupby("states", sort=False):
        best = part.loc[part["cosine"].astype(float).idxmax()]
        parts.append(
            f"{states} the sentences are most alike at layer {int(best['layer'])} (cosine {best['cosine']:.3f})"
        )
    return "; ".join(parts).capitalize() + "." if parts else "The sentences have not been read yet."


def describe_pair_distance(tables: Tables, controls: NoControls) -> str:
    """Whether the shift brings the two sentences nearer, in words."""
    means = tables[PairAtLayer].assign(states=_states(tables)).groupby("states")["distance"].mean()
    if len(means) < 2:
        return "The sentences have not been read yet."
    return f"Mean distance over layers: {means['as they are']:.1f} as they are, {means['shifted']:.1f} shifted."

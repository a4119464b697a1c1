"""Pictures: distance by layer, pairs of languages, sentences in the plane, translations that find each other."""

from collections.abc import Sequence

import pandas as pd

from engines.shifcon.presets import ARMS
from engines.shifcon.rows import (
    ArmAtLayer,
    LanguageProfile,
    LayerInArea,
    PairAtLayer,
    ParallelSentence,
    ProjectedSentence,
    ShiftSpan,
    SubspaceDistance,
)
from workbench.contract import Curves, Mark, Matrix, Measure, Pick, Points, Rows, Source, Tables

LAYER = "Layer (0 is the embedding)"
FLOOR = "noise floor (two halves of one language)"
MIDDLE = 15
"""The middle of the default model: where pictures of one layer begin."""

ARM_NAMES = {arm.name: arm.title for arm in ARMS}
UNRELATED = ", unrelated sentences"


def dominant_of(tables: Tables) -> str:
    """Return the run's dominant language, "" before it is known."""
    profiles = tables[LanguageProfile]
    found = profiles.loc[profiles["dominant"].astype(bool), "language"]
    return str(found.iloc[0]) if len(found) else ""


def from_dominant(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return distances of each language from the dominant one, and of every language from itself: the noise floor."""
    rows, dominant = rows.assign(total=rows["riemannian"] + rows["mean_spreads"]), dominant_of(tables)
    apart = rows[(rows["other"] == dominant) & (rows["language"] != dominant)]
    own = rows[rows["language"] == rows["other"]].assign(language=FLOOR)
    return pd.concat([_in_order(apart, tables, []), own], ignore_index=True)


def shared_basis(tables: Tables) -> str:
    """Say which languages share the basis that distances are measured in, and what the noise floor is; "" before."""
    rows, profiles = tables[SubspaceDistance], tables[LanguageProfile].drop_duplicates("language")
    if rows.empty or profiles.empty:
        return ""
    width, names = int(rows["components"].max()), ", ".join(profiles["language"])
    basis = (
        f"Distances are measured in {width} dimensions that {len(profiles)} languages share ({names}): with other "
        "languages beside it the same language gets other distances."
        if profiles["in_basis"].all()
        else f"Distances are measured in all {width} dimensions of the model, with no basis that languages share."
    )
    own = rows[rows["language"] == rows["other"]]
    if own.empty:
        return basis
    each = f"{int(own['observations'].max()):,} observations each, averaged over languages and splits"
    return f"{basis} The noise floor is the distance between two halves of one language's sentences, {each}."


def area_stretches(tables: Tables) -> list[tuple[int, int]]:
    """Find unbroken stretches of layers that are in the area under at least half of the splits."""
    share = tables[LayerInArea].astype({"inside": float}).groupby("layer")["inside"].mean()
    inside = [int(layer) for layer in share[share >= 0.5].index]
    stretches: list[tuple[int, int]] = []
    for layer in inside:
        if stretches and layer == stretches[-1][1] + 1:
            stretches[-1] = (stretches[-1][0], layer)
        else:
            stretches.append((layer, layer))
    return stretches


def layer_area(tables: Tables) -> list[Mark]:
    """Mark the layer area, shaded; a single layer is too narrow for the label."""
    return [
        Mark("shade", first - 0.5, last + 0.5, "layer area" if last > first else "")
        for first, last in area_stretches(tables)
    ]


def pairs_of_one_split(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return distances under the first split where all pairs were compared, or at all layers before any were.

    Other splits compare fewer pairs and would not be the same mean for every pair.
    """
    pairs = rows[(rows["language"] != rows["other"]) & (rows["other"] != dominant_of(tables))]
    first = rows[rows["seed"] == rows["seed"].min()]
    layers = (pairs if len(pairs) else rows)["layer"]
    return _in_order(first[first["layer"].isin(layers)], tables, ["layer"])


def in_plane(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return judged sentences of the first split with their texts, "before the shift" and "after the shift"."""
    rows = rows[rows["seed"] == rows["seed"].min()]
    rows = rows.assign(states=rows["shifted"].astype(bool).map({False: "before the shift", True: "after the shift"}))
    texts = tables[ParallelSentence][["sentence", "language", "text"]].drop_duplicates(["sentence", "language"])
    return _in_order(rows.merge(texts, on=["sentence", "language"], how="left"), tables, ["layer", "shifted"])


def spreads_in_words(points: pd.DataFrame) -> str:
    """Say how far the languages' centres lie apart before and after."""
    parts = []
    for states, rows in points.groupby("states", sort=False):
        centres = rows.groupby("language")[["x", "y"]].mean()
        spread = (rows[["x", "y"]] - rows.groupby("language")[["x", "y"]].transform("mean")).pow(2).sum(axis=1).mean()
        between = (centres - centres.mean()).pow(2).sum(axis=1).mean()
        parts.append(f"{states} the languages' centres lie {(between / max(spread, 1e-30)) ** 0.5:.2f} spreads apart")
    return f"At layer {points['layer'].iloc[0]}, " + "; ".join(parts) + "."


def _in_order(rows: pd.DataFrame, tables: Tables, first: Sequence[str]) -> pd.DataFrame:
    """Return rows sorted by the columns `first`, then by the run's order of languages."""
    rank = {name: at for at, name in enumerate(tables[LanguageProfile]["language"].drop_duplicates())}
    ranked = rows.assign(rank=[rank.get(name, len(rank)) for name in rows["language"]])
    return ranked.sort_values([*first, "rank"], kind="stable").drop(columns="rank")


DISTANCE = Curves(
    "distance",
    "Distance by layer",
    Source(SubspaceDistance, (LanguageProfile, LayerInArea), from_dominant),
    x="layer",
    y=Measure(
        {
            "riemannian": "Riemannian distance",
            "mean_term": "Distance of the means (the model's unit)",
            "mean_spreads": "Distance of the means (standard deviations)",
            "total": "Riemannian distance + distance of the means in standard deviations",
            "angle": "Mean principal angle (degrees)",
        }
    ),
    by="language",
    axes=(LAYER, ""),
    muted=(FLOOR,),
    marks=layer_area,
    note=shared_basis,
    help="One curve per language: how far its subspace lies from the dominant one's. The grey curve is the "
    "noise floor, the mean distance of two halves of one and the same language: a curve near it says nothing. "
    "Standard deviations are those of the dominant language. Shaded is the layer area, the layers with the lowest "
    "distance.",
    group="Subspaces",
)
PAIRS = Matrix(
    "pairs",
    "Language by language",
    Source(SubspaceDistance, (LanguageProfile,), pairs_of_one_split, (Pick("layer", begin=MIDDLE),)),
    down="language",
    across="other",
    value="riemannian",
    unit="Riemannian distance",
    axes=("Language", "Language"),
    digits=1,
    mirrored=True,
    note=shared_basis,
    help="Riemannian distance of every pair of languages at one layer, under the first split; the diagonal is the "
    "distance of a language's two halves: what is near it is noise.",
    group="Subspaces",
)
PLANE = Points(
    "plane",
    "Sentences before and after the shift",
    Source(
        ProjectedSentence,
        (ParallelSentence, LanguageProfile),
        in_plane,
        (
            Pick("layer", begin=MIDDLE),
            Pick("states", every="before and after", help="Sentences as the model has them, or shifted."),
        ),
    ),
    x="x",
    y="y",
    by="language",
    panel="states",
    label="text",
    key="sentence",
    axes=("First axis", "Second axis"),
    says=spreads_in_words,
    help="Each point is a judged sentence. The plane and the shift come from the other half of the sentences, "
    "so that what meets after the shift was not fitted to meet.",
    group="Shift",
)


def usual_layer(tables: Tables) -> tuple[int, int, int] | None:
    """Return the layer of the shift under most splits, how many these are, and how many there are; None before any."""
    layers = tables[ShiftSpan].drop_duplicates("seed")["shift_layer"].astype(int)
    if layers.empty:
        return None
    counts = layers.value_counts()
    layer = int(min(counts[counts == counts.max()].index))
    return layer, int(counts[layer]), len(layers)


def shift_layer(tables: Tables) -> list[Mark]:
    """Mark the layer of the shift under most splits."""
    usual = usual_layer(tables)
    if usual is None:
        return []
    layer, agree, splits = usual
    return [Mark("x", layer, label="shift" if agree == splits else f"shift of {agree} of {splits} splits")]


def shift_layer_and_chance(tables: Tables) -> list[Mark]:
    """Mark the layer of the shift, and the retrieval of a blind guess among the judged sentences."""
    return [*shift_layer(tables), *(Mark("y", 1 / n, label="chance") for n in tables[ShiftSpan]["judged"].head(1))]


def with_unrelated(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return cosines of translations as they are and above unrelated sentences; the latter's own as arms of their own.

    Returns:
        `ArmAtLayer` rows twice, with columns cosine and above (none for unrelated sentences).
    """
    pairs = rows.assign(cosine=rows["pair_cosine"], above=rows["pair_cosine"] - rows["unrelated_cosine"])
    names = [ARM_NAMES.get(str(arm), str(arm)) + UNRELATED for arm in rows["arm"]]
    return pd.concat([pairs, rows.assign(arm=names, cosine=rows["unrelated_cosine"])], ignore_index=True)


def at_shift_layer(tables: Tables) -> pd.DataFrame:
    """Return `ArmAtLayer` rows at the layer of the shift of their split."""
    spans = tables[ShiftSpan][["seed", "shift_layer"]].drop_duplicates("seed")
    rows = tables[ArmAtLayer].merge(spans, on="seed")
    return rows[rows["layer"] == rows["shift_layer"]]


def language_rows(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return one line a language: tokens, fertility, nearest and furthest layer, retrieval by arm."""
    distances, dominant = tables[SubspaceDistance], dominant_of(tables)
    apart = distances[(distances["other"] == dominant) & (distances["language"] != dominant)]
    by_layer = apart.pivot_table(index="layer", columns="language", values="riemannian")
    layers = pd.DataFrame({"nearest layer": by_layer.idxmin(), "furthest layer": by_layer.idxmax()})
    found = at_shift_layer(tables).pivot_table(index="language", columns="arm", values="retrieval")
    found.columns = [f"retrieval@1 {ARM_NAMES.get(str(arm), str(arm)).lower()}" for arm in found.columns]
    profiles = rows.drop_duplicates("language").rename(columns={"tokens_per_sentence": "tokens per sentence"})
    return profiles.drop(columns="dominant").set_index("language").join(layers).join(found).reset_index()


def as_asked(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the two asked sentences, with states "as they are" or "shifted"."""
    return rows.assign(states=rows["shifted"].astype(bool).map({False: "as they are", True: "shifted"}))


OF_LANGUAGE = (Pick("language", every="all", help="One language, or the mean of all."),)
RETRIEVAL = Curves(
    "retrieval",
    "Retrieval by layer",
    Source(ArmAtLayer, (ShiftSpan,), picks=OF_LANGUAGE),
    x="layer",
    y="retrieval",
    by="arm",
    axes=(LAYER, "Retrieval@1"),
    marks=shift_layer_and_chance,
    help="Share of judged sentences whose nearest sentence of the dominant language is their translation. The "
    "claims are judged at the dotted layer alone, which was chosen without these sentences; where splits chose "
    "different ones, the line stands at that of most.",
    group="Shift",
    claim="shift_beats_random",
)
COSINE = Curves(
    "cosine",
    "Cosine of translations by layer",
    Source(ArmAtLayer, (ShiftSpan,), with_unrelated, OF_LANGUAGE),
    x="layer",
    y=Measure({"cosine": "Cosine", "above": "Cosine above unrelated sentences"}),
    by="arm",
    axes=(LAYER, ""),
    muted=tuple(title + UNRELATED for title in ARM_NAMES.values()),
    marks=shift_layer,
    help="Read each curve against the grey one of its arm: sentences of a language model are alike "
    "to begin with, and only what translations have above unrelated sentences is meaning.",
    group="Shift",
)
LANGUAGES = Rows(
    "languages",
    "Languages",
    Source(LanguageProfile, (SubspaceDistance, ArmAtLayer, ShiftSpan), language_rows),
    help="Fertility is tokens per token of the dominant language for the same sentences.",
    group="Languages",
)
PAIR_COSINE = Curves(
    "pair_cosine", "Cosine by layer", Source(PairAtLayer, where=as_asked), x="layer", y="cosine", by="states",
    axes=(LAYER, "Cosine"), order=("as they are", "shifted"),
)  # fmt: skip
PAIR_DISTANCE = Curves(
    "pair_distance",
    "Distance by layer",
    Source(PairAtLayer, where=as_asked),
    x="layer",
    y="distance",
    by="states",
    axes=(LAYER, "Euclidean distance"),
    order=("as they are", "shifted"),
)

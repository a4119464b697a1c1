"""Pictures of the arms: do translations find each other, shifted, unshifted and shifted at random?"""

import pandas as pd

from engines.shifcon.arms import ARMS
from engines.shifcon.config import ArmAtLayer, LanguageProfile, PairAtLayer, ShiftSpan, SubspaceDistance
from engines.shifcon.views import LAYER, dominant_of
from workbench.contract import Curves, Mark, Measure, Pick, Rows, Source, Tables

ARM_NAMES = {arm.name: arm.title for arm in ARMS}
UNRELATED = ", unrelated sentences"


def usual_layer(tables: Tables) -> tuple[int, int, int] | None:
    """The layer of the shift under most splits, how many these are, and how many there are; None before any."""
    layers = tables[ShiftSpan].drop_duplicates("seed")["shift_layer"].astype(int)
    if layers.empty:
        return None
    counts = layers.value_counts()
    layer = int(min(counts[counts == counts.max()].index))
    return layer, int(counts[layer]), len(layers)


def shift_layer(tables: Tables) -> list[Mark]:
    """The layer of the shift under most splits, dotted."""
    usual = usual_layer(tables)
    if usual is None:
        return []
    layer, agree, splits = usual
    return [Mark("x", layer, label="shift" if agree == splits else f"shift of {agree} of {splits} splits")]


def shift_layer_and_chance(tables: Tables) -> list[Mark]:
    """The layer of the shift, and the retrieval of a blind guess among the judged sentences."""
    return [*shift_layer(tables), *(Mark("y", 1 / n, label="chance") for n in tables[ShiftSpan]["judged"].head(1))]


def with_unrelated(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Cosine of translations, and that above unrelated sentences; these alone are arms of their own without the latter.

    Returns:
        `ArmAtLayer` rows twice, with columns cosine and above (none for unrelated sentences).
    """
    pairs = rows.assign(cosine=rows["pair_cosine"], above=rows["pair_cosine"] - rows["unrelated_cosine"])
    names = [ARM_NAMES.get(str(arm), str(arm)) + UNRELATED for arm in rows["arm"]]
    return pd.concat([pairs, rows.assign(arm=names, cosine=rows["unrelated_cosine"])], ignore_index=True)


def at_shift_layer(tables: Tables) -> pd.DataFrame:
    """`ArmAtLayer` rows at the layer of the shift of their split."""
    spans = tables[ShiftSpan][["seed", "shift_layer"]].drop_duplicates("seed")
    rows = tables[ArmAtLayer].merge(spans, on="seed")
    return rows[rows["layer"] == rows["shift_layer"]]


def language_rows(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """One line a language: tokens, fertility, nearest and furthest layer, retrieval by arm."""
    distances, dominant = tables[SubspaceDistance], dominant_of(tables)
    apart = distances[(distances["other"] == dominant) & (distances["language"] != dominant)]
    by_layer = apart.pivot_table(index="layer", columns="language", values="riemannian")
    layers = pd.DataFrame({"nearest layer": by_layer.idxmin(), "furthest layer": by_layer.idxmax()})
    found = at_shift_layer(tables).pivot_table(index="language", columns="arm", values="retrieval")
    found.columns = [f"retrieval@1 {ARM_NAMES.get(str(arm), str(arm)).lower()}" for arm in found.columns]
    profiles = rows.drop_duplicates("language").rename(columns={"tokens_per_sentence": "tokens per sentence"})
    return profiles.drop(columns="dominant").set_index("language").join(layers).join(found).reset_index()


def as_asked(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """The two asked sentences, with states "as they are" or "shifted"."""
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
    "pair_cosine",
    "Cosine by layer",
    Source(PairAtLayer, where=as_asked),
    x="layer",
    y="cosine",
    by="states",
    axes=(LAYER, "Cosine"),
    order=("as they are", "shifted"),
)
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

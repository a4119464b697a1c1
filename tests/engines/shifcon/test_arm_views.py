import pandas as pd
import pytest

from engines.shifcon import ENGINE
from engines.shifcon.arm_views import (
    PAIR_COSINE,
    PAIR_DISTANCE,
    RETRIEVAL,
    at_shift_layer,
    language_rows,
    shift_layer_and_chance,
    usual_layer,
    with_unrelated,
)
from engines.shifcon.config import ArmAtLayer, LanguageProfile, PairAtLayer, ShiftSpan
from tests.engines.shifcon.tiny_run import start, tables, tiny_spec
from tests.engines.shown_views import shown


def test_arms_are_read_at_the_layer_of_their_own_seed():
    arms = [(seed, "mean_shifted", "fr", layer, 10 * seed + layer, 0, 0, 0) for seed in (0, 1) for layer in (0, 1, 2)]
    spans = [(0, 1, 2, True, 1, 5), (1, 1, 2, True, 2, 5)]
    found = at_shift_layer(
        tables(
            ArmAtLayer=pd.DataFrame(arms, columns=list(ArmAtLayer.model_fields)),
            ShiftSpan=pd.DataFrame(spans, columns=list(ShiftSpan.model_fields)),
        )
    )
    assert found["retrieval"].tolist() == [1, 12]


def test_the_listing_names_layers_and_arms(tmp_path):
    run = start(tiny_spec(), tmp_path, "listing")
    done = tables(**{kind.table(): run.table(kind) for kind in ENGINE.rows})
    rows = language_rows(done[LanguageProfile], done)
    assert {"tokens per sentence", "fertility", "nearest layer", "retrieval@1 shifted by the means"} <= set(
        rows.columns
    )
    assert rows.set_index("language").loc["fr", "nearest layer"] in (0, 1, 2)


def test_the_layer_of_most_splits_is_named_with_their_number():
    arms = [(seed, "mean_shifted", "fr", layer, layer / 10, 0, 0, 0) for seed in range(3) for layer in range(4)]
    spans = [(0, 1, 2, True, 3, 5), (1, 1, 2, True, 2, 5), (2, 1, 2, True, 2, 5)]
    rows = tables(
        ArmAtLayer=pd.DataFrame(arms, columns=list(ArmAtLayer.model_fields)),
        ShiftSpan=pd.DataFrame(spans, columns=list(ShiftSpan.model_fields)),
    )
    assert usual_layer(rows) == (2, 2, 3)
    said = shown(RETRIEVAL, rows)[1]
    assert said.endswith("Shift of 2 of 3 splits at 2 (Shifted by the means 0.2); chance 0.2.")
    assert usual_layer(tables()) is None


def test_of_layers_chosen_equally_often_the_first_is_named():
    spans = [(seed, 1, 2, True, layer, 5) for seed, layer in enumerate((7, 4, 4, 7, 9))]
    assert usual_layer(tables(ShiftSpan=pd.DataFrame(spans, columns=list(ShiftSpan.model_fields)))) == (4, 2, 5)


def test_a_layer_that_all_splits_agree_on_needs_no_number():
    spans = [(seed, 1, 2, True, 2, 8) for seed in range(2)]
    marks = shift_layer_and_chance(tables(ShiftSpan=pd.DataFrame(spans, columns=list(ShiftSpan.model_fields))))
    assert [(mark.kind, mark.at, mark.label) for mark in marks] == [("x", 2, "shift"), ("y", 0.125, "chance")]
    assert shift_layer_and_chance(tables()) == []


def test_cosines_are_shown_with_or_above_unrelated_sentences():
    arms = pd.DataFrame([(0, "unshifted", "fr", 1, 0, 0.9, 0.7, 0)], columns=list(ArmAtLayer.model_fields))
    rows = with_unrelated(arms, tables())
    assert rows["arm"].tolist() == ["unshifted", "Unshifted, unrelated sentences"]
    assert rows["cosine"].tolist() == [0.9, 0.7]
    assert rows["above"].dropna().tolist() == pytest.approx([0.2])


def test_a_pair_is_told_before_and_after_the_shift():
    pair = [(0, False, 0.5, 2.0), (1, False, 0.9, 1.0), (0, True, 0.7, 1.5), (1, True, 0.6, 1.0)]
    rows = tables(PairAtLayer=pd.DataFrame(pair, columns=list(PairAtLayer.model_fields)))
    figure, said = shown(PAIR_COSINE, rows)
    assert {trace.name: list(trace.y) for trace in figure.data} == {"as they are": [0.5, 0.9], "shifted": [0.7, 0.6]}
    assert said == "Cosine by layer: as they are from 0.5 to 0.9; shifted from 0.7 to 0.6."
    assert (
        shown(PAIR_DISTANCE, rows)[1] == "Euclidean distance by layer: as they are from 2 to 1; shifted from 1.5 to 1."
    )

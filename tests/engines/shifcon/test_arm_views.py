import pandas as pd

from engines.shifcon import ENGINE
from engines.shifcon.arm_views import (
    at_shift_layer,
    cosine_curves,
    describe_pair,
    describe_retrieval,
    language_rows,
    usual_layer,
)
from engines.shifcon.config import ArmAtLayer, CosineControl, LanguageControl, PairAtLayer, ShiftSpan
from tests.engines.shifcon.tiny_run import start, tables, tiny_spec
from workbench.views import NoControls


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
    rows = language_rows(done, NoControls())
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
    assert "at layer 2, where 2 of 3 splits judge the shift" in describe_retrieval(rows, LanguageControl())
    assert usual_layer(tables()) is None


def test_of_layers_chosen_equally_often_the_first_is_named():
    spans = [(seed, 1, 2, True, layer, 5) for seed, layer in enumerate((7, 4, 4, 7, 9))]
    assert usual_layer(tables(ShiftSpan=pd.DataFrame(spans, columns=list(ShiftSpan.model_fields)))) == (4, 2, 5)


def test_cosines_are_shown_with_or_above_unrelated_sentences():
    arms = pd.DataFrame([(0, "unshifted", "fr", 1, 0, 0.9, 0.7, 0)], columns=list(ArmAtLayer.model_fields))
    both = cosine_curves(tables(ArmAtLayer=arms), CosineControl())
    assert both["value"].tolist() == [0.9, 0.7]
    assert both["arm"].tolist() == ["unshifted", "unshifted, unrelated sentences"]
    above = cosine_curves(tables(ArmAtLayer=arms), CosineControl(measure="above unrelated sentences"))
    assert [round(value, 9) for value in above["value"]] == [0.2]


def test_the_layer_where_two_sentences_are_most_alike_is_named():
    pair = [(0, False, 0.5, 2.0), (1, False, 0.9, 1.0), (0, True, 0.7, 1.0), (1, True, 0.6, 1.0)]
    text = describe_pair(tables(PairAtLayer=pd.DataFrame(pair, columns=list(PairAtLayer.model_fields))), NoControls())
    assert "As they are the sentences are most alike at layer 1 (cosine 0.900)" in text
    assert "shifted the sentences are most alike at layer 0 (cosine 0.700)" in text

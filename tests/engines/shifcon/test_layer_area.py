import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.shifcon.layer_area import area_rows, distance_by_layer, doubts_of_splits, layer_area, span_row
from engines.shifcon.rows import ShiftSpan
from workbench.contract.errors import ModelError


def test_the_lowest_share_of_the_layers_is_the_area():
    area = layer_area(np.array([0.0, 9, 8, 2, 1, 3, 7, 9, 9, 9, 9, 0.0]), beta=30)
    assert np.flatnonzero(area.inside).tolist() == [3, 4, 5]
    assert (area.toward, area.back, area.contiguous) == (3, 5, True)
    assert [area.shift_layer(at) for at in ("toward", "middle", "back")] == [3, 4, 5]


def test_the_longest_stretch_gives_the_span_of_an_area_in_parts():
    area = layer_area(np.array([0.0, 1, 9, 9, 2, 3, 4, 9, 9, 9, 9, 0.0]), beta=40)
    assert np.flatnonzero(area.inside).tolist() == [1, 4, 5, 6]
    assert (area.toward, area.back, area.contiguous) == (4, 6, False)


@given(st.lists(st.floats(0, 100), min_size=3, max_size=60), st.floats(0, 100))
def test_embedding_and_final_norm_never_belong_and_one_layer_always_does(distance, beta):
    area = layer_area(np.array(distance), beta)
    assert not area.inside[0]
    assert not area.inside[-1]
    assert area.inside.any()
    assert area.inside[area.toward]
    assert area.inside[area.back]


def rows():
    names = ("language", "other", "layer", "riemannian", "mean_spreads")
    values = [
        ("fr", "en", 0, 1.0, 10.0),
        ("de", "en", 0, 3.0, 20.0),
        ("fr", "en", 1, 5.0, 0.0),
        ("de", "en", 1, 7.0, 2.0),
    ]
    noise = [("en", "en", 0, 99.0, 99.0), ("fr", "fr", 1, 99.0, 99.0), ("de", "fr", 0, 99.0, 99.0)]
    return pd.DataFrame(values + noise, columns=names)


def test_distance_by_layer_is_the_mean_over_languages_from_the_dominant_one():
    assert distance_by_layer(rows(), "en", "riemannian").tolist() == [2.0, 6.0]
    assert distance_by_layer(rows(), "en", "total").tolist() == [17.0, 7.0]


def test_rows_say_what_was_found():
    distance = np.array([0.0, 2.0, 1.0, 0.0])
    area = layer_area(distance, 30)
    assert area_rows(5, distance, area).to_dict("records")[2] == {
        "seed": 5,
        "layer": 2,
        "distance": 1.0,
        "inside": True,
    }
    span = span_row(5, area, "toward", sentences=9)
    assert (span.seed, span.shift_layer, span.judged) == (5, 2, 5)


def test_a_network_of_one_block_cannot_have_an_area():
    with pytest.raises(ModelError, match="1 block"):
        layer_area(np.array([1.0, 2.0]), 30)


def spans(*layers: int, contiguous: bool = True) -> list[ShiftSpan]:
    return [
        ShiftSpan(seed=seed, toward=layer, back=layer, contiguous=contiguous, shift_layer=layer, judged=5)
        for seed, layer in enumerate(layers)
    ]


def test_ten_splits_that_agree_leave_no_doubt():
    assert list(doubts_of_splits(spans(*[11] * 10))) == []


def test_few_splits_different_layers_and_parted_areas_are_counted():
    once, parted = doubts_of_splits(spans(11, contiguous=False))
    assert once.startswith("The sentences were split into halves once;")
    assert parted.startswith("Under 1 of 1 splits")
    (layers,) = doubts_of_splits(spans(*[13] * 6, *[11] * 4))
    assert layers.endswith("by itself: 11 (4 of 10 splits), 13 (6 of 10 splits).")

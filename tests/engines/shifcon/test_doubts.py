from engines.shifcon.config import ShifConConfig, ShiftSpan
from engines.shifcon.doubts import doubts_of_sentences, doubts_of_splits


def spans(*layers: int, contiguous: bool = True) -> list[ShiftSpan]:
    return [
        ShiftSpan(seed=seed, toward=layer, back=layer, contiguous=contiguous, shift_layer=layer, judged=5)
        for seed, layer in enumerate(layers)
    ]


def test_nothing_left_out_is_no_doubt():
    assert list(doubts_of_sentences((), {}, 130, 120, ShifConConfig())) == []


def test_what_was_left_out_is_said_with_its_reasons():
    (said,) = doubts_of_sentences(
        ("55 of 243 rows lack one of the languages and were left out.",),
        {"are repeated": 4, "are left untranslated": 2},
        184,
        120,
        ShifConConfig(),
    )
    assert said == (
        "55 of 243 rows lack one of the languages and were left out. 4 are repeated and 2 are left untranslated. "
        "What is found holds for the other sentences."
    )


def test_data_or_cap_that_more_sentences_would_not_get_past_are_said():
    (short,) = doubts_of_sentences((), {}, 100, 100, ShifConConfig())
    assert "hold 100 sentences" in short and "120 were asked" in short
    (capped,) = doubts_of_sentences((), {}, 130, 90, ShifConConfig())
    assert capped.startswith("The token cap of 100,000 holds 90 sentences")


def test_ten_splits_that_agree_leave_no_doubt():
    assert list(doubts_of_splits(spans(*[11] * 10))) == []


def test_few_splits_different_layers_and_parted_areas_are_counted():
    once, parted = doubts_of_splits(spans(11, contiguous=False))
    assert once.startswith("The sentences were split into halves once;")
    assert parted.startswith("Under 1 of 1 splits")
    (layers,) = doubts_of_splits(spans(*[13] * 6, *[11] * 4))
    assert layers.endswith("by itself: 11 (4 of 10 splits), 13 (6 of 10 splits).")

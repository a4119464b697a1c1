"""One sentence from the very rows that are drawn."""

import math
from dataclasses import replace

from tests.workbench.figures.made_outcomes import CARD, FOUND, outcomes, tables
from workbench.contract.views import Measures
from workbench.figures.measure_words import MOST_NAMED, sentence
from workbench.figures.measured import Measured, measured

VIEW = Measures("every_arm", "Every arm")
BY_LANGUAGE = Measures("languages", "By language", along="language/*")


def found(view: Measures = VIEW, against: str = "", **columns: object) -> Measured:
    made = measured(view, CARD, tables(outcomes()), FOUND, CARD.arm(against) if against else None)
    return replace(made, rows=made.rows.assign(**columns))


def test_levels_name_every_arm_with_its_interval():
    told = sentence(found(estimate=0.5, low=0.4, high=0.6))
    assert told.startswith("Translations found: Mean-shifted 50 % (40 to 60 %); Whitened 50 % (40 to 60 %); ")
    assert told.endswith("Random shift 50 % (40 to 60 %).")


def test_differences_name_the_reference_and_its_level():
    told = sentence(found(against="plain", estimate=0.064, low=0.004, high=0.121))
    assert "difference to Untouched model at " in told and "Mean-shifted 6.4 points (0.4 to 12.1 points)" in told


def test_an_estimate_without_an_interval_stands_alone():
    assert "Mean-shifted 50 %; Whitened" in sentence(found(estimate=0.5, low=math.nan, high=math.nan))


def test_many_arms_are_cut_and_counted():
    made = found()
    many = replace(made, rows=made.rows.loc[[0] * (MOST_NAMED + 3)])
    assert "and 3 more arms." in sentence(many)


def test_slices_are_counted_by_side():
    lows, highs = [0.1, -0.2, -0.3], [0.3, 0.2, -0.1]
    made = found(BY_LANGUAGE, "plain")
    rows = made.rows[made.rows["arm"] == "shifted"].assign(estimate=[0.2, 0.0, -0.2], low=lows, high=highs)
    told = sentence(replace(made, rows=rows))
    assert "Mean-shifted is above it in 1 of 3 languages (1 with the whole interval), below in 1 (1)." in told
    assert "by chance" not in told


def test_many_slices_say_what_chance_does():
    made = found(BY_LANGUAGE, "plain")
    rows = made.rows.head(1).loc[[made.rows.index[0]] * 9].assign(place=[str(n) for n in range(9)])
    assert "Of 9 intervals at 95 %, about one in twenty leaves zero out by chance." in sentence(
        replace(made, rows=rows)
    )


def test_levels_along_slices_give_both_extremes():
    made = found(BY_LANGUAGE)
    rows = made.rows[made.rows["arm"] == "shifted"].assign(estimate=[0.3, 0.9, 0.5])
    assert "Mean-shifted from 30 % (fr) to 90 % (de)." in sentence(replace(made, rows=rows))
    assert "Mean-shifted 30 % (fr)." in sentence(replace(made, rows=rows.head(1)))


def test_each_caution_is_told_once_with_its_arms():
    made = found(caution=["One seed.", "One seed.", "", "Few clusters"])
    assert "Broken lines: Mean-shifted, Whitened: One seed. Random shift: Few clusters." in sentence(made)


def test_what_has_no_number_is_told():
    assert "No number for Whitened, fr." in sentence(replace(found(), missing=("Whitened, fr",)))
    assert "; and 4 more." in sentence(replace(found(), missing=("one",) * (MOST_NAMED + 4)))
    assert sentence(replace(found(), rows=found().rows.head(0))) == "Translations found has no outcomes yet."

"""What `arm_intervals` gives, in the card's order and words."""

import numpy as np
import pytest

from tests.workbench.figures.made_outcomes import CARD, FOUND, LENGTH, outcomes, tables
from workbench.contract.claims import Cell, Conjunction, Share, Trend
from workbench.contract.engine import Arm
from workbench.contract.views import Measures
from workbench.figures.measured import arms_of, group_noun, intervals, measured, metrics_named, metrics_of, place_words
from workbench.statistics import arm_intervals

VIEW = Measures("every_arm", "Every arm")
BY_LANGUAGE = Measures("languages", "By language", along="language/*")


def test_levels_are_those_of_the_one_recipe_in_the_order_of_the_card():
    frame = outcomes(("plain", "shifted"))
    found = measured(VIEW, CARD, tables(frame), FOUND, None)
    asked = arm_intervals(CARD, frame)
    asked = asked[asked["metric"] == "found"].set_index("arm")
    assert found.rows["arm"].tolist() == ["shifted", "plain"]
    for column in ("estimate", "low", "high", "deciding_low", "deciding_high"):
        assert found.rows.set_index("arm")[column].to_dict() == asked[column].to_dict()
    assert found.level("plain") == "" and found.number(0.5) == "50 %"


def test_differences_leave_the_reference_out_and_keep_every_level():
    found = measured(VIEW, CARD, tables(outcomes()), FOUND, CARD.arm("plain"))
    assert found.rows["arm"].tolist() == ["shifted", "whitened", "random"]
    assert found.rows["shade"].tolist() == [0, 1, 3], "an arm keeps its colour when another one is the reference"
    levels = measured(VIEW, CARD, tables(outcomes()), FOUND, None).rows.set_index("arm")["estimate"]
    assert found.rows["estimate"].iloc[0] == pytest.approx(levels["shifted"] - levels["plain"])
    assert found.level("plain") == "40 %" or found.level("plain").endswith(" %")
    assert found.between(0.01, 0.02) == "1 to 2 points"


def test_slices_are_groups_with_names():
    found = measured(BY_LANGUAGE, CARD, tables(outcomes()), FOUND, CARD.arm("plain"))
    assert found.places == ["fr", "de", "zh"] and found.along == "language"
    assert len(found.rows) == 9 and found.levels == {}


def test_numbered_slices_stand_in_the_order_of_their_numbers():
    frame = outcomes(("shifted", "plain"))
    frame["slice"] = ["layer/10" if n % 2 else "layer/9" for n in frame["item"].str[1:].astype(int)]
    frame = frame.iloc[::-1]
    found = measured(Measures("layers", "Layers", along="layer/*"), CARD, tables(frame), FOUND, None)
    assert found.places == ["9", "10"]


def test_what_has_no_number_is_named_and_not_drawn():
    frame = outcomes(("shifted", "plain"))
    frame.loc[frame["arm"] == "shifted", "value"] = np.nan
    found = measured(VIEW, CARD, tables(frame), FOUND, None)
    assert len(found.missing) == 1 and found.missing[0].startswith("Mean-shifted (")
    assert found.rows["arm"].tolist() == ["plain"]


def test_intervals_are_computed_once_for_all_who_look(monkeypatch: pytest.MonkeyPatch):
    shown = tables(outcomes(("shifted", "plain")))
    first = intervals(VIEW, CARD, shown)
    assert intervals(VIEW, CARD, shown) is first
    assert intervals(BY_LANGUAGE, CARD, shown) is not first


def test_metrics_of_headline_claims_come_first_and_absent_ones_not_at_all():
    frame = outcomes(("shifted",))
    assert metrics_of(VIEW, CARD, tables(frame)) == [FOUND, LENGTH]
    assert metrics_of(VIEW, CARD, tables(frame[frame["metric"] == "length"])) == [LENGTH]
    assert metrics_of(Measures("one", "One", ("length",)), CARD, tables(frame)) == [LENGTH]
    assert metrics_of(VIEW, CARD, tables(frame.iloc[:0])) == []


def test_metrics_are_found_in_every_kind_of_claim():
    cell = Cell("length", "plain")
    assert metrics_named(Conjunction((Share(cell, 1.0), Trend(along=Cell("found", "plain", "layer/*"))))) == [
        "length",
        "found",
    ]
    assert metrics_named(Trend(points=((1.0, cell), (2.0, cell)))) == ["length", "length"]


def test_arms_of_the_user_follow_the_card():
    assert [arm.name for arm in arms_of(CARD, ["mine", "plain", "shifted"])] == ["shifted", "plain", "mine"]
    assert isinstance(arms_of(CARD, ["mine"])[0], Arm)


@pytest.mark.parametrize(
    ("path", "glob", "words"),
    [
        ("language/fr", "language/*", "fr"),
        ("K-G/style/simple", "*/style/*", "K-G · simple"),
        ("layer/12/attention_output", "layer/*", "12 · attention output"),
        ("held_out", "held_out", "held out"),
    ],
)
def test_slices_in_words(path: str, glob: str, words: str):
    assert place_words(path, glob) == words


def test_what_a_slice_is():
    assert [group_noun(glob) for glob in ("", "language/*", "*/style/*", "*")] == ["", "language", "style", "slice"]


def test_a_view_may_name_what_its_slices_are():
    made = measured(Measures("found", "F", along="language/*", noun="tongue"), CARD, tables(outcomes()), FOUND, None)
    assert made.along == "tongue"

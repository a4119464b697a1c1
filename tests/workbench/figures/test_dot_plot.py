"""Dots and intervals: what is drawn is what was measured, at sizes that a narrow screen can show."""

import json
import math

import pandas as pd
import pytest

from tests.workbench.figures.made_outcomes import CARD, FOUND, LENGTH, outcomes, tables
from workbench.contract.engine import Arm
from workbench.contract.views import Measures
from workbench.figures.dot_plot import MOST_LETTERS, axis_title, dot_plot
from workbench.figures.measured import Measured, measured

VIEW = Measures("every_arm", "Every arm")
BY_LANGUAGE = Measures("languages", "By language", along="language/*")


def levels() -> Measured:
    return measured(VIEW, CARD, tables(outcomes()), FOUND, None)


def changed(found: Measured, **columns: object) -> Measured:
    return Measured(
        found.metric, found.rows.assign(**columns), found.arms, found.reference, found.levels, (), found.along
    )


def dots(made):
    return [trace for trace in made.data if trace.mode == "markers"]


def test_every_arm_has_a_dot_a_thick_line_and_a_thin_longer_one():
    found = levels()
    made = dot_plot(found)
    assert len(made.data) == 3 * len(found.rows)
    for number, row in enumerate(found.rows.to_dict("records")):
        thin, thick, dot = made.data[3 * number : 3 * number + 3]
        assert dot.x == (pytest.approx(100 * row["estimate"]),)
        assert thick.x[:2] == (pytest.approx(100 * row["low"]), pytest.approx(100 * row["high"]))
        assert thin.x[0] <= thick.x[0] and thin.x[1] >= thick.x[1]
        assert thin.line.width < thick.line.width and thin.line.color != thick.line.color
        assert len({*thin.y[:2], *thick.y[:2], *dot.y}) == 1


def test_roles_differ_in_shape_and_arms_in_colour():
    drawn = dots(dot_plot(levels()))
    assert [dot.marker.symbol for dot in drawn] == ["circle", "diamond", "square", "triangle-up"]
    assert len({dot.marker.color for dot in drawn}) == 4


def test_a_caution_breaks_the_lines_and_hollows_the_dot():
    found = levels()
    cautions = ["One seed.", "", "", ""]
    thin, thick, dot = dot_plot(changed(found, caution=cautions)).data[:3]
    assert (thin.line.dash, thick.line.dash, dot.marker.symbol) == ("dot", "dot", "circle-open")
    assert "One seed." in dot.text[0]


def test_names_stand_above_their_dots_and_are_never_turned():
    made = dot_plot(levels())
    shown = [note for note in made.layout.annotations if note.xanchor == "left" and note.x == 0]
    assert [note.text.partition("  ")[0] for note in shown] == [
        "Mean-shifted",
        "Whitened",
        "Untouched model",
        "Random shift",
    ]
    assert all(not note.textangle for note in made.layout.annotations)
    assert [note.y < dot.y[0] for note, dot in zip(shown, dots(made), strict=True)] == [True] * 4


def test_long_names_break_into_lines_and_make_the_figure_taller():
    found = levels()
    long = changed(found, title=["A very long name of an arm that says everything about it at length"] * 4)
    assert dot_plot(long).layout.height > dot_plot(found).layout.height
    lines = [line for note in dot_plot(long).layout.annotations for line in note.text.split("<br>")]
    assert max(len(line.replace("<b>", "").replace("</b>", "")) for line in lines) <= MOST_LETTERS


def test_along_slices_arms_lie_in_groups_with_a_legend():
    found = measured(BY_LANGUAGE, CARD, tables(outcomes()), FOUND, None)
    made = dot_plot(found)
    assert [trace.name for trace in made.data if trace.showlegend] == [arm.title for arm in CARD.arms]
    assert [note.text for note in made.layout.annotations if note.x == 0] == ["fr", "de", "zh"]
    places = [place for dot in dots(made) for place in dot.y]
    assert len(set(places)) == len(places) == 12


def test_a_legend_has_room_below_the_tools_however_long_its_names():
    found = measured(BY_LANGUAGE, CARD, tables(outcomes()), FOUND, None)
    long = changed(found, title=[f"{title}, a name that fills a line of its own" for title in found.rows["title"]])
    short, tall = dot_plot(found).layout, dot_plot(long).layout
    assert tall.margin.t - short.margin.t == 2 * 20, "two lines of names become four"
    assert all((1 - layout.legend.y) * layout.height == pytest.approx(7) for layout in (short, tall))


def test_an_arm_that_is_all_caution_keeps_its_place_in_the_legend():
    found = measured(BY_LANGUAGE, CARD, tables(outcomes()), FOUND, None)
    rows = found.rows["arm"].eq("shifted").map({True: "One seed.", False: ""})
    shown = [trace.name for trace in dot_plot(changed(found, caution=rows)).data if trace.showlegend]
    assert shown == [arm.title for arm in CARD.arms]


def test_many_slices_put_the_axis_on_top():
    found = measured(BY_LANGUAGE, CARD, tables(outcomes()), FOUND, None)
    many = pd.concat([found.rows.assign(place=f"{n}") for n in range(20)], ignore_index=True)
    tall = dot_plot(Measured(FOUND, many, found.arms, None, {}, (), "language"))
    assert (dot_plot(found).layout.xaxis.side, tall.layout.xaxis.side) == ("bottom", "top")


def test_infinite_ends_run_to_the_edge_and_missing_ones_draw_nothing():
    found = levels()
    made = dot_plot(changed(found, low=-math.inf, high=math.nan, deciding_low=-math.inf, deciding_high=math.inf))
    thin, thick, _ = made.data[:3]
    assert thick.x == () and thin.x[:2] == made.layout.xaxis.range
    assert "Infinity" not in made.to_json() and "NaN" not in made.to_json()


def test_zero_is_on_the_axis_of_differences_and_stands_beside_the_dots():
    found = measured(VIEW, CARD, tables(outcomes()), FOUND, CARD.arm("plain"))
    made = dot_plot(found)
    low, high = made.layout.xaxis.range
    assert low < 0 < high and [line.x0 for line in made.layout.shapes] == [0, 0, 0]
    names = [note.y for note in made.layout.annotations if note.x == 0]
    for line, name, dot in zip(made.layout.shapes, names, dots(made), strict=True):
        assert name < line.y0 < dot.y[0] < line.y1


def test_chance_is_a_dotted_line_of_levels():
    lines = dot_plot(levels()).layout.shapes
    assert {(line.x0, line.line.dash) for line in lines} == {(10.0, "dot")}
    title = " ".join(axis_title(levels()))
    assert title == "Translations found (%, right is better); dotted: chance, 10 %"


def test_the_axis_says_what_in_which_unit_and_which_way_is_better():
    assert axis_title(levels())[0].startswith("Translations found (%, right is better)")
    found = measured(VIEW, CARD, tables(outcomes()), LENGTH, CARD.arm("plain"))
    title = " ".join(axis_title(found))
    assert title.startswith("Length difference to Untouched model at 5") and title.endswith("(tokens, left is better)")


def test_hostile_names_are_text():
    hostile = '<a href="javascript:1">x</a>'
    found = changed(levels(), title=hostile, caution=hostile)
    assert "<a" not in json.loads(dot_plot(found).to_json()).__str__()
    named = measured(VIEW, CARD, tables(outcomes()), FOUND, Arm("plain", hostile, "baseline", ""))
    assert "<a" not in dot_plot(named).to_json()


def test_nothing_measured_says_so():
    assert dot_plot(changed(Measured(FOUND, levels().rows.head(0), (), None, {}, ()))).layout.annotations[0].text == (
        "No outcomes yet"
    )

"""`Measures` as a chart: controls, default, table, and what every room gets for nothing."""

from dataclasses import replace

import pytest

from tests.rooms.counting import COUNTING
from tests.workbench.figures.made_outcomes import CARD, FOUND, LENGTH, outcomes, tables
from workbench.contract.circumstances import Circumstances, Look
from workbench.contract.claims import Cell, Claim, Conjunction, Superiority
from workbench.contract.views import Chart, Measures, Tables
from workbench.figures.measures import MeasuredChart, chart_of, compared_with, drawable, every_arm
from workbench.statistics import judge

VIEW = Measures("every_arm", "Every arm")
CHART = chart_of(VIEW, CARD)


def told(rows: Tables, chart: Chart = CHART, **chosen: str) -> str:
    return chart.describe(rows, chart.controls(**chosen))


def test_differences_to_the_first_baseline_are_shown_at_first():
    rows = tables(outcomes())
    assert CHART.options is not None
    offered = CHART.options(rows)
    assert offered["metric"] == ["Translations found", "Length"]
    assert offered["shown_as"][:2] == ["Difference to Untouched model", "Values"]
    assert set(offered["shown_as"][2:]) == {f"Difference to {arm.title}" for arm in CARD.arms} - set(
        offered["shown_as"][:1]
    )
    assert told(rows).startswith("Translations found, difference to Untouched model")


def test_the_arm_that_a_headline_compares_with_is_the_reference():
    ours, theirs = Cell("found", "shifted"), Cell("found", "random")
    better = Claim("better", "B.", Conjunction((Superiority(ours, theirs), Superiority(ours, ours))), headline=True)
    engine = replace(CARD, claims=(CARD.claims[0], better))
    assert compared_with(engine, FOUND) == ["random"] and compared_with(engine, LENGTH) == ["plain"]
    chart = chart_of(Measures("found", "Found", ("found",)), engine)
    assert told(tables(outcomes()), chart).startswith("Translations found, difference to Random shift")
    assert told(tables(outcomes(("shifted", "plain"))), chart).startswith("Translations found, difference to Untouched")


def test_controls_choose_metric_and_form():
    rows = tables(outcomes())
    assert told(rows, shown_as="Values").startswith("Translations found: Mean-shifted")
    assert told(rows, metric="Length", shown_as="Difference to Whitened").startswith("Length, difference to Whitened")


def test_a_choice_that_the_rows_do_not_offer_is_the_first():
    rows = tables(outcomes())
    assert told(rows, metric="Nothing", shown_as="Nothing") == told(rows)


def test_without_baseline_or_control_levels_are_shown_and_one_arm_has_no_difference():
    assert CHART.options is not None
    assert CHART.options(tables(outcomes(("shifted", "whitened"))))["shown_as"] == [
        "Values",
        "Difference to Mean-shifted",
        "Difference to Whitened",
    ]
    assert CHART.options(tables(outcomes(("plain",))))["shown_as"] == ["Values"]


def test_one_metric_needs_no_choice():
    chart = chart_of(Measures("found", "Found", ("found",)), CARD)
    assert list(chart.controls.model_fields) == ["shown_as"]
    assert chart.options is not None
    assert list(chart.options(tables(outcomes()))) == ["shown_as"]
    assert list(CHART.controls.model_fields) == ["metric", "shown_as"]


@pytest.mark.parametrize("view", [VIEW, Measures("languages", "L", along="language/*"), Measures("m", "M", within="x")])
def test_no_rows_draw_nothing_and_say_so(view: Measures):
    chart = chart_of(view, CARD)
    for rows in (tables(outcomes().head(0)), tables(outcomes()[["arm", *outcomes().columns[1:]]].head(0))):
        assert "No outcomes yet" in told(rows, chart) and not chart.draw(rows, chart.controls()).data
        assert chart.numbers is not None and chart.numbers(rows, chart.controls()).empty


def test_within_restricts_the_outcomes():
    chart = chart_of(Measures("french", "In French", ("found",), within="language/fr"), CARD)
    assert chart.numbers is not None
    numbers = chart.numbers(tables(outcomes()), chart.controls(shown_as="Values"))
    assert numbers["Items"].unique().tolist() == ["14"]
    assert "no outcomes" in told(tables(outcomes()), chart_of(Measures("x", "X", within="language/xx"), CARD))


def test_the_table_says_what_the_figure_draws():
    assert CHART.numbers is not None
    numbers = CHART.numbers(tables(outcomes()), CHART.controls())
    assert numbers["Arm"].tolist() == ["Mean-shifted", "Whitened", "Random shift"]
    assert list(numbers.columns)[:3] == ["Arm", "Value", "Difference to Untouched model"]
    assert numbers["Difference to Untouched model"].str.contains("point").all()


def test_a_picture_leaves_zero_out_exactly_where_the_verdict_decides():
    for items in (10, 20, 40, 80):
        frame = outcomes(("shifted", "plain"), items)
        for known in (Circumstances(), Circumstances(looks=(Look(1, None, ("shifted", "plain"), {}),))):
            verdict = {each.claim: each for each in judge(CARD, frame, known)}["finds"]
            chart = chart_of(Measures("found", "Found", ("found",)), CARD)
            drawn = chart.draw(tables(frame, known), chart.controls())
            low, high = drawn.data[0].x[:2]
            assert (low > 0) == (verdict.verdict == "holds"), (items, known.look, low, high, verdict.p)


def test_views_are_joined_with_their_engine_and_others_left_alone():
    engine = replace(CARD, views=(*CARD.views, VIEW))
    first, *_, last = drawable(engine.views, engine)
    assert first is engine.views[0] and isinstance(last, MeasuredChart) and last.name == "every_arm"


def test_every_room_gets_one_for_nothing_unless_it_has_its_own():
    assert [view.title for view in every_arm(COUNTING)] == ["Every arm"]
    assert every_arm(replace(COUNTING, views=(VIEW,))) == ()
    assert every_arm(replace(COUNTING, metrics=())) == ()

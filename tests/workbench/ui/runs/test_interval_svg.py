"""The interval of a verdict: in order, inside, on an axis with names and round numbers."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.ui.runs.interval_svg import WIDTH, Drawn, Scale, interval_svg, scale_of, ticks

SIDES = ("worse", "better")


def drawn(estimate=0.5, inner=(0.2, 0.9), outer=(0.1, 1.0), bars=(0.0,), sides=SIDES):
    return Drawn(estimate, inner, outer, bars, sides)


def svg(shown, unit="", log=False):
    return interval_svg(shown, scale_of([shown], unit, log))


def ends(told, look):
    found = re.search(rf'<line x1="([\d.]+)"[^>]*x2="([\d.]+)"[^>]*class="{look}"', told)
    assert found
    return float(found[1]), float(found[2])


def dot(told):
    found = re.search(r'<circle cx="([\d.]+)"', told)
    assert found
    return float(found[1])


def test_the_drawing_keeps_the_order_of_its_numbers():
    told = svg(drawn())
    bar, inner, outer = (ends(told, f"bw-svg-{look}") for look in ("bar", "interval", "deciding"))
    assert 0 < bar[0] < outer[0] < inner[0] < dot(told) < inner[1] < outer[1] < WIDTH


def test_it_is_told_in_words():
    told = svg(drawn(0.08, (0.03, 0.13), (0.01, 0.15)), "points")
    assert "Estimate 8 points, 95 % interval 3 to 13 points, at the level that decides 1 to 15 points" in told
    assert "bar at 0 points; left is worse, right is better." in told
    assert "← worse" in told and "better →" in told and "no difference" in told


def test_ratios_are_ratios_on_the_axis_too():
    shown = drawn(math.log(3.1), (math.log(2.2), math.log(4.3)), None)
    told = svg(shown, "tokens", log=True)
    assert "Estimate 3.1 times, 95 % interval 2.2 to 4.3 times; " in told.replace(", bar at 1 times", "")
    assert ">1×<" in told and ">2×<" in told and "bw-svg-deciding" not in told


def test_bars_are_named_by_what_they_are():
    assert "limit −3 points" in svg(drawn(bars=(-0.03,)), "points")
    assert "bar 50 %" in svg(drawn(bars=(0.5,), sides=("less", "more")), "share")
    told = svg(drawn(bars=(-0.1, 0.1)), "points")
    assert told.count("bw-svg-bar") == 2 and told.count("counts as the same") == 1


@pytest.mark.parametrize(
    "pair", [(-math.inf, math.inf), (0.5, 0.5), (math.nan, math.nan), (-math.inf, 0.9), None], ids=str
)
def test_open_degenerate_and_missing_intervals_stay_inside(pair):
    told = svg(drawn(0.5, pair, pair, (0.5,)))
    xs = [float(x) for x in re.findall(r'(?:x1|x2|cx|x)="(-?[\d.]+)"', told)]
    assert all(0 <= x <= WIDTH for x in xs) and "nan" not in told


def test_cards_of_one_metric_share_an_axis():
    near, far = drawn(0.01, (0.0, 0.02), None), drawn(0.4, (0.3, 0.5), None)
    scale = scale_of([near, far], "points", False)
    assert scale.low < 0.0 and scale.high > 0.5
    assert dot(interval_svg(near, scale)) < dot(interval_svg(far, scale)) / 2
    assert scale_of([], "", False).low < scale_of([], "", False).high


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_an_axis_has_a_few_round_numbers_inside(low: float, width: float):
    scale = Scale(low, low + width)
    found = ticks(scale)
    assert 1 <= len(found) <= 6
    assert all(scale.low - 1e-6 * width <= tick <= scale.high + 1e-6 * width for tick in found)


@given(st.floats(-5, 5), st.floats(0.05, 6))
def test_an_axis_of_ratios_has_numbers_inside(low: float, width: float):
    scale = Scale(low, low + width, "tokens", log=True)
    assert 1 <= len(ticks(scale)) <= 6
    assert all(scale.low - 1e-6 <= tick <= scale.high + 1e-6 for tick in ticks(scale))

import math
import re

import pytest

from workbench.ui.interval_svg import WIDTH, interval_svg


def place(svg, name):
    return float(re.search(r'<circle cx="([\d.]+)"' if name == "dot" else rf'x1="([\d.]+)"[^>]*class="{name}"', svg)[1])


def test_the_drawing_keeps_the_order_of_its_numbers():
    svg = interval_svg(0.5, 0.2, 0.9, [0.0])
    assert place(svg, "bw-svg-bar") < place(svg, "bw-svg-interval") < place(svg, "dot") < WIDTH
    assert "interval 0.2 to 0.9; bar at 0" in svg


@pytest.mark.parametrize("low, high", [(-math.inf, math.inf), (0.5, 0.5), (math.nan, math.nan)])
def test_open_degenerate_and_missing_intervals_stay_inside(low, high):
    svg = interval_svg(0.5, low, high, [0.5])
    xs = [float(x) for x in re.findall(r'(?:x1|x2|cx|x)="(-?[\d.]+)"', svg)]
    assert all(0 <= x <= WIDTH for x in xs)

"""An estimate with its interval against the bar of its claim, as a small inline drawing."""

import math
from collections.abc import Sequence

from workbench.phrases import number
from workbench.ui.elements import Html, tag

WIDTH, HEIGHT, EDGE = 320, 46, 8
LINE = 16


def interval_svg(estimate: float, low: float, high: float, bars: Sequence[float], unit: str = "") -> Html:
    """Dot and whisker for the estimate, a dashed line for each bar, numbers below; told in words to screen readers.

    Args:
        estimate, low, high: the contrast and its interval; infinite ends run to the edge.
        bars: one bar ("above"), or two that enclose the region of equivalence.
        unit: of all of them.
    """
    scale = _scale([estimate, low, high, *bars])
    left, middle, right = (scale(value) for value in (low, estimate, high))
    words = f"Estimate {number(estimate, unit)}, interval {number(low, unit)} to {number(high, unit)}; bar at "
    words += " and ".join(number(bar, unit) for bar in bars)
    return tag(
        "svg",
        tag("title", words),
        _line(0, LINE, WIDTH, LINE, "bw-svg-axis"),
        *[_line(scale(bar), 2, scale(bar), 30, "bw-svg-bar") for bar in bars],
        _line(left, LINE, right, LINE, "bw-svg-interval"),
        *[_line(end, LINE - 5, end, LINE + 5, "bw-svg-interval") for end in (left, right)],
        tag("circle", cx=f"{middle:.1f}", cy=LINE, r=5, class_="bw-svg-estimate"),
        *[_label(scale(bar), number(bar, unit)) for bar in bars],
        viewBox=f"0 0 {WIDTH} {HEIGHT}", class_="bw-svg", role="img", aria_label=words,
    )  # fmt: skip


def _scale(values: Sequence[float]):  # noqa: ANN202 - a function of one number
    known = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(known), max(known)
    spread = (high - low) or max(abs(high), 1.0)
    start, width = low - 0.08 * spread, 1.16 * spread

    def place(value: float) -> float:
        share = min(1.0, max(0.0, (value - start) / width)) if not math.isnan(value) else 0.5
        return EDGE + share * (WIDTH - 2 * EDGE)

    return place


def _line(x1: float, y1: float, x2: float, y2: float, look: str) -> Html:
    return tag("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", class_=look)


def _label(x: float, words: str) -> Html:
    anchor = "start" if x < WIDTH * 0.2 else "end" if x > WIDTH * 0.8 else "middle"
    return tag("text", words, x=f"{x:.1f}", y=HEIGHT - 4, text_anchor=anchor, class_="bw-svg-label")

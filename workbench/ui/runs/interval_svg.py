"""An estimate with its two intervals against the bar of its claim, on an axis whose both sides are named."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.messages import noted, say
from workbench.number_format import TIMES, difference, quantity, span
from workbench.ui.elements.elements import Html, tag

WIDTH, HEIGHT, EDGE = 320, 78, 10
TOP, LINE, AXIS = 12, 28, 44
TICKS, LEAST_TICKS = 4, 2
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """The part of an axis that a drawing shows, in the numbers' own unit.

    Attributes:
        low, high: ends of the axis.
        unit: of the numbers; "points" are differences of shares, 0.064 is 6.4 points.
        log: numbers are logarithms of ratios.
    """

    low: float
    high: float
    unit: str = ""
    log: bool = False

    def show(self, value: float | None) -> str:
        """Write a number of this axis for readers."""
        return difference(value, "share") if self.unit == "points" else quantity(value, self.unit, self.log)

    def between(self, low: float | None, high: float | None) -> str:
        """Write an interval of this axis, the unit once."""
        return span(low, high, self.unit, self.log, lambda value, _, __: self.show(value))

    def place(self, value: float) -> float:
        """Horizontal place of a number, in the drawing's units; what lies beyond the axis stands at its end."""
        share = (value - self.low) / (self.high - self.low)
        return EDGE + min(1.0, max(0.0, share)) * (WIDTH - 2 * EDGE)


@dataclass(frozen=True)
class Drawn:
    """What a drawing shows.

    Attributes:
        estimate: the number.
        inner, outer: ends of the 95 % interval and of the one at the level that decides; None where there is none.
        bars: one bar to exceed, or two to stay between.
        sides: what lies to the left and to the right.
    """

    estimate: float
    inner: tuple[float, float] | None
    outer: tuple[float, float] | None
    bars: tuple[float, ...]
    sides: tuple[str, str]

    @property
    def numbers(self) -> list[float]:
        """Every finite number that the axis has to hold."""
        ends = [end for pair in (self.inner, self.outer) if pair for end in pair]
        return [value for value in (self.estimate, *ends, *self.bars) if math.isfinite(value)]


def scale_of(drawings: Sequence[Drawn], unit: str, log: bool) -> Scale:
    """Return one axis for several drawings: it holds all their numbers, and a little air."""
    numbers = [number for drawn in drawings for number in drawn.numbers] or [0.0]
    low, high = min(numbers), max(numbers)
    air = 0.06 * ((high - low) or abs(high) or 1.0)
    return Scale(low - air, high + air, unit, log)


def interval_svg(drawn: Drawn, scale: Scale) -> Html:
    """Dot, 95 % interval, lighter interval at the level that decides, bars; told in words to screen readers."""
    words = _words(drawn, scale)
    return tag(
        "svg",
        tag("title", words),
        _line(EDGE, AXIS, WIDTH - EDGE, AXIS, "bw-svg-axis"),
        *[_tick(scale, value) for value in ticks(scale)],
        *_bars(scale, drawn),
        *_interval(scale, drawn.outer, "bw-svg-deciding", 4),
        *_interval(scale, drawn.inner, "bw-svg-interval", 0),
        tag("circle", cx=f"{scale.place(drawn.estimate):.1f}", cy=LINE, r=5, class_="bw-svg-estimate"),
        _text(EDGE, HEIGHT - 3, f"← {say(drawn.sides[0])}", "start", "bw-svg-side"),
        _text(WIDTH - EDGE, HEIGHT - 3, f"{say(drawn.sides[1])} →", "end", "bw-svg-side"),
        viewBox=f"0 0 {WIDTH} {HEIGHT}", class_="bw-svg", role="img", aria_label=words,
    )  # fmt: skip


def ticks(scale: Scale) -> list[float]:
    """Two to five round numbers on the axis; ratios are round where they are written as ratios."""
    if not scale.log:
        return _round_numbers(scale.low, scale.high)
    ratios = [factor * 10.0**power for power in range(-6, 7) for factor in (1, 2, 5)]
    found = [math.log(ratio) for ratio in ratios if scale.low <= math.log(ratio) <= scale.high]
    if len(found) < LEAST_TICKS:
        found = [math.log(ratio) for ratio in _round_numbers(math.exp(scale.low), math.exp(scale.high)) if ratio > 0]
    return found[:: max(1, math.ceil(len(found) / TICKS))]


def _round_numbers(low: float, high: float) -> list[float]:
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in STEPS if factor * power >= rough * 0.999)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [count * step for count in range(first, last + 1)]


def _words(drawn: Drawn, scale: Scale) -> str:
    said = [say("Estimate {value}", value=scale.show(drawn.estimate))]
    said += [say("95 % interval {ends}", ends=scale.between(*drawn.inner))] if drawn.inner else []
    said += [say("at the level that decides {ends}", ends=scale.between(*drawn.outer))] if drawn.outer else []
    bars = say(" and ").join(scale.show(bar) for bar in drawn.bars)
    said += [say("bar at {bars}", bars=bars)] if bars else []
    left, right = map(say, drawn.sides)
    return say("{numbers}; left is {left}, right is {right}.", numbers=", ".join(said), left=left, right=right)


def _interval(scale: Scale, ends: tuple[float, float] | None, look: str, cap: int) -> list[Html]:
    """A line between the ends; where an end lies beyond the axis or is infinite it has no cap."""
    if ends is None or any(math.isnan(end) for end in ends):
        return []
    left, right = (scale.place(end) for end in ends)
    caps = [end for end in ends if scale.low <= end <= scale.high] if cap else []
    return [
        _line(left, LINE, right, LINE, look),
        *[_line(scale.place(end), LINE - cap, scale.place(end), LINE + cap, look) for end in caps],
    ]


def _bars(scale: Scale, drawn: Drawn) -> list[Html]:
    """Each bar as a broken line, and what it is: no difference, a limit, or what counts as the same."""
    lines = [_line(scale.place(bar), TOP, scale.place(bar), AXIS, "bw-svg-bar") for bar in drawn.bars]
    if len(drawn.bars) == 2:
        place = sum(scale.place(bar) for bar in drawn.bars) / 2
        return [*lines, _text(place, TOP - 3, say("counts as the same"), _anchor(place), "bw-svg-label")]
    return lines + [
        _text(scale.place(bar), TOP - 3, _bar_name(scale, bar, drawn), _anchor(scale.place(bar)), "bw-svg-label")
        for bar in drawn.bars
    ]


def _bar_name(scale: Scale, bar: float, drawn: Drawn) -> str:
    if bar == 0 and drawn.sides == ("worse", "better"):
        return say("no difference")
    message = noted("limit {bar}") if drawn.sides == ("worse", "better") else noted("bar {bar}")
    return say(message, bar=scale.show(bar))


def _tick(scale: Scale, value: float) -> Html:
    place = scale.place(value)
    mark = _line(place, AXIS, place, AXIS + 4, "bw-svg-axis")
    return Html(mark + _text(place, AXIS + 15, _short(scale, value), _anchor(place), "bw-svg-label"))


def _short(scale: Scale, value: float) -> str:
    """A tick without the unit, which the numbers beside the drawing have; percent and ratios keep a sign of it."""
    shown = scale.show(value if abs(value) > 1e-9 * (scale.high - scale.low) else 0.0)
    if scale.log:
        return shown.replace(f" {say(TIMES)}", "×")
    return shown if shown.endswith("%") or "×" in shown else shown.partition(" ")[0]


def _anchor(place: float) -> str:
    return "start" if place < WIDTH * 0.12 else "end" if place > WIDTH * 0.88 else "middle"


def _line(x1: float, y1: float, x2: float, y2: float, look: str) -> Html:
    return tag("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", class_=look)


def _text(x: float, y: float, words: str, anchor: str, look: str) -> Html:
    return tag("text", words, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, class_=look)

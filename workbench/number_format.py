"""Numbers as a reader takes them: fixed notation, percent for shares, points for their differences, times for ratios.

Design decisions:
- Three significant digits are kept; whole numbers above that are given in full, with commas.
- A power of ten is written only where fixed notation would need four zeros or more after the point.
- A minus is the sign "−"; no number reads "1e-05", "-0" or "nan".
- Decimal point and commas follow the reader's language, by Babel; English needs none of it.
"""

import math
from collections.abc import Callable
from functools import cache

from workbench.messages import LANGUAGE, language, noted, say

ABSENT = "–"
POINT, POINTS, TIMES = noted("point"), noted("points"), noted("times")
DIGITS = 3
LEAST_FIXED, MOST_FIXED = 1e-4, 1e15
MOST_HUNDREDTHS = 1e6
"""Percentages beyond this are no shares; they are written like any number."""
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def readable(value: float | None, digits: int = DIGITS) -> str:
    """Write a number with so many significant digits: "0.0643", "1,235", "6.42 × 10⁻⁷"; none is a dash."""
    if value is None or math.isnan(value):
        return ABSENT
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    mantissa, power = f"{abs(value):.{digits - 1}e}".split("e")
    if LEAST_FIXED <= abs(value) < MOST_FIXED:
        text = _trimmed(f"{abs(value):,.{max(0, digits - 1 - int(power))}f}")
    else:
        text = f"{_trimmed(mantissa)} × 10{str(int(power)).translate(_SUPERSCRIPTS)}"
    return localised(f"−{text}" if value < 0 else text)


def percent(share: float | None) -> str:
    """Write a share as a percentage: 0.6419 is "64.2 %"."""
    return _with_unit(_hundredths(share), "%")


def points(difference: float | None) -> str:
    """Write a difference of shares in percentage points: 0.064 is "6.4 points"."""
    return _with_unit(_hundredths(difference), POINTS)


def times(log_ratio: float | None) -> str:
    """Write the logarithm of a ratio as the ratio: 1.131 is "3.1 times"."""
    if log_ratio is None or math.isnan(log_ratio):
        return ABSENT
    ratio = math.exp(min(log_ratio, 700.0)) if log_ratio < math.inf else math.inf
    return _with_unit(readable(ratio), TIMES)


def quantity(value: float | None, unit: str = "", log: bool = False) -> str:
    """Write a level of a metric with its unit; the unit "share" as a percentage, a logarithm as a ratio."""
    if log:
        return times(value)
    return percent(value) if unit == "share" else _with_unit(readable(value), unit)


def difference(value: float | None, unit: str = "", log: bool = False) -> str:
    """Write a difference between two levels with its unit; of shares in points, of logarithms as a ratio."""
    return points(value) if unit == "share" and not log else quantity(value, unit, log)


Format = Callable[[float | None, str, bool], str]
"""`quantity` or `difference`: value, unit, whether it is a logarithm."""


def span(low: float | None, high: float | None, unit: str, log: bool, show: Format) -> str:
    """Write an interval with its unit once: "2.2 to 4.3 times", "0.4 to 12.1 points"."""
    first, last = show(low, unit, log), show(high, unit, log)
    head, _, tail = first.partition(" ")
    shared = tail and not tail.startswith("×") and last.partition(" ")[2].removesuffix("s") == tail.removesuffix("s")
    return say("{low} to {high}", low=head if shared else first, high=last)


def localised(number: str) -> str:
    """Write a number's decimal point and commas as the reader's language has them: "1.234,5" in German."""
    decimal, group = _separators(language())
    return number if (decimal, group) == (".", ",") else number.translate(str.maketrans({".": decimal, ",": group}))


@cache
def _separators(name: str) -> tuple[str, str]:
    """Return decimal point and comma of a language."""
    if name == LANGUAGE:
        return ".", ","
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return get_decimal_symbol(name), get_group_symbol(name)


def _hundredths(share: float | None) -> str:
    hundredfold = math.nan if share is None else 100 * share
    if not math.isfinite(hundredfold) or abs(hundredfold) >= MOST_HUNDREDTHS:
        return readable(hundredfold)
    if 0 < abs(hundredfold) < 0.05:
        return readable(hundredfold, 2)
    return localised(_trimmed(f"{hundredfold:.1f}").replace("-", "−"))


def _trimmed(text: str) -> str:
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.removeprefix("-") if text == "-0" else text


def _with_unit(number: str, unit: str) -> str:
    if not unit or number == ABSENT:
        return number
    alone = number in ("1", "−1") and len(unit) > 2 and unit.endswith("s") and not unit.endswith("ss")
    return f"{number} {say(unit.removesuffix('s') if alone and unit != TIMES else unit)}"

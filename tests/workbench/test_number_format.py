"""Every number reads as one: no exponent notation, no "-0", points for differences of shares."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.number_format import difference, percent, points, quantity, readable, span, times


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (0.0, "0"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (0.064321, "0.0643"),
        (0.00032, "0.00032"),
        (-6.42e-05, "−6.42 × 10⁻⁵"),
        (6.42e-07, "6.42 × 10⁻⁷"),
        (-1e-12, "−1 × 10⁻¹²"),
        (12_345.6, "12,346"),
        (7e9, "7,000,000,000"),
        (2.5e20, "2.5 × 10²⁰"),
        (0.9999, "1"),
        (100.0, "100"),
    ],
)
def test_numbers_in_fixed_notation(value: float | None, words: str):
    assert readable(value) == words


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_no_number_reads_like_a_program(value: float):
    for text in (readable(value), percent(value), points(value), times(value), quantity(value, "tokens")):
        assert text and not re.search(r"\de[-+]?\d|nan|inf|^-|−0( |$)", text), text


@given(st.floats(min_value=1e-4, max_value=1e12))
def test_a_number_can_be_read_back_to_three_digits(value: float):
    assert float(readable(value).replace(",", "")) == pytest.approx(value, rel=5.1e-3)


def test_shares_are_percent_and_their_differences_points():
    assert [percent(0.6419), percent(1.0), percent(0.0), percent(0.00012)] == ["64.2 %", "100 %", "0 %", "0.012 %"]
    assert [points(0.064), points(-0.01), points(0.01)] == ["6.4 points", "−1 point", "1 point"]
    assert quantity(0.5, "share") == "50 %" and difference(0.5, "share") == "50 points"


def test_logarithms_are_ratios():
    assert [times(math.log(3.1)), times(math.log(1.052)), times(math.log(42.4)), times(math.log(0.031))] == [
        "3.1 times",
        "1.05 times",
        "42.4 times",
        "0.031 times",
    ]
    assert times(0.0) == "1 times" and times(1e9).endswith("times")
    assert difference(math.log(2.5), "tokens", log=True) == "2.5 times"


def test_units_agree_with_their_number():
    assert [quantity(1, "tokens"), quantity(1, "loss"), quantity(1, "ms"), quantity(2, "tokens")] == [
        "1 token",
        "1 loss",
        "1 ms",
        "2 tokens",
    ]


def test_intervals_name_their_unit_once():
    assert span(0.004, 0.121, "share", False, difference) == "0.4 to 12.1 points"
    assert span(math.log(2.2), math.log(4.3), "tokens", True, quantity) == "2.2 to 4.3 times"
    assert span(0.01, 0.05, "share", False, difference) == "1 to 5 points"
    assert span(-1.5, None, "", False, quantity) == "−1.5 to –"
    assert span(1e-7, 2e-7, "", False, quantity) == "1 × 10⁻⁷ to 2 × 10⁻⁷"

"""Numbers as people say them."""

import math

import pytest

from workbench.contract.claims import Metric
from workbench.statistics.amounts import chances, difference, level, measured, span

FOUND = Metric("found", "share", "higher", "", things="sentences")
RIGHT = Metric("right", "share", "higher", "")
TOKENS = Metric("tokens", "tokens", "lower", "")
LOSS = Metric("loss", "nats", "lower", "")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.456, "share", "45.6 %"), (0.064, "points", "6.4 points"), (-0.01, "points", "−1 point"),
        (math.log(3.1), "log ratio", "3.1 times"), (2.5, "nats", "2.5 nats"), (0.31, "", "0.31"),
    ],
)  # fmt: skip
def test_numbers_carry_their_unit(value: float, unit: str, text: str):
    assert measured(value, unit) == text


def test_an_interval_names_its_unit_once():
    assert span(0.021, 0.124, "points") == "2.1 to 12.4 points"
    assert span(math.log(2.2), math.log(4.3), "log ratio") == "2.2 to 4.3 times"
    assert span(-0.1, 0.2, "nats") == "−0.1 to 0.2 nats"
    assert span(0.5, 0.6, "share") == "50 to 60 %"


@pytest.mark.parametrize(
    ("raw", "metric", "log", "text"),
    [
        (0.08, FOUND, False, "8 more of 100 sentences"),
        (-0.08, FOUND, False, "8 fewer of 100 sentences"),
        (0.004, FOUND, False, "4 more of 1,000 sentences"),
        (0.0, FOUND, False, "0 more of 100 sentences"),
        (0.064, RIGHT, False, "6.4 points more"),
        (-0.064, RIGHT, False, "6.4 points less"),
        (-math.log(3.1), TOKENS, True, "3.1 times fewer tokens"),
        (math.log(1.25), LOSS, True, "1.25 times more nats"),
        (-0.12, Metric("cosine", "", "higher", ""), False, "0.12 less"),
        (-120.0, TOKENS, False, "120 tokens fewer"),
    ],
)
def test_a_difference_in_natural_units(raw: float, metric: Metric, log: bool, text: str):
    assert difference(raw, metric, log) == text


def test_a_number_as_it_is():
    assert level(0.88, FOUND) == "88 of 100 sentences"
    assert level(0.998, FOUND) == "998 of 1,000 sentences"
    assert level(0.124, RIGHT) == "12.4 %"
    assert level(1.0, FOUND) == "100 of 100 sentences"


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.21, "in 21 of 100 runs"), (0.007, "in 7 of 1,000 runs"), (0.099, "in 99 of 1,000 runs"),
        (1e-9, "in fewer than 1 of 1,000 runs"), (1.0, "in 100 of 100 runs"),
    ],
)  # fmt: skip
def test_chances_are_numbers_of_runs(p: float, text: str):
    assert chances(p) == text

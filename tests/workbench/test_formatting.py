import math
from typing import get_args

import pytest

from workbench.contract.runs import State
from workbench.formatting import STATES, count, duration, number, size


def test_every_state_has_a_mark_and_a_word():
    assert set(STATES) == set(get_args(State))
    assert len({words.word for words in STATES.values()}) == len(STATES)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (9.96, "10.0 s"),
        (42.4, "42 s"),
        (59.6, "1 min 00 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 05 min"),
        (273_600, "3 d 4 h"),
        (-1, "unknown"),
        (math.nan, "unknown"),
    ],
)
def test_durations(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("given", "words"),
    [(0, "0 B"), (999, "999 B"), (1_000, "1 kB"), (3_440_000, "3.44 MB"), (1.2e9, "1.2 GB"), (5e15, "5e+03 TB")],
)
def test_sizes(given, words):
    assert size(given) == words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (None, "", "–"),
        (math.nan, "", "–"),
        (math.inf, "", "∞"),
        (-math.inf, "", "−∞"),
        (0.1234, "share", "12.3 %"),
        (-0.5, "", "−0.5"),
        (12_345.6, "tokens", "12,346 tokens"),
        (0.00012, "", "0.00012"),
    ],
)
def test_numbers(value, unit, words):
    assert number(value, unit) == words


def test_counts():
    assert [count(1, "seed"), count(3, "seed"), count(2, "arm", "arms")] == ["1 seed", "3 seeds", "2 arms"]

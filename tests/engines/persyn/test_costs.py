import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.persyn.costs import cost_of

POLICIES = st.sampled_from(["persyn", "car", "strong", "oracle"])


def asked(policy: str, prompts: int, calibrated: int, teachers: int):
    weights = {"tokens": np.tile(np.arange(1.0, teachers + 1), (prompts, 1))}
    return cost_of(policy, np.zeros(prompts, int), np.arange(prompts) < calibrated, weights)


def test_the_papers_arithmetic():
    found = asked("persyn", 50_000, 2_500, 19)
    assert (found.everything, found.responses) == (950_000, 95_000)
    assert found.saved == pytest.approx(0.9)
    small = asked("persyn", 10_000, 2_500, 15)
    assert (small.everything, small.responses) == (150_000, 45_000)


def test_baselines_pay_for_what_they_look_at():
    assert (asked("strong", 100, 10, 4).calibration, asked("strong", 100, 10, 4).routed) == (0, 100)
    assert (asked("car", 100, 10, 4).calibration, asked("car", 100, 10, 4).routed) == (40, 90)
    assert asked("oracle", 100, 10, 4).responses == 400 and asked("oracle", 100, 10, 4).saved == 0


def test_weights_are_those_of_the_asked_teachers():
    found = asked("persyn", 3, 1, 2)
    assert found.weights["tokens"] == (1 + 2 + 1 + 1, 9)


def test_nobody_is_asked_where_nobody_can_answer():
    weights = {"tokens": np.ones((2, 2))}
    assert cost_of("strong", np.array([-1, 1]), np.zeros(2, bool), weights).responses == 1


@given(st.integers(1, 40), st.integers(0, 40), st.integers(2, 6), POLICIES)
def test_no_policy_asks_for_more_than_everything(prompts, calibrated, teachers, policy):
    found = asked(policy, prompts, min(calibrated, prompts), teachers)
    assert prompts <= found.responses <= found.everything == prompts * teachers

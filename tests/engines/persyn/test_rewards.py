from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engines.persyn.rewards import (
    best_teacher,
    calibration_of,
    car,
    chosen_rewards,
    combined,
    hit_at,
    normalised,
    pairs_of,
    pairwise_accuracy,
    regrets,
    require_different,
)
from workbench.contract.errors import DataError

NAN = np.nan
MATRICES = arrays(float, (5, 4), elements=st.one_of(st.just(NAN), st.floats(-100, 100, width=32)))


def test_normalised_by_hand():
    values = np.array([[0.0, 1.0, 0.5], [2.0, 2.0, 2.0], [NAN, -3.0, -1.0], [NAN, NAN, NAN]])
    expected = [[0, 1, 0.5], [0.5, 0.5, 0.5], [NAN, 0, 1], [NAN, NAN, NAN]]
    np.testing.assert_allclose(normalised(values, "minmax"), expected)
    z = normalised(values, "z")
    np.testing.assert_allclose(z[0], np.array([-1, 1, 0]) * 1.5**0.5)
    np.testing.assert_allclose(z[1:], [[0, 0, 0], [NAN, -1, 1], [NAN, NAN, NAN]])


@given(MATRICES, st.sampled_from(["minmax", "z"]), st.floats(0.1, 10), st.floats(-10, 10))
def test_normalised_is_the_same_after_a_change_of_scale(values, how, scale, shift):
    spread = np.nan_to_num(np.nanmax(np.where(np.isnan(values), -1e9, values), 1) - np.nanmin(
        np.where(np.isnan(values), 1e9, values), 1))  # fmt: skip
    clear = spread > 1e-3
    found, moved = normalised(values, how), normalised(values * scale + shift, how)
    np.testing.assert_allclose(found[clear], moved[clear], atol=1e-4)
    assert (np.isnan(found) == np.isnan(values)).all()


@given(MATRICES)
def test_minmax_lies_between_zero_and_one(values):
    found = normalised(values, "minmax")
    assert ((found >= 0) & (found <= 1) | np.isnan(values)).all()


def test_a_lone_response_is_in_the_middle():
    assert normalised(np.array([[NAN, 7.0]]), "minmax")[0, 1] == 0.5


def test_combined_by_hand():
    assert combined(np.array([1.0]), np.array([0.5]), 0.4)[0] == pytest.approx(0.8)
    assert np.isnan(combined(np.array([NAN]), np.array([0.5]), 1.0)[0]), "unusable stays unusable"


def test_best_teacher_passes_over_failures_and_takes_the_first_of_equals():
    assert best_teacher(np.array([[NAN, 0.2, 0.9], [0.5, 0.5, 0.1], [NAN, NAN, NAN]])).tolist() == [2, 0, -1]


def test_pairs_by_hand():
    rewards = np.array([[0.1, 0.9, 0.1], [NAN, 0.2, 0.3]])
    dropped = pairs_of(rewards, "drop", 1e-6)
    assert list(zip(dropped.prompt, dropped.a, dropped.b, dropped.label, strict=True)) == [
        (0, 0, 1, 1), (0, 1, 2, 0), (1, 1, 2, 1),
    ]  # fmt: skip
    assert (dropped.ties, dropped.excluded) == (1, 2)
    kept = pairs_of(rewards, "half", 1e-6)
    assert len(kept) == 4 and kept.label.tolist() == [1, 0.5, 0, 1]


@given(MATRICES, st.sampled_from(["drop", "half"]), st.floats(0, 5))
def test_pairs_are_those_of_two_loops(rewards, ties, margin):
    expected = []
    for prompt in range(5):
        for a in range(4):
            for b in range(a + 1, 4):
                gap = rewards[prompt, b] - rewards[prompt, a]
                if not np.isnan(gap):
                    label = 0.5 if abs(gap) <= margin else float(gap > 0)
                    expected += [] if label == 0.5 and ties == "drop" else [(prompt, a, b, label)]
    found = pairs_of(rewards, ties, margin)
    assert sorted(zip(found.prompt, found.a, found.b, found.label, strict=True)) == sorted(expected)


def test_pairs_of_some_prompts_are_numbered_anew():
    pairs = pairs_of(np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 2.0]]), "drop", 0)
    some = pairs.of(np.array([2, 1]))
    assert dict(zip(some.prompt.tolist(), some.label.tolist(), strict=True)) == {0: 1.0, 1: 0.0}


def test_rewards_that_teach_nothing_are_refused():
    with pytest.raises(DataError, match="equal"):
        require_different(pairs_of(np.ones((3, 2)), "drop", 0))
    with pytest.raises(DataError, match="equal"):
        require_different(pairs_of(np.ones((3, 2)), "half", 0))
    with pytest.raises(DataError, match="failed"):
        require_different(pairs_of(np.array([[NAN, 1.0]]), "drop", 0))
    require_different(pairs_of(np.array([[0.0, 1.0]]), "drop", 0))


def test_car_by_hand():
    quality = np.array([[1.0, 1.0, NAN], [0.0, 1.0, NAN]])
    learnability = np.array([[-0.5, -3.0, NAN], [-0.5, -1.0, NAN]])
    np.testing.assert_allclose(car(quality, learnability, 3.0), [0.5 / 2.5, 1 / 7, NAN])


SIX_PROMPTS = arrays(float, (6, 4), elements=st.one_of(st.just(NAN), st.floats(0, 1, width=16)))
SCORES = arrays(float, (6, 4), elements=st.floats(-5, 5, width=16))


def test_hits_by_hand():
    scores = np.array([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])
    rewards = np.array([[0.9, 0.1, 0.0], [0.0, 0.1, 0.9], [0.5, 0.0, 0.5], [NAN, NAN, NAN]])
    np.testing.assert_array_equal(hit_at(scores, rewards, 1), [1, 0, 1, NAN])
    np.testing.assert_array_equal(hit_at(scores, rewards, 3), [1, 1, 1, NAN])


@given(SCORES, SIX_PROMPTS)
def test_hits_rise_with_k_and_the_oracle_always_hits(scores, rewards):
    found = [np.nan_to_num(hit_at(scores, rewards, k)) for k in (1, 2, 3, 4)]
    assert all((a <= b).all() for a, b in pairwise(found))
    known = ~np.isnan(rewards).all(1)
    assert (found[-1] == known).all()
    perfect = np.where(np.isnan(rewards), -9, rewards)
    assert (np.nan_to_num(hit_at(perfect, rewards, 1)) == known).all()


def test_regret_by_hand():
    rewards = np.array([[0.9, 0.1, 0.4], [NAN, 0.3, 0.8], [NAN, NAN, NAN]])
    np.testing.assert_allclose(regrets(rewards, np.array([2, 0, 1])), [0.5, 0.5, NAN])
    np.testing.assert_allclose(chosen_rewards(rewards, np.array([2, 0, 1])), [0.4, 0.3, NAN])
    assert np.isnan(chosen_rewards(rewards, np.array([-1, 1, 1]))[0])


@given(SIX_PROMPTS, arrays(int, 6, elements=st.integers(0, 3)))
def test_regret_is_never_negative_and_zero_for_the_oracle(rewards, chosen):
    found = regrets(rewards, chosen)
    assert (found[~np.isnan(found)] >= 0).all()
    best = regrets(rewards, best_teacher(rewards))
    assert (best[~np.isnan(best)] == 0).all()


def test_pairwise_by_hand():
    rewards = np.array([[0.0, 0.5, 1.0], [0.5, 0.5, NAN], [0.0, 1.0, NAN]])
    scores = np.array([[0.0, 2.0, 1.0], [1.0, 2.0, 0.0], [4.0, 4.0, 0.0]])
    np.testing.assert_allclose(pairwise_accuracy(scores, rewards), [2 / 3, NAN, 0.5])


@given(SCORES, SIX_PROMPTS)
def test_pairwise_is_that_of_loops(scores, rewards):
    expected = []
    for row in range(6):
        marks = [
            0.5 if scores[row, a] == scores[row, b] else float((scores[row, b] > scores[row, a]) == (
                rewards[row, b] > rewards[row, a]))
            for a in range(4) for b in range(a + 1, 4)
            if not np.isnan(rewards[row, [a, b]]).any() and rewards[row, a] != rewards[row, b]
        ]  # fmt: skip
        expected.append(np.mean(marks) if marks else NAN)
    np.testing.assert_allclose(pairwise_accuracy(scores, rewards), expected)


def test_calibration_by_hand():
    scores, rewards = np.array([[0.0, np.log(3.0)]] * 4), np.array([[0.0, 1.0]] * 3 + [[1.0, 0.0]])
    found = calibration_of(scores, rewards)
    assert found.pairs.tolist() == [0, 0, 4, 0, 0, 0, 0, 4, 0, 0]
    assert (found.predicted[7], found.observed[7]) == pytest.approx((0.75, 0.75))
    assert (found.predicted[2], found.observed[2]) == pytest.approx((0.25, 0.25))


def test_scores_that_generated_the_wins_are_calibrated():
    draw = np.random.default_rng(0)
    scores = draw.normal(0, 1.5, (20_000, 2))
    wins = draw.random(20_000) < 1 / (1 + np.exp(scores[:, 0] - scores[:, 1]))
    found = calibration_of(scores, np.stack([1.0 - wins, wins * 1.0], 1))
    assert np.abs(found.predicted - found.observed).max() < 0.03

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engines.parts.ranking.ranking_measures import (
    best_column,
    calibration_of,
    chosen_rewards,
    hit_at,
    pairwise_accuracy,
    regrets,
)

NAN = np.nan
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
    best = regrets(rewards, best_column(rewards))
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


def test_best_column_passes_over_failures_and_takes_the_first_of_equals():
    assert best_column(np.array([[NAN, 0.2, 0.9], [0.5, 0.5, 0.1], [NAN, NAN, NAN]])).tolist() == [2, 0, -1]

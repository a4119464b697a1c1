import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engines.persyn.rewards import best_teacher, car, combined, normalised, pairs_of, require_different
from workbench.contract.errors import DataError

NAN = np.nan
BOARDS = arrays(float, (5, 4), elements=st.one_of(st.just(NAN), st.floats(-100, 100, width=32)))


def test_normalised_by_hand():
    values = np.array([[0.0, 1.0, 0.5], [2.0, 2.0, 2.0], [NAN, -3.0, -1.0], [NAN, NAN, NAN]])
    expected = [[0, 1, 0.5], [0.5, 0.5, 0.5], [NAN, 0, 1], [NAN, NAN, NAN]]
    np.testing.assert_allclose(normalised(values, "minmax"), expected)
    z = normalised(values, "z")
    np.testing.assert_allclose(z[0], np.array([-1, 1, 0]) * 1.5**0.5)
    np.testing.assert_allclose(z[1:], [[0, 0, 0], [NAN, -1, 1], [NAN, NAN, NAN]])


@given(BOARDS, st.sampled_from(["minmax", "z"]), st.floats(0.1, 10), st.floats(-10, 10))
def test_normalised_is_the_same_after_a_change_of_scale(values, how, scale, shift):
    spread = np.nan_to_num(np.nanmax(np.where(np.isnan(values), -1e9, values), 1) - np.nanmin(
        np.where(np.isnan(values), 1e9, values), 1))  # fmt: skip
    clear = spread > 1e-3
    found, moved = normalised(values, how), normalised(values * scale + shift, how)
    np.testing.assert_allclose(found[clear], moved[clear], atol=1e-4)
    assert (np.isnan(found) == np.isnan(values)).all()


@given(BOARDS)
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


@given(BOARDS, st.sampled_from(["drop", "half"]), st.floats(0, 5))
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

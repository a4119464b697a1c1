import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engines.parts.ranking import pairs_of
from engines.persyn.rewards import car, combined, normalised, require_different
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


def test_a_pool_keeps_the_size_of_a_gap_between_two_teachers():
    near_and_far = np.array([[-1.0, -1.01], [-1.0, -6.0], [NAN, -2.0], [NAN, NAN]])
    for how, gaps in (("minmax", (1, 1)), ("z", (2, 2))):
        found = normalised(near_and_far, how)
        np.testing.assert_allclose(found[:2, 0] - found[:2, 1], gaps)
    found = normalised(near_and_far, "pool")
    gaps = found[:2, 0] - found[:2, 1]
    assert gaps[1] / gaps[0] == pytest.approx(500) and found[2, 1] == 0 and np.isnan(found[3]).all()
    first = normalised(near_and_far, "pool", np.array([True, False, False, False]))
    assert first[0, 0] == pytest.approx(1), "the yardstick alone gives the scale"
    assert (normalised(np.ones((2, 2)), "pool") == 0).all()


@given(MATRICES)
def test_minmax_lies_between_zero_and_one(values):
    found = normalised(values, "minmax")
    assert ((found >= 0) & (found <= 1) | np.isnan(values)).all()


def test_a_lone_response_is_in_the_middle():
    assert normalised(np.array([[NAN, 7.0]]), "minmax")[0, 1] == 0.5


def test_combined_by_hand():
    assert combined(np.array([1.0]), np.array([0.5]), 0.4)[0] == pytest.approx(0.8)
    assert np.isnan(combined(np.array([NAN]), np.array([0.5]), 1.0)[0]), "unusable stays unusable"


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

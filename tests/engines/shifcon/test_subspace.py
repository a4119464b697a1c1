import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh, subspace_angles

from engines.shifcon.subspace import (
    components_kept,
    leading_axes,
    ledoit_wolf_share,
    mean_in_spreads,
    mean_term,
    moments,
    pooled_basis,
    principal_angles,
    riemannian_distance,
    shrunk,
)
from workbench.contract.errors import DataError


def covariance(seed: int, width: int = 6, observations: int = 60) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.cov((random.standard_normal((observations, width)) @ random.standard_normal((width, width))).T)


def by_eigh(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(np.square(np.log(eigh(a, b, eigvals_only=True))).sum()))


seeds = st.integers(0, 10_000)


def test_moments_of_the_counted_observations_by_hand():
    states = np.array([[[0.0], [2.0], [4.0], [99.0]], [[1.0], [1.0], [1.0], [3.0]]], dtype=np.float16)
    count, covariance, fourth = moments(states, np.array([[True, True, True, False], [True] * 4]))
    assert count.tolist() == [3, 4]
    assert covariance[:, 0, 0].tolist() == [4.0, 1.0]
    assert fourth.tolist() == [(16 + 0 + 16) / 3, (3 * 0.5**4 + 1.5**4) / 4]


def test_moments_of_hardly_any_observation_are_zero():
    _, covariance, fourth = moments(np.ones((2, 1, 3)), np.array([[True], [False]]))
    assert not covariance.any() and not fourth.any()


def test_distance_by_hand():
    assert riemannian_distance(np.diag([np.e, 1.0]), np.eye(2)) == pytest.approx(1.0)
    assert riemannian_distance(np.diag([np.exp(3.0), np.exp(-4.0)]), np.eye(2)) == pytest.approx(5.0)


@given(seeds, seeds, st.integers(2, 12))
@settings(max_examples=50)
def test_distance_equals_the_generalised_eigenvalue_problem(first, second, width):
    a, b = covariance(first, width), covariance(second + 10_001, width)
    assert float(riemannian_distance(a, b)) == pytest.approx(by_eigh(a, b), rel=1e-7, abs=1e-7)


def test_a_stack_equals_its_members():
    a, b = np.stack([covariance(at) for at in (1, 2, 3)]), np.stack([covariance(at) for at in (4, 5, 6)])
    np.testing.assert_allclose(
        riemannian_distance(a, b), [by_eigh(*pair) for pair in zip(a, b, strict=True)], rtol=1e-8
    )


def test_means_in_spreads_by_hand_and_in_any_unit():
    a, b, spread = np.array([3.0, 0.0]), np.array([0.0, 4.0]), np.diag([9.0, 4.0])
    assert mean_in_spreads(a, b, spread) == pytest.approx(np.sqrt(1 + 4))
    turn = np.array([[0.5, 40.0], [-3.0, 7.0]])
    turned = mean_in_spreads(a @ turn.T, b @ turn.T, turn @ spread @ turn.T)
    assert turned == pytest.approx(np.sqrt(5)), "the Euclidean norm would be another"
    assert mean_term(a @ turn.T, b @ turn.T) != pytest.approx(mean_term(a, b))
    with pytest.raises(DataError, match="singular"):
        mean_in_spreads(a, b, np.zeros((2, 2)))


@given(seeds)
@settings(max_examples=30)
def test_distance_to_itself_is_zero(seed):
    a = covariance(seed)
    assert float(riemannian_distance(a, a)) == pytest.approx(0, abs=1e-6)


@given(seeds, seeds)
@settings(max_examples=30)
def test_distance_is_symmetric(first, second):
    a, b = covariance(first), covariance(second)
    assert float(riemannian_distance(a, b)) == pytest.approx(float(riemannian_distance(b, a)), rel=1e-6, abs=1e-6)


@given(seeds, seeds, seeds)
@settings(max_examples=30)
def test_distance_is_invariant_under_a_common_invertible_map(first, second, third):
    a, b = covariance(first), covariance(second)
    random = np.random.default_rng(third)
    turn = np.linalg.qr(random.standard_normal((6, 6)))[0] @ np.diag(random.uniform(0.5, 3.0, 6))
    mapped = riemannian_distance(turn @ a @ turn.T, turn @ b @ turn.T)
    assert float(mapped) == pytest.approx(float(riemannian_distance(a, b)), rel=1e-5, abs=1e-5)


def test_a_singular_covariance_is_refused_with_a_remedy():
    few = np.cov(np.random.default_rng(0).standard_normal((4, 6)).T)
    with pytest.raises(DataError, match="6 dimensions is singular") as caught:
        riemannian_distance(covariance(0), few)
    assert "more sentences" in caught.value.hint
    with pytest.raises(DataError):
        riemannian_distance(few, covariance(0))


@pytest.mark.parametrize("estimate", [lambda a: a, lambda a: shrunk(a, 0.1)])
def test_the_noise_floor_falls_with_the_number_of_observations(estimate):
    def floor(observations: int) -> float:
        random = np.random.default_rng(1)
        halves = [np.cov(random.standard_normal((observations, 20)).T) for _ in range(2)]
        return float(riemannian_distance(*map(estimate, halves)))

    floors = [floor(count) for count in (40, 160, 640, 2560)]
    assert floors == sorted(floors, reverse=True)
    assert floors[-1] < floors[0] / 4


def test_shrinkage_lowers_the_noise_floor():
    random = np.random.default_rng(2)
    a, b = (np.cov(random.standard_normal((60, 20)).T) for _ in range(2))
    assert riemannian_distance(shrunk(a, 0.1), shrunk(b, 0.1)) < riemannian_distance(a, b)


def test_shrinkage_by_hand():
    a = np.array([[3.0, 1.0], [1.0, 1.0]])
    np.testing.assert_allclose(shrunk(a, 0.5), [[2.5, 0.5], [0.5, 1.5]])
    np.testing.assert_allclose(shrunk(a, 1.0), 2 * np.eye(2))
    np.testing.assert_allclose(shrunk(np.stack([a, a]), np.array([0.0, 1.0])), [a, 2 * np.eye(2)])


def test_ledoit_wolf_equals_its_definition():
    rows = np.random.default_rng(3).standard_normal((40, 5)) * [1, 2, 3, 1, 1]
    centred = rows - rows.mean(axis=0)
    scatter = centred.T @ centred / len(rows)
    identity = np.trace(scatter) / 5 * np.eye(5)
    spread = np.square(scatter - identity).sum()
    error = sum(np.square(np.outer(row, row) - scatter).sum() for row in centred) / len(rows) ** 2
    fourth = (np.square(centred).sum(axis=1) ** 2).mean()
    found = ledoit_wolf_share(np.cov(rows.T), np.float64(fourth), 40)
    assert float(found) == pytest.approx(min(error, spread) / spread, rel=1e-9)
    assert 0 < float(found) < 1


def test_ledoit_wolf_of_a_scaled_identity_takes_all_of_it():
    assert float(ledoit_wolf_share(3 * np.eye(4), np.float64(99.0), 10)) == 1.0


def test_mean_term_by_hand():
    np.testing.assert_allclose(
        mean_term(np.array([[3.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 4.0], [1.0, 1.0]])), [5, 0]
    )


def test_principal_angles_equal_scipy():
    a, b = (leading_axes(covariance(seed), 3) for seed in (5, 6))
    np.testing.assert_allclose(principal_angles(a, b), np.degrees(subspace_angles(a, b))[::-1], atol=1e-5)


def test_principal_angles_by_hand():
    one, two = np.diag([3.0, 1.0, 0.5]), np.diag([1.0, 3.0, 0.5])
    np.testing.assert_allclose(principal_angles(leading_axes(one, 1), leading_axes(one, 1)), [0], atol=1e-5)
    np.testing.assert_allclose(principal_angles(leading_axes(one, 1), leading_axes(two, 1)), [90])
    np.testing.assert_allclose(principal_angles(leading_axes(one, 2), leading_axes(two, 2)), [0, 0], atol=1e-5)


def test_pooled_basis_orders_axes_by_variance():
    rows = np.random.default_rng(7).standard_normal((500, 4)) * [1, 10, 3, 0.1] + 5
    mean, axes, shares = pooled_basis(rows, 3)
    np.testing.assert_allclose(mean, rows.mean(axis=0))
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-12)
    assert [int(at) for at in np.abs(axes).argmax(axis=0)] == [1, 2, 0]
    assert shares[0] == pytest.approx(100 / 110, abs=0.03)
    assert (np.diff(shares) > 0).all()


def test_components_are_the_same_at_every_layer_and_never_more_than_a_twentieth():
    shares = np.array([[0.5, 0.8, 0.95, 1.0], [0.9, 0.95, 0.99, 1.0]])
    assert components_kept(shares, 0.9, 1000) == 3
    assert components_kept(shares, 0.4, 1000) == 2
    assert components_kept(shares, 1.0, 1000) == 4
    assert components_kept(shares, 0.9, 45) == 2
    assert components_kept(shares[:, :2], 0.9, 1000) == 2


def test_too_few_observations_for_a_basis_are_counted():
    with pytest.raises(DataError, match="39 observations"):
        components_kept(np.ones((2, 4)), 0.9, 39)

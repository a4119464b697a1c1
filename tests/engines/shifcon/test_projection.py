import numpy as np
import pytest

from engines.shifcon.projection import discriminant_plane, principal_plane


def test_principal_plane_finds_the_directions_of_largest_variance():
    states = np.random.default_rng(0).standard_normal((300, 5)) * [1, 9, 0.5, 4, 0.1] + 3
    mean, axes = principal_plane(states)
    np.testing.assert_allclose(mean, states.mean(axis=0))
    assert np.abs(axes).argmax(axis=0).tolist() == [1, 3]
    np.testing.assert_allclose(axes.T @ axes, np.eye(2), atol=1e-10)


def test_fewer_sentences_than_dimensions_give_the_same_plane_as_a_decomposition():
    states = np.random.default_rng(1).standard_normal((12, 40))
    _, axes = principal_plane(states)
    expected = np.linalg.svd(states - states.mean(axis=0), full_matrices=False)[2][:2].T
    np.testing.assert_allclose(np.abs((axes * expected).sum(axis=0)), [1, 1], atol=1e-8)


def test_discriminants_part_languages_that_the_largest_variance_hides():
    random = np.random.default_rng(2)
    labels = np.repeat(["de", "en", "fr"], 100)
    states = random.standard_normal((300, 6)) * [20, 1, 1, 1, 1, 1]
    states[:, 1] += np.repeat([0, 6, 0], 100)
    states[:, 2] += np.repeat([0, 0, 6], 100)

    def parted(plane):
        mean, axes = plane
        points = (states - mean) @ axes
        centres = np.stack([points[labels == label].mean(axis=0) for label in np.unique(labels)])
        nearest = np.linalg.norm(points[:, None] - centres, axis=2).argmin(axis=1)
        return (np.unique(labels)[nearest] == labels).mean()

    assert parted(discriminant_plane(states, labels)) > 0.97
    assert parted(principal_plane(states)) < 0.9


@pytest.mark.parametrize("states", [np.zeros((30, 4)), np.ones((30, 4))])
def test_identical_sentences_fall_on_one_point(states):
    for mean, axes in (principal_plane(states), discriminant_plane(states, np.repeat(["a", "b"], 15))):
        assert np.isfinite(axes).all()
        assert not ((states - mean) @ axes).any()

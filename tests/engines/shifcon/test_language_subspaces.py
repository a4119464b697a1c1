import numpy as np
import pytest

from engines.shifcon.config import ShifConConfig
from engines.shifcon.language_subspaces import NARROW, PAIR_LAYERS, Split, SubspaceAtlas, split_of
from engines.shifcon.subspace import shrunk
from workbench.errors import DataError


def states(seed: int, layers: int = 8, width: int = 4, groups: int = 2) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    factor = random.standard_normal((groups, layers, width, 3 * width))
    return {
        "mean": random.standard_normal((groups, layers, 6)),
        "covariance": factor @ factor.swapaxes(-1, -2),
        "fourth": np.full((groups, layers), 1e4),
        "count": np.full((groups, layers), 100.0),
    }


def test_a_split_takes_its_own_halves_and_leading_dimensions():
    kept = states(0, groups=4)
    estimation, judged = Split(7, 1, 100, 3).subspaces(kept, ShifConConfig(angle_rank=2))
    np.testing.assert_array_equal(estimation.covariance, kept["covariance"][2][:, :3, :3])
    np.testing.assert_array_equal(judged.mean, kept["mean"][3])
    assert estimation.axes.shape == (8, 3, 2)


def test_the_estimator_regularises():
    kept, split = states(0), Split(0, 0, 100, 4)
    fixed, _ = split.subspaces(kept, ShifConConfig(estimator="shrinkage", shrinkage=25))
    np.testing.assert_allclose(fixed.covariance, shrunk(kept["covariance"][0], 0.25))
    estimated, _ = split.subspaces(kept, ShifConConfig(estimator="ledoit_wolf"))
    assert (np.abs(estimated.covariance[:, 0, 1]) < np.abs(kept["covariance"][0][:, 0, 1])).all()


def test_the_split_counts_its_dimensions():
    pooled = {"mean": np.zeros((3, 9)), "shares": np.array([[0.5, 0.7, 1.0]] * 3)}
    assert split_of(4, 1, 1000, pooled, ShifConConfig(variance_kept=70)) == Split(4, 1, 1000, 2)
    assert split_of(4, 1, 1000, {"mean": np.zeros((3, 9))}, ShifConConfig(estimator="shrinkage")).components == 9
    with pytest.raises(DataError):
        split_of(4, 1, 30, pooled, ShifConConfig())


def test_the_atlas_gives_the_noise_floor_and_every_pair():
    atlas = SubspaceAtlas(Split(3, 0, 100, 4), ShifConConfig(angle_rank=2))
    first, second = atlas.add("en", states(0)), atlas.add("fr", states(1))
    assert set(first["other"]) == {"en"}
    assert second.groupby("other").size().to_dict() == {"en": 8, "fr": 8}
    assert set(second["seed"]) == {3}
    same = SubspaceAtlas(Split(3, 0, 100, 4), ShifConConfig())
    same.add("en", states(0))
    twin = same.add("copy", states(0)).query("other == 'en'")
    np.testing.assert_allclose(twin[["riemannian", "mean_term"]].to_numpy(dtype=float), 0, atol=1e-6)
    np.testing.assert_allclose(twin["angle"].to_numpy(dtype=float), 0, atol=1e-4)


def test_in_many_dimensions_only_some_layers_compare_all_pairs():
    wide = NARROW + 1
    atlas = SubspaceAtlas(Split(0, 0, 100, wide), ShifConConfig(angle_rank=1))
    found = [atlas.add(name, states(seed, width=wide)) for seed, name in enumerate(("en", "fr", "de"))]
    assert found[2].groupby("other").size().to_dict() == {"de": 8, "en": 8, "fr": PAIR_LAYERS}

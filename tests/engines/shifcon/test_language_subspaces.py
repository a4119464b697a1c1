import numpy as np
import pytest
import torch

from engines.shifcon.config import ShifConConfig
from engines.shifcon.language_states import LanguageStates, sample_basis
from engines.shifcon.language_subspaces import NARROW, PAIR_LAYERS, Split, SubspaceAtlas, distance_rows, split_of
from engines.shifcon.language_vectors import halves
from engines.shifcon.subspace import riemannian_distance, shrunk
from tests.engines.parts.hidden_states.test_hidden_states import llama
from tests.engines.shifcon.test_language_states import read, reading
from workbench.contract.errors import DataError

SENTENCES, EACH = 40, 20


def states(seed: int, layers: int = 8, width: int = 4) -> LanguageStates:
    random = np.random.default_rng(seed)
    mixed = random.standard_normal((layers, width, width))
    rows = random.standard_normal((layers, SENTENCES * EACH, width)) @ mixed
    return LanguageStates(
        random.standard_normal((SENTENCES, layers, 6)), rows.astype(np.float16), np.ones(rows.shape[:2], dtype=bool)
    )


def split(seed: int = 0, components: int = 4) -> Split:
    return Split(seed, halves(SENTENCES, seed), np.repeat(np.arange(SENTENCES), EACH), components, basis(components))


def basis(components: int, layers: int = 8, width: int = 6) -> dict[str, np.ndarray]:
    axes = np.tile(np.eye(width, max(components, width))[:, :components], (layers, 1, 1))
    return {"mean": np.ones((layers, width)), "unit": np.full(layers, 2.0), "axes": axes}


def test_subspaces_are_those_of_the_halves_observations():
    kept, given = states(0), split(7, 3)
    estimation, judged = given.subspaces("fr", kept, ShifConConfig(angle_rank=2))
    first, second = given.members("fr")
    rows = kept.states[5].astype(np.float64)
    np.testing.assert_allclose(estimation.covariance[5], np.cov(rows[first, :3].T), rtol=1e-10)
    np.testing.assert_allclose(judged.covariance[5], np.cov(rows[second, :3].T), rtol=1e-10)
    np.testing.assert_allclose(judged.mean, kept.sentences[~given.estimation].mean(axis=0))
    assert estimation.axes.shape == (8, 3, 2)
    assert (estimation.observations == given.observations).all()


def test_means_are_compared_in_the_dimensions_and_units_of_the_covariance():
    given, kept = split(7, 3), [states(0), states(1)]
    (fr, _), (en, _) = (given.subspaces("fr", one, ShifConConfig(angle_rank=2)) for one in kept)
    np.testing.assert_allclose(fr.centre, (fr.mean[:, :3] - 1) / 2)
    rows = distance_rows(given, ("fr", "en"), (fr, en), np.arange(8))
    by_hand = [
        np.sqrt((a - b) @ np.linalg.inv(spread) @ (a - b))
        for a, b, spread in zip(fr.centre, en.centre, en.covariance, strict=True)
    ]
    np.testing.assert_allclose(rows["mean_spreads"], by_hand)


def test_sinks_do_not_count():
    kept = states(0)
    kept.counted[2, ::3] = False
    found, _ = split().subspaces("fr", kept, ShifConConfig(angle_rank=2))
    places = [place for place in split().members("fr")[0] if place % 3]
    np.testing.assert_allclose(found.covariance[2], np.cov(kept.states[2, places].astype(np.float64).T), rtol=1e-10)
    assert found.observations[2] == len(places) < found.observations[1]


def test_the_estimator_regularises():
    kept = states(0)
    plain, _ = split().subspaces("fr", kept, ShifConConfig(estimator="pooled_pca"))
    fixed, _ = split().subspaces("fr", kept, ShifConConfig(estimator="shrinkage", shrinkage=25))
    np.testing.assert_allclose(fixed.covariance, shrunk(plain.covariance, 0.25))
    estimated, _ = split().subspaces("fr", kept, ShifConConfig(estimator="ledoit_wolf"))
    assert (np.abs(estimated.covariance[:, 0, 1]) < np.abs(plain.covariance[:, 0, 1])).all()


def test_halves_of_observations_follow_the_halves_of_sentences_and_are_of_one_size():
    uneven = Split(3, halves(SENTENCES, 3), np.repeat(np.arange(SENTENCES), np.arange(SENTENCES) % 5 + 1), 2, basis(2))
    for language in ("en", "fr"):
        first, second = uneven.members(language)
        assert len(first) == len(second) == len(set(first)) == uneven.observations
        assert uneven.estimation[uneven.sentence_of[first]].all()
        assert not uneven.estimation[uneven.sentence_of[second]].any()


def test_the_split_counts_its_dimensions():
    torch.manual_seed(0)
    given = reading(llama().eval())
    basis = sample_basis(given, str)
    found = split_of(4, given, basis)
    np.testing.assert_array_equal(found.estimation, halves(len(given.text.ids), 4))
    assert 2 <= found.components <= found.observations // 20
    plain = {name: value for name, value in basis.items() if name not in ("axes", "shares")}
    assert split_of(4, given, plain).components == given.reader.width
    few = reading(llama().eval(), pooling="sentence")
    with pytest.raises(DataError):
        split_of(4, few, basis)


@pytest.mark.parametrize("estimator", ["pooled_pca", "shrinkage", "ledoit_wolf"])
def test_real_states_lie_nearer_to_their_own_other_half_than_to_another_language(estimator):
    torch.manual_seed(0)
    given = reading(llama().eval(), estimator=estimator, angle_rank=2)
    basis = sample_basis(given, str)
    one = split_of(1, given, basis)
    kept = {language: read(given, language, basis) for language in ("en", "fr")}
    atlas = SubspaceAtlas(one, given.config, pairs=True)
    rows = [atlas.add(language, found) for language, found in kept.items()][1]
    floor, apart = (rows.query(f"other == '{other}'")["riemannian"].to_numpy() for other in ("fr", "en"))
    assert floor[0] < apart[0]
    en, fr = (one.subspaces(language, kept[language], given.config)[0] for language in ("en", "fr"))
    np.testing.assert_allclose(apart, riemannian_distance(fr.covariance, en.covariance), rtol=1e-12)


def test_the_atlas_gives_the_noise_floor_and_every_pair():
    atlas = SubspaceAtlas(split(3), ShifConConfig(angle_rank=2), pairs=True)
    first, second = atlas.add("en", states(0)), atlas.add("fr", states(1))
    assert set(first["other"]) == {"en"}
    assert second.groupby("other").size().to_dict() == {"en": 8, "fr": 8}
    assert atlas.add("de", states(2)).groupby("other").size().to_dict() == {"de": 8, "en": 8, "fr": 8}
    assert set(second["seed"]) == {3}


def test_without_pairs_the_floor_and_the_dominant_language_remain():
    alone, paired = (SubspaceAtlas(split(3), ShifConConfig(angle_rank=2), pairs=pairs) for pairs in (False, True))
    for number, name in enumerate(("en", "fr", "de")):
        few, every = alone.add(name, states(number)), paired.add(name, states(number))
        assert set(few["other"]) == {name, "en"}
        same = every[every["other"].isin([name, "en"])].reset_index(drop=True)
        assert few.equals(same)


def test_in_many_dimensions_only_some_layers_compare_all_pairs():
    wide = NARROW + 1
    atlas = SubspaceAtlas(split(0, wide), ShifConConfig(angle_rank=1), pairs=True)
    found = [atlas.add(name, states(seed, width=wide)) for seed, name in enumerate(("en", "fr", "de"))]
    assert found[2].groupby("other").size().to_dict() == {"de": 8, "en": 8, "fr": PAIR_LAYERS}

import numpy as np
import pytest
import torch

from engines.parts.hidden_states import LayerReader
from engines.shifcon.config import ShifConConfig
from engines.shifcon.language_states import Reading, read_language, sample_basis
from engines.shifcon.language_subspaces import SubspaceAtlas, split_of
from engines.shifcon.language_vectors import halves
from engines.shifcon.sentences import ParallelTokens
from engines.shifcon.subspace import riemannian_distance
from tests.engines.parts.test_hidden_states import llama
from workbench.errors import ModelError

COUNT = 60


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return llama().eval()


def reading(model, seeds=(0, 1), **settings) -> Reading:
    random = np.random.default_rng(0)
    languages = {"en": (0, 12), "fr": (8, 25), "de": (20, 40)}
    tokens = {
        name: [random.integers(low, high, random.integers(3, 9)).tolist() for _ in range(COUNT)]
        for name, (low, high) in languages.items()
    }
    ids = tuple(f"s{at}" for at in range(COUNT))
    texts = {name: ids for name in languages}
    text = ParallelTokens("en", ("fr", "de"), ids, texts, tokens, dict.fromkeys(languages, 0))
    return Reading(LayerReader(model), text, ShifConConfig(**settings), seeds)


def states_by_hand(given: Reading, language: str) -> list[list[np.ndarray]]:
    """Counted states of every sentence, by layer."""
    found = []
    for sentence in given.text.tokens[language]:
        with torch.inference_mode():
            states = given.reader.body(torch.tensor([sentence]), output_hidden_states=True).hidden_states
        found.append([layer[0, 1:].numpy().astype(np.float64) for layer in states])
    return [[sentence[layer] for sentence in found] for layer in range(given.reader.layers)]


def test_one_pass_gives_the_means_and_moments_of_every_half(model):
    given = reading(model, sinks="leave_out_first", estimator="shrinkage", batch_tokens=64)
    kept = read_language(given, "fr", sample_basis(given, str), lambda done: None)
    by_hand = states_by_hand(given, "fr")
    members = given.members("fr").numpy()
    for layer, sentences in enumerate(by_hand):
        np.testing.assert_allclose(kept["sentences"][:, layer], [s.mean(axis=0) for s in sentences], atol=1e-5)
        tokens = np.concatenate(sentences)
        for group, member in enumerate(members):
            np.testing.assert_allclose(kept["mean"][group, layer], tokens[member].mean(axis=0), atol=1e-5)
            np.testing.assert_allclose(kept["covariance"][group, layer], np.cov(tokens[member].T), atol=1e-5)


def test_the_pooled_basis_only_turns_and_cuts_the_covariance(model):
    given = reading(model, sinks="leave_out_first")
    basis = sample_basis(given, str)
    axes = basis["axes"]
    kept = read_language(given, "de", basis, lambda _: None)
    plain = {name: value for name, value in basis.items() if name not in ("axes", "shares")}
    full = read_language(reading(model, sinks="leave_out_first", estimator="shrinkage"), "de", plain, lambda _: None)
    turned = np.einsum("ldk,glde,lem->glkm", axes, full["covariance"], axes)
    np.testing.assert_allclose(kept["covariance"], turned, atol=1e-6)


def test_all_halves_have_the_same_number_of_observations(model):
    given = reading(model)
    for language in given.text.all_languages:
        members = given.members(language)
        assert members.sum(dim=1).tolist() == [given.observations(seed) for seed in (0, 0, 1, 1)]
        assert not (members[0] & members[1]).any()


def test_halves_of_tokens_follow_the_halves_of_sentences(model):
    given = reading(model)
    counts = given.text.pooled("fr", keep_first=False)
    sentence_of = np.repeat(np.arange(COUNT), counts)
    estimation = halves(COUNT, 1)
    assert estimation[sentence_of[given.members("fr")[2].numpy()]].all()
    assert not estimation[sentence_of[given.members("fr")[3].numpy()]].any()


def test_a_reading_of_two_seeds_holds_the_readings_of_one(model):
    both, one = reading(model), reading(model, seeds=(1,))
    basis = sample_basis(both, str)
    np.testing.assert_array_equal(basis["axes"], sample_basis(one, str)["axes"])
    kept, alone = (read_language(given, "fr", basis, lambda _: None) for given in (both, one))
    np.testing.assert_array_equal(kept["sentences"], alone["sentences"])
    np.testing.assert_allclose(kept["covariance"][2:], alone["covariance"], rtol=1e-12)


def test_sentences_can_be_the_observations(model):
    given = reading(model, pooling="sentence", sinks="keep", estimator="shrinkage")
    kept = read_language(given, "fr", sample_basis(given, str), lambda _: None)
    member = given.members("fr")[0].numpy()
    assert member.sum() == COUNT // 2
    expected = np.cov(kept["sentences"][member, 2].astype(np.float64).T)
    np.testing.assert_allclose(kept["covariance"][0, 2], expected, atol=1e-6)


def test_sinks_are_left_out_of_means_and_moments(model):
    given = reading(model, estimator="shrinkage", sinks="leave_out")
    basis = sample_basis(given, str)
    basis["longest"][1] = np.median([np.linalg.norm(s, axis=1).max() for s in states_by_hand(given, "fr")[1]])
    kept = read_language(given, "fr", basis, lambda _: None)
    assert (kept["count"][:, 1] < kept["count"][:, 0]).all()
    for at, sentence in enumerate(states_by_hand(given, "fr")[1]):
        short = sentence[np.linalg.norm(sentence, axis=1) <= basis["longest"][1]]
        expected = (short if len(short) else sentence).mean(axis=0)
        np.testing.assert_allclose(kept["sentences"][at, 1], expected, atol=1e-5)


def test_progress_counts_tokens(model):
    given, told = reading(model, batch_tokens=64), []
    read_language(given, "fr", sample_basis(given, str), told.append)
    assert told == sorted(told)
    assert told[-1] == given.text.length("fr")


def test_states_that_are_no_numbers_are_refused_with_the_layer(model):
    given = reading(model)
    basis = sample_basis(given, str)
    broken = llama().eval()
    with torch.no_grad():
        broken.model.layers[0].mlp.down_proj.weight.fill_(float("nan"))
    bad = Reading(LayerReader(broken), given.text, given.config, given.seeds)
    with pytest.raises(ModelError, match=r"At layer 1 .* 'fr' are not finite") as caught:
        read_language(bad, "fr", basis, lambda _: None)
    assert "float32" in caught.value.hint


@pytest.mark.parametrize("estimator", ["pooled_pca", "shrinkage", "ledoit_wolf"])
def test_rows_of_distances_come_language_by_language(model, estimator):
    given = reading(model, estimator=estimator, angle_rank=2)
    basis = sample_basis(given, str)
    split = split_of(1, 1, given.observations(1), basis, given.config)
    atlas, kept, rows = SubspaceAtlas(split, given.config), {}, {}
    for language in given.text.all_languages:
        kept[language] = read_language(given, language, basis, lambda _: None)
        rows[language] = atlas.add(language, kept[language])
    assert [len(found) for found in rows.values()] == [4, 8, 12]
    assert set(rows["de"]["other"]) == {"de", "en", "fr"}
    floor = rows["fr"].query("other == 'fr'")["riemannian"]
    apart = rows["fr"].query("other == 'en'")["riemannian"]
    assert (floor.to_numpy()[:1] < apart.to_numpy()[:1]).all()
    width = split.components
    en, fr = (split.subspaces(kept[language], given.config)[0] for language in ("en", "fr"))
    assert en.covariance.shape == (4, width, width)
    np.testing.assert_allclose(apart, riemannian_distance(fr.covariance, en.covariance), rtol=1e-12)

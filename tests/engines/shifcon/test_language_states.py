import numpy as np
import pytest
import torch

from engines.parts.hidden_states.hidden_states import LayerReader
from engines.shifcon.config import ShifConConfig
from engines.shifcon.language_states import (
    BLOCK,
    LanguageStates,
    Reading,
    joined,
    read_block,
    sample_basis,
    sample_counts,
)
from engines.shifcon.sentences import ParallelTokens
from tests.engines.parts.hidden_states.test_hidden_states import llama
from workbench.contract.errors import ModelError

COUNT = 60


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return llama().eval()


def reading(model, count=COUNT, **settings) -> Reading:
    random = np.random.default_rng(0)
    languages = {"en": (0, 12), "fr": (8, 25), "de": (20, 40)}
    tokens = {name: [] for name in languages}
    for _ in range(count):
        for name, (low, high) in languages.items():
            tokens[name].append(random.integers(low, high, random.integers(3, 9)).tolist())
    ids = tuple(f"s{at}" for at in range(count))
    texts = {name: ids for name in languages}
    text = ParallelTokens("en", ("fr", "de"), ids, texts, tokens, dict.fromkeys(languages, 0))
    return Reading(LayerReader(model), text, ShifConConfig(**settings))


def read(given: Reading, language: str, basis: dict[str, np.ndarray]) -> LanguageStates:
    return joined([read_block(given, language, block, basis, lambda done: None) for block in given.blocks()])


def states_by_hand(given: Reading, language: str) -> list[list[np.ndarray]]:
    """Counted states of every sentence, by layer."""
    found = []
    for sentence in given.text.tokens[language]:
        with torch.inference_mode():
            states = given.reader.body(torch.tensor([sentence]), output_hidden_states=True).hidden_states
        found.append([layer[0, 1:].numpy().astype(np.float64) for layer in states])
    return [[sentence[layer] for sentence in found] for layer in range(given.reader.layers)]


def kept_by_hand(given: Reading, language: str, layer: list[np.ndarray]) -> np.ndarray:
    """The kept ones among the counted states of every sentence, in order."""
    at, position = (part.numpy() for part in given.places(language, range(len(given.text.ids))))
    return np.stack([layer[sentence][place - 1] for sentence, place in zip(at, position, strict=True)])


def test_one_pass_gives_sentence_means_and_kept_states(model):
    given = reading(model, sinks="leave_out_first", estimator="shrinkage", batch_tokens=64)
    basis = sample_basis(given, str)
    kept = read(given, "fr", basis)
    assert kept.counted.all()
    for layer, sentences in enumerate(states_by_hand(given, "fr")):
        np.testing.assert_allclose(kept.sentences[:, layer], [s.mean(axis=0) for s in sentences], atol=1e-5)
        states = kept.states[layer].astype(np.float64) * basis["unit"][layer] + basis["mean"][layer]
        expected = kept_by_hand(given, "fr", sentences)
        np.testing.assert_allclose(states, expected, atol=2e-3 * np.abs(expected).max())


def test_the_pooled_basis_only_turns_and_cuts_the_states(model):
    given = reading(model, sinks="leave_out_first")
    basis = sample_basis(given, str)
    plain = {name: value for name, value in basis.items() if name not in ("axes", "shares")}
    full = read(reading(model, sinks="leave_out_first", estimator="shrinkage"), "de", plain)
    turned = np.einsum("lmd,ldk->lmk", full.states.astype(np.float64), basis["axes"])
    np.testing.assert_allclose(read(given, "de", basis).states, turned, atol=5e-3)


def test_every_language_keeps_as_many_tokens_of_a_sentence_as_the_shortest_has(model):
    given = reading(model)
    counted = [given.text.pooled(language, False) for language in given.text.all_languages]
    np.testing.assert_array_equal(given.per_sentence, np.min(counted, axis=0))
    for language in given.text.all_languages:
        sentence, position = given.places(language, range(COUNT))
        np.testing.assert_array_equal(sentence, given.sentence_of)
        lengths = np.array([len(tokens) for tokens in given.text.tokens[language]])
        assert (position.numpy() >= 1).all() and (position.numpy() < lengths[sentence.numpy()]).all()
        assert len({*zip(sentence.tolist(), position.tolist(), strict=True)}) == len(sentence)


def test_a_block_depends_on_its_own_sentences_alone(model):
    less, more = reading(model, count=70), reading(model, count=150)
    assert [len(block) for block in more.blocks()] == [BLOCK, BLOCK, 150 - 2 * BLOCK]
    assert less.blocks()[0] == more.blocks()[0]
    basis = sample_basis(less, str)
    a, b = (read_block(given, "fr", given.blocks()[0], basis, lambda done: None) for given in (less, more))
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])


def test_the_basis_comes_from_the_first_sentences_that_suffice(model, monkeypatch):
    monkeypatch.setattr("engines.shifcon.language_states.SAMPLE_TOKENS", 60)
    less, more = reading(model, count=70, estimator="shrinkage"), reading(model, count=150, estimator="shrinkage")
    counts = sample_counts(less)
    assert counts == sample_counts(more)
    assert all(2 <= count <= 10 for count in counts.values()), "20 tokens of each language"
    for name, found in sample_basis(less, str).items():
        np.testing.assert_array_equal(found, sample_basis(more, str)[name])


def test_a_basis_from_every_sentence_says_so(model):
    assert set(sample_counts(reading(model)).values()) == {COUNT}


def test_sentences_can_be_the_observations(model):
    given = reading(model, pooling="sentence", sinks="keep", estimator="shrinkage")
    basis = sample_basis(given, str)
    kept = read(given, "fr", basis)
    assert kept.states.shape[:2] == (given.reader.layers, COUNT)
    states = kept.states.astype(np.float64) * basis["unit"][:, None, None] + basis["mean"][:, None]
    np.testing.assert_allclose(states.swapaxes(0, 1), kept.sentences, atol=2e-3 * np.abs(kept.sentences).max())


def test_sinks_are_left_out_of_means_and_marked_among_the_states(model):
    given = reading(model, estimator="shrinkage", sinks="leave_out")
    basis = sample_basis(given, str)
    by_hand = states_by_hand(given, "fr")
    basis["longest"][1] = np.median([np.linalg.norm(s, axis=1).max() for s in by_hand[1]])
    kept = read(given, "fr", basis)
    assert kept.counted[0].all() and not kept.counted[1].all()
    long = np.linalg.norm(kept_by_hand(given, "fr", by_hand[1]), axis=1) > basis["longest"][1]
    only_sinks = np.array([(np.linalg.norm(s, axis=1) > basis["longest"][1]).all() for s in by_hand[1]])
    np.testing.assert_array_equal(kept.counted[1], ~long | only_sinks[given.sentence_of])
    for at, sentence in enumerate(by_hand[1]):
        short = sentence[np.linalg.norm(sentence, axis=1) <= basis["longest"][1]]
        expected = (short if len(short) else sentence).mean(axis=0)
        np.testing.assert_allclose(kept.sentences[at, 1], expected, atol=1e-5)


def test_progress_counts_tokens(model):
    given, told = reading(model, batch_tokens=64), []
    read_block(given, "fr", range(COUNT), sample_basis(given, str), told.append)
    assert told == sorted(told)
    assert told[-1] == given.text.length("fr")


@pytest.mark.parametrize(
    ("dtype", "remedy"), [("bfloat16", "Choose dtype float32"), ("float32", "damaged or overflow")]
)
def test_states_that_are_no_numbers_are_refused_with_the_layer(model, dtype, remedy):
    given = reading(model)
    basis = sample_basis(given, str)
    broken = llama().eval()
    with torch.no_grad():
        broken.model.layers[0].mlp.down_proj.weight.fill_(float("nan"))
    bad = Reading(LayerReader(broken), given.text, given.config.model_copy(update={"dtype": dtype}))
    with pytest.raises(ModelError, match=r"At layer 1 .* 'fr' are not finite") as caught:
        read(bad, "fr", basis)
    assert remedy in caught.value.hint

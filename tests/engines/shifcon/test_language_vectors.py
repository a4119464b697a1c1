import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engines.shifcon.language_vectors import halves, language_vector, mean_shift, random_shift


@given(st.integers(2, 300), st.integers(0, 1000))
def test_halves_are_equal_reproducible_and_disjoint(sentences, seed):
    estimation = halves(sentences, seed)
    assert estimation.sum() == sentences // 2
    assert (estimation == halves(sentences, seed)).all()


@given(st.integers(2, 300), st.integers(0, 50), st.integers(0, 1000))
def test_more_sentences_leave_the_halves_of_the_first_ones(sentences, more, seed):
    pairs = sentences // 2 * 2
    assert (halves(sentences + more, seed)[:pairs] == halves(sentences, seed)[:pairs]).all()
    assert not halves(sentences, seed)[pairs:].any(), "a single last sentence is judged"


def test_each_sentence_is_judged_in_about_half_of_the_splits():
    judged = np.mean([~halves(100, seed) for seed in range(200)], axis=0)
    assert judged.min() > 0.35 and judged.max() < 0.65


def test_seeds_split_differently():
    assert (halves(40, 0) != halves(40, 1)).any()


def test_language_vector_and_shift_by_hand():
    means = np.array([[[1.0, 1.0]], [[3.0, 5.0]], [[100.0, 100.0]]], dtype=np.float32)
    vector = language_vector(means, np.array([True, True, False]))
    assert vector.tolist() == [[2.0, 3.0]]
    assert vector.dtype == np.float64
    assert mean_shift(vector, np.array([[5.0, 3.0]])).tolist() == [[3.0, 0.0]]


@given(st.integers(0, 2**31 - 1), st.integers(0, 20), st.sampled_from(["fr", "zh_Hans", "sw"]))
def test_random_shift_has_exactly_the_length_of_the_shift(seed, draw, language):
    shift = np.random.default_rng(0).standard_normal((4, 16)) * [[1e-3], [1.0], [50.0], [0.0]]
    drawn = random_shift(shift, language, seed, draw)
    np.testing.assert_allclose(np.linalg.norm(drawn, axis=1), np.linalg.norm(shift, axis=1), rtol=1e-12)


def test_random_shift_is_named_by_language_seed_and_draw():
    shift = np.ones((2, 8))
    same = random_shift(shift, "fr", 3, 1)
    assert (random_shift(shift, "fr", 3, 1) == same).all()
    others = [random_shift(shift, "de", 3, 1), random_shift(shift, "fr", 4, 1), random_shift(shift, "fr", 3, 2)]
    assert all((other != same).all() for other in others)
    assert (same[0] != same[1]).all(), "layers share a direction"

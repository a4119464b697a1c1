import numpy as np
import pytest

from engines.shifcon.retrieval import cosines, pair_cosine, retrieved, shifted_cosines, unrelated_cosine

SIMILARITY = np.array([[0.9, 0.1, 0.2], [0.8, 0.5, 0.3], [0.0, 0.1, 0.7]])


def test_cosines_by_hand():
    found = cosines(np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([[4.0, 3.0], [0.0, 2.0]]))
    np.testing.assert_allclose(found, [[0.96, 0.8], [0.0, 0.0]])


def test_shifted_cosines_are_those_of_shifted_sentences():
    random = np.random.default_rng(0)
    own, dominant = random.standard_normal((2, 3, 7, 12)).astype(np.float32) * 5 + 20
    shifts = [np.zeros((3, 12)), 9 * random.standard_normal((3, 12))]
    for shift, found in zip(shifts, shifted_cosines(own, dominant, shifts), strict=True):
        np.testing.assert_allclose(found, cosines(own + shift[:, None], dominant), atol=1e-5)


def test_a_sentence_shifted_to_nothing_has_cosine_zero():
    own = np.array([[[3.0, 4.0], [0.0, 2.0]]], dtype=np.float32)
    (found,) = shifted_cosines(own, own, [np.array([[-3.0, -4.0]])])
    assert found[0, 0].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(found[0, 1], cosines(np.array([[-3.0, -2.0]]), own[0])[0])


def test_retrieval_by_hand():
    assert retrieved(SIMILARITY).tolist() == [1.0, 0.0, 1.0]
    assert retrieved(SIMILARITY.T).tolist() == [1.0, 1.0, 1.0]
    assert retrieved(SIMILARITY, both_ways=True).tolist() == [1.0, 0.5, 1.0]


def test_a_tie_is_a_miss():
    assert retrieved(np.ones((3, 3))).tolist() == [0.0, 0.0, 0.0]


def test_cosines_of_pairs_and_of_unrelated_sentences():
    assert pair_cosine(SIMILARITY).tolist() == [0.9, 0.5, 0.7]
    assert float(unrelated_cosine(SIMILARITY)) == pytest.approx((0.1 + 0.2 + 0.8 + 0.3 + 0.0 + 0.1) / 6)


def test_layers_are_judged_apart():
    both = retrieved(np.stack([SIMILARITY, np.eye(3)]))
    assert both.tolist() == [[1.0, 0.0, 1.0], [1.0, 1.0, 1.0]]
    assert unrelated_cosine(np.stack([SIMILARITY, np.eye(3)]))[1] == 0

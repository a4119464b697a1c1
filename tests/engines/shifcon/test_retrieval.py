import numpy as np
import pytest

from engines.shifcon.retrieval import cosines, pair_cosine, retrieved, unrelated_cosine

SIMILARITY = np.array([[0.9, 0.1, 0.2], [0.8, 0.5, 0.3], [0.0, 0.1, 0.7]])


def test_cosines_by_hand():
    found = cosines(np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([[4.0, 3.0], [0.0, 2.0]]))
    np.testing.assert_allclose(found, [[0.96, 0.8], [0.0, 0.0]])


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

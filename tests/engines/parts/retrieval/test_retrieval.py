"""Retrieval: BM25 against its formula, dense against a full sort, rankings counted by hand."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.retrieval.embeddings import open_encoder
from engines.parts.retrieval.retrieval import Bm25, Dense, best, hit_at, ndcg_at, perplexity_ranking, reciprocal_rank
from engines.parts.scoring.scoring import open_scorer
from workbench.contract.errors import DataError

PASSAGES = [
    "The river rises in Peru and meets the sea in Brazil.",
    "Honey bees dance to tell each other where flowers are.",
    "A violin has four strings; its top is made of spruce.",
]


def lucene(passages: list[str], query: str, k1: float = 1.5, b: float = 0.75) -> list[float]:
    """BM25 as Lucene has it, by its formula."""
    texts = [re.findall(r"\w+", passage.lower()) for passage in passages]
    mean = sum(map(len, texts)) / len(texts)
    scores = []
    for text in texts:
        score = 0.0
        for word in re.findall(r"\w+", query.lower()):
            holding = sum(word in other for other in texts)
            idf = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
            count = text.count(word)
            score += idf * count / (count + k1 * (1 - b + b * len(text) / mean)) if holding else 0.0
        scores.append(score)
    return scores


WORDS = st.lists(st.sampled_from(["a", "bee", "sea", "top", "x1"]), min_size=1, max_size=8).map(" ".join)


@given(st.lists(WORDS, min_size=1, max_size=5), WORDS)
def test_bm25_is_its_formula(passages: list[str], query: str):
    assert np.allclose(Bm25(passages).scores(query), lucene(passages, query), atol=1e-5)


def test_bm25_finds_and_breaks_ties_by_order():
    index = Bm25(PASSAGES)
    assert index.search("Where does the RIVER rise?", 1)[0].passage == 0
    assert [hit.passage for hit in index.search("zebra", 2)] == [0, 1]
    assert [hit.passage for hit in index.search("", 5)] == [0, 1, 2]
    assert Bm25(["", "…"]).scores("bee").tolist() == [0, 0]
    with pytest.raises(DataError, match="no passages"):
        Bm25([])


def test_dense_finds_by_meaning():
    found = Dense(PASSAGES, open_encoder()).search(["insects showing the way to blossoms", "musical instrument"], 2)
    assert [hits[0].passage for hits in found] == [1, 2]
    assert all(hits[0].score > hits[1].score for hits in found)


def test_a_passage_that_foretells_the_question_is_relevant():
    questions = ["Where does the river rise?", "What is the top of a violin made of?"]
    relevance = perplexity_ranking(open_scorer("smollm2-135m-instruct"), PASSAGES, questions, " It is told above.")
    assert relevance.shape == (2, 3)
    assert relevance.argmax(axis=1).tolist() == [0, 2]
    single = open_scorer("smollm2-135m-instruct").score([(PASSAGES[2], questions[0] + " It is told above.")])[0]
    assert relevance[0, 2] == pytest.approx(single.mean, abs=0.05)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=9), st.integers(1, 9))
def test_best_is_a_full_stable_sort(scores: list[int], k: int):
    expected = sorted(range(len(scores)), key=lambda at: (-scores[at], at))[:k]
    assert [hit.passage for hit in best(np.array(scores, float), k)] == expected


def test_ranks_by_hand():
    ranking = [4, 2, 7, 1]
    assert [hit_at(ranking, {7}, k) for k in (1, 2, 3)] == [0, 0, 1]
    assert reciprocal_rank(ranking, {7, 1}) == 1 / 3
    assert reciprocal_rank(ranking, {9}) == 0
    assert ndcg_at(ranking, {4, 7}, 4) == pytest.approx((1 + 1 / 2) / (1 + 1 / math.log2(3)))
    assert ndcg_at(ranking, set(), 3) == 0
    assert ndcg_at(ranking, {4}, 1) == 1

import numpy as np

from engines.parts.retrieval.embeddings import open_encoder
from engines.parts.retrieval.retrieval import perplexity_ranking
from engines.parts.scoring.scoring import open_scorer
from engines.treereview.ranking import RESTRICTION, ByChance, ByMeaning, ByPerplexity, ByWords, top

CHUNKS = [
    "The noise floor is the distance of two halves of one language.",
    "The data are messages of a web framework and their translations.",
    "The model has thirty layers and was trained on English text.",
]
QUESTION = "Which data were used?"


def test_perplexity_is_that_of_the_direct_computation():
    scorer = open_scorer("smollm2-135m-instruct")
    ranking = ByPerplexity(CHUNKS, scorer)
    direct = perplexity_ranking(scorer, CHUNKS, [QUESTION], RESTRICTION)
    assert np.allclose(ranking.scores([QUESTION]), direct, atol=0.05)


def test_words_and_meaning_find_the_passage():
    for ranking in (ByWords(CHUNKS), ByMeaning(CHUNKS, open_encoder())):
        scores = ranking.scores([QUESTION, "How many layers are there in the model?"])
        assert scores.shape == (2, 3)
        assert scores.argmax(axis=1).tolist() == [1, 2]


def test_chance_is_the_same_for_the_same_question_and_seed():
    scores = ByChance(CHUNKS, 1).scores([QUESTION, "Why?"])
    assert np.array_equal(ByChance(CHUNKS, 1).scores(["Why?"])[0], scores[1])
    assert not np.array_equal(ByChance(CHUNKS, 2).scores(["Why?"])[0], scores[1])


def test_the_best_come_first_and_ties_in_order():
    assert top(np.array([0.1, 0.9, 0.9, 0.5]), 3) == ((1, 2, 3), (0.9, 0.9, 0.5))

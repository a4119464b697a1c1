import numpy as np

from engines.parts.retrieval.embeddings import open_encoder
from engines.parts.retrieval.passage_rankings import RESTRICTION, ByChance, ByMeaning, ByPerplexity, ByWords
from engines.parts.retrieval.retrieval import perplexity_ranking
from engines.parts.scoring.scoring import open_scorer

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


def test_what_a_ranking_model_reads_is_counted():
    scorer = open_scorer("smollm2-135m-instruct")
    ranking = ByPerplexity(CHUNKS, scorer, "smollm")
    count = scorer.model.tokenizer
    chunks = sum(len(count(chunk)["input_ids"]) for chunk in CHUNKS)
    question = len(count(QUESTION + RESTRICTION, add_special_tokens=False)["input_ids"])
    assert ranking.read([QUESTION, QUESTION], first=True) == [chunks + 3 * question, 3 * question]
    assert ranking.read([QUESTION], first=False) == [3 * question] and ranking.model == "smollm"
    assert ByWords(CHUNKS).read([QUESTION], True) == ByChance(CHUNKS, 1).read([QUESTION], True) == [0]
    meaning = ByMeaning(CHUNKS, open_encoder())
    assert meaning.read([QUESTION], True)[0] > meaning.read([QUESTION], False)[0] > 0

"""Passages kept as prefixes give the scores of the direct computation, and are read once."""

import numpy as np
import pytest

from engines.parts.prefixes.shared_prefix import SharedPrefix
from engines.parts.retrieval.retrieval import perplexity_ranking
from engines.parts.scoring.passage_prefixes import PassagePrefixes
from engines.parts.scoring.scoring import Scorer, open_scorer
from tests.engines.parts.small_models import architectures, small_model
from workbench.contract.errors import DataError, ModelError

PASSAGES = ["the river rises in peru.", "bees dance.", "a violin has four strings, and its top is made of spruce."]
QUESTIONS = ["where does it rise?", "who dances?", "how many strings are there, and what is the top made of?"]
RESTRICTION = " the text says it."
MODELS = architectures()


class Letters:
    """A tokenizer of letters."""

    chat_template = None

    def __call__(self, text: str, **_: object) -> dict[str, list[int]]:
        return {"input_ids": [3 + ord(letter) % 57 for letter in text]}


def small_scorer(name: str) -> Scorer:
    return Scorer(small_model(MODELS[name], Letters()))


@pytest.mark.parametrize("name", MODELS)
def test_scores_are_those_of_the_direct_computation(name: str):
    scorer = small_scorer(name)
    direct = perplexity_ranking(scorer, PASSAGES, QUESTIONS, RESTRICTION)
    kept = PassagePrefixes(scorer, PASSAGES, RESTRICTION)
    assert np.allclose(kept.relevance(QUESTIONS), direct, atol=1e-4)
    assert np.allclose(kept.relevance(QUESTIONS[1:2]), direct[1:2], atol=1e-4)


def test_a_passage_is_read_once(monkeypatch: pytest.MonkeyPatch):
    kept = PassagePrefixes(small_scorer("llama"), PASSAGES)
    read = []
    extended = SharedPrefix.extended
    monkeypatch.setattr(SharedPrefix, "extended", lambda self, ids: read.append(len(ids)) or extended(self, ids))
    told = []
    first = kept.relevance(QUESTIONS, lambda *at: told.append(at))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert read == [len(passage) for passage in PASSAGES]
    assert np.array_equal(kept.relevance(QUESTIONS), first)
    assert len(read) == 3


def test_without_memory_passages_are_read_again(monkeypatch: pytest.MonkeyPatch):
    scorer = small_scorer("llama")
    kept = PassagePrefixes(scorer, PASSAGES, most_bytes=0)
    first = kept.relevance(QUESTIONS)
    read = []
    extended = SharedPrefix.extended
    monkeypatch.setattr(SharedPrefix, "extended", lambda self, ids: read.append(len(ids)) or extended(self, ids))
    assert np.allclose(kept.relevance(QUESTIONS), first, atol=1e-6)
    assert len(read) == 3


def test_a_long_passage_is_cut_to_the_context_and_counted():
    scorer = small_scorer("llama")
    kept = PassagePrefixes(scorer, ["a" * 390, "b" * 600, "c"])
    found = kept.relevance(["which letter?"])
    assert kept.cut == 2
    begins = perplexity_ranking(scorer, ["b" * 387], ["which letter?"])
    assert np.allclose(found[0, 1], begins[0, 0], atol=1e-4)


def test_many_questions_go_in_several_batches(monkeypatch: pytest.MonkeyPatch):
    scorer = small_scorer("llama")
    whole = PassagePrefixes(scorer, PASSAGES).relevance(QUESTIONS * 4)
    monkeypatch.setattr("engines.parts.scoring.passage_prefixes.READ_TOKENS", 100)
    assert np.allclose(PassagePrefixes(scorer, PASSAGES).relevance(QUESTIONS * 4), whole, atol=1e-5)


def test_what_cannot_be_ranked_is_refused():
    scorer = small_scorer("llama")
    with pytest.raises(DataError, match="no passages"):
        PassagePrefixes(scorer, [])
    kept = PassagePrefixes(scorer, PASSAGES)
    assert kept.relevance([]).shape == (0, 3)
    with pytest.raises(DataError, match="is empty"):
        kept.relevance([""])
    with pytest.raises(DataError, match="400 at once"):
        kept.relevance(["x" * 400])


def test_numbers_that_are_not_finite_are_refused():
    scorer = small_scorer("llama")
    scorer.model.model.get_output_embeddings().weight.data.fill_(float("nan"))
    with pytest.raises(ModelError, match="no finite"):
        PassagePrefixes(scorer, PASSAGES).relevance(["why?"])


def test_the_real_model_ranks_the_source_first():
    found = PassagePrefixes(open_scorer("smollm2-135m-instruct"), PASSAGES).relevance(["What do bees do?"])
    assert int(found[0].argmax()) == 1

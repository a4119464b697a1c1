"""Scores against the usual way (all logits, log-softmax) for many architectures, trees and number formats."""

import math

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.parts.completions.prompts import answer_ids, chat, prompt_ids
from engines.parts.scoring import scoring
from engines.parts.scoring.scoring import Scorer, open_scorer
from tests.engines.parts.small_models import architectures, small_model
from workbench.contract.errors import DataError, ModelError

DEFAULT = "smollm2-135m-instruct"
LLAMA = Scorer(small_model(architectures()["llama"]))


def usual(scorer: Scorer, prompt: list[int], response: list[int]) -> np.ndarray:
    """Log-probability of each response token, from the whole logits of the pair alone."""
    with torch.inference_mode():
        logits = scorer.model.model(input_ids=torch.tensor([[*prompt, *response]])).logits[0].double()
    found = logits.log_softmax(-1)[len(prompt) - 1 : -1]
    return found.gather(-1, torch.tensor(response, dtype=torch.long)[:, None])[:, 0].numpy()


def pairs_over_documents(seed: int = 0) -> list[tuple[list[int], list[int]]]:
    """Documents, questions on each, responses to each: shared at two depths, alone, short and empty."""
    draw = np.random.default_rng(seed)

    def ids(length: int) -> list[int]:
        return draw.integers(3, 60, length).tolist()

    pairs = []
    for document in (ids(70), ids(50)):
        for question in (ids(40), ids(3)):
            pairs += [([*document, *question], ids(length)) for length in (5, 1, 12, 0)]
    same = ids(45)
    return [*pairs, (ids(9), ids(4)), (same[:5], same[5:]), (same[:7], same[7:40])]


@pytest.mark.parametrize("name", architectures())
def test_every_architecture_scores_as_the_usual_way(name: str):
    scorer = Scorer(small_model(architectures()[name]))
    assert (scorer.splits, scorer.shares) == (True, name != "mamba")
    pairs = pairs_over_documents()
    for found, pair in zip(scorer.score_ids(pairs), pairs, strict=True):
        assert np.allclose(found.by_token, usual(scorer, *pair), atol=1e-5)


def test_a_model_that_allows_no_shortcut_is_scored_the_usual_way(monkeypatch):
    monkeypatch.setattr(Scorer, "_tried", lambda self, shortcut: False)
    scorer = Scorer(small_model(architectures()["llama"]))
    pairs = pairs_over_documents()
    for found, pair in zip(scorer.score_ids(pairs), pairs, strict=True):
        assert np.allclose(found.by_token, usual(scorer, *pair), atol=1e-5)


ids = st.lists(st.integers(3, 5), min_size=1, max_size=50)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(ids, st.lists(st.integers(3, 5), max_size=9)), max_size=7), st.sampled_from([1, 3, 32]))
def test_any_tree_scores_as_the_usual_way(pairs, least):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "prefix_tree", lambda sequences: scoring_tree(sequences, least))
        found = LLAMA.score_ids(pairs)
    for scored, pair in zip(found, pairs, strict=True):
        assert np.allclose(scored.by_token, usual(LLAMA, *pair), atol=1e-5)


scoring_tree = scoring.prefix_tree


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-4), ("bfloat16", 0.25)])
def test_the_real_model_scores_as_the_usual_way(dtype, tolerance):
    scorer = open_scorer(DEFAULT, dtype)
    assert scorer is open_scorer(DEFAULT, dtype)
    question = "The river rises in Peru and meets the sea in Brazil. " * 6 + "Where does it rise?"
    pairs = [(chat(question), answer) for answer in ("In Peru.", "In Brazil.", "Nobody knows where it rises.")]
    pairs += [("The capital of France is", " Paris"), ("The capital of France is", " made of cheese")]
    found = scorer.score(pairs)
    for scored, (prompt, answer) in zip(found, pairs, strict=True):
        encoded = [prompt_ids(prompt, scorer.model.tokenizer), answer_ids(answer, scorer.model.tokenizer)]
        assert scored.tokens == len(encoded[1])
        assert np.allclose(scored.by_token, usual(scorer, *encoded), atol=tolerance)
    assert found[0].mean > found[1].mean
    assert found[3].logprob > found[4].logprob


def test_what_a_score_says():
    (empty, one) = LLAMA.score_ids([([4, 5], []), ([4, 5], [6])])
    assert (empty.logprob, empty.tokens) == (0.0, 0)
    assert math.isnan(empty.mean)
    assert one.perplexity == pytest.approx(math.exp(-one.logprob))
    assert LLAMA.score_ids([]) == []


def test_progress_ends_at_all_pairs():
    heard: list[tuple[int, int]] = []
    pairs = pairs_over_documents()
    LLAMA.score_ids(pairs, lambda done, total: heard.append((done, total)))
    answered = sum(bool(response) for _, response in pairs)
    assert heard[-1] == (answered, answered)
    assert heard == sorted(heard)


def test_pairs_that_do_not_fit_are_named():
    with pytest.raises(DataError, match="Pair 2 has 401 tokens; the model reads 400") as refused:
        LLAMA.score_ids([([4], [5]), ([4] * 390, [5] * 11)])
    assert refused.value.row == 2
    with pytest.raises(DataError, match="prompt of pair 1 has no tokens"):
        LLAMA.score_ids([([], [5])])


def test_a_long_prompt_may_lose_its_beginning():
    scorer = open_scorer(DEFAULT)
    text, context = "no " * 9000, scorer.model.context
    with pytest.raises(DataError, match=f"the model reads {context:,} at once"):
        scorer.score([(text, " yes")])
    ids = scorer._fitting(list(range(context + 50)), [1, 2, 3], "truncate left", 1)[0]
    assert ids == list(range(53, context + 50))


def test_numbers_that_are_none_are_refused():
    model = small_model(architectures()["llama"])
    scorer = Scorer(model)
    with torch.no_grad():
        model.model.get_input_embeddings().weight[7] = float("nan")
    with pytest.raises(ModelError, match="no finite log-probability for response 2"):
        scorer.score_ids([([4], [5]), ([7], [5])])

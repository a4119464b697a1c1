"""Answers written side by side, against the same model reading each text whole, for every way of attending."""

from types import SimpleNamespace

import pytest
import torch

from engines.parts.completions.generation import Request, Sampling
from engines.parts.decoding import decoding
from engines.parts.decoding.decoding import Decoder
from engines.parts.decoding.growing_answer import AnswerRules, AskedPrompt, GrowingAnswer
from engines.parts.prefixes import batch_attention as row_attention
from engines.parts.prefixes import batch_kv_cache as row_cache
from tests.engines.parts.small_models import architectures
from tests.engines.parts.small_tokenizer import small_chat_model

BATCHED = [name for name in architectures() if name != "mamba"]


def prompts() -> list[list[int]]:
    """Two documents of 60 tokens with questions on each, one of them twice, and some that share nothing."""
    draw = torch.Generator().manual_seed(1)

    def ids(length: int) -> list[int]:
        return torch.randint(5, 320, (length,), generator=draw).tolist()

    first, second = ids(60), ids(60)
    questions = [[*first, *ids(4)], [*first, *ids(9)], [*second, *ids(2)], [*second, *ids(40)]]
    return [*questions, questions[0], ids(1), ids(20), ids(33)]


def growing(model, ids: list[list[int]], tokens: list[int], ends=frozenset(), sampling=None) -> list[GrowingAnswer]:
    rules = AnswerRules(sampling or Sampling(), model.tokenizer, ends)
    asked = zip(ids, tokens, strict=True)
    return [GrowingAnswer(AskedPrompt(at, Request(str(at)), *one), rules) for at, one in enumerate(_asked(asked))]


def _asked(pairs):
    return ((ids, 0, room) for ids, room in pairs)


def whole(model, ids: list[int], tokens: int) -> list[int]:
    """Greedy tokens, everything read anew for each."""
    read = list(ids)
    with torch.inference_mode():
        for _ in range(tokens):
            read.append(model.model(input_ids=torch.tensor([read]), use_cache=False).logits[0, -1].argmax().item())
    return read[len(ids) :]


@pytest.mark.parametrize("name", BATCHED)
def test_every_architecture_writes_what_it_writes_alone(name: str, monkeypatch):
    monkeypatch.setattr(decoding, "ROWS", 3)
    monkeypatch.setattr(row_cache, "AHEAD", 4)
    monkeypatch.setattr(row_attention, "BLOCK_PRICE", 1)
    monkeypatch.setattr(row_attention, "LEAST_SHARED", 8)
    model = small_chat_model(name)
    ids, tokens = prompts(), [12, 3, 1, 9, 12, 15, 2, 7]
    answers = growing(model, ids, tokens)
    list(Decoder(model).written(answers))
    for answer, one, length in zip(answers, ids, tokens, strict=True):
        assert answer.ids == whole(model, one, length)
        assert answer.finish == "length"


def test_shared_tokens_are_computed_once():
    model = small_chat_model()
    ids = prompts()
    answers = growing(model, ids, [2] * len(ids))
    list(Decoder(model).written(answers))
    own = sum(map(len, ids)) - 2 * 60 - 60
    assert sum(answer.computed for answer in answers) == own + len(ids)


def test_an_end_token_makes_room_at_once():
    model = small_chat_model()
    ids = [[7, 8, 9], [9, 8, 7], [5, 6]]
    usual = [whole(model, one, 10) for one in ids]
    ends = frozenset({usual[0][4], usual[1][0]})
    answers = growing(model, ids, [10] * 3, ends)
    list(Decoder(model).written(answers))
    for answer, one in zip(answers, usual, strict=True):
        stop = next((at for at, token in enumerate(one) if token in ends), None)
        assert answer.ids == (one if stop is None else one[: stop + 1])
        assert answer.finish == ("length" if stop is None else "stop")


def test_nothing_asked():
    assert list(Decoder(small_chat_model()).written([])) == []


def test_rows_fit_into_free_memory(monkeypatch):
    model = small_chat_model()
    monkeypatch.setattr(decoding.psutil, "virtual_memory", lambda: SimpleNamespace(available=1))
    answers = growing(model, [[5, 6], [7, 8]], [4, 4])
    steps = list(Decoder(model).written(answers))
    assert [len(step) for step in steps[1:]] == [1] * 6
    assert answers[0].ids == whole(model, [5, 6], 4)

"""Answers of this process's own decoding loop, against transformers' `generate`."""

import pytest
import torch

from engines.parts.generation import Request, Sampling
from engines.parts.local_generation import LocalBackend
from engines.parts.prompts import chat, prompt_ids
from engines.parts.token_texts import decoded
from tests.engines.parts.small_tokenizer import small_chat_model
from workbench.errors import DataError, ModelError

PROMPTS = ("the river rises", chat("what is the answer?"), "a", "the sea " * 12, chat("Ünï", system="the mountains"))
LLAMA = LocalBackend(small_chat_model())


def answers(backend, requests, sampling, listen=None):
    found = dict(backend.complete(requests, sampling, listen))
    assert sorted(found) == list(range(len(requests)))
    return [found[at] for at in range(len(requests))]


def generated(model, prompt, tokens: int) -> str:
    ids = prompt_ids(prompt, model.tokenizer)
    with torch.inference_mode():
        found = model.model.generate(
            torch.tensor([ids]),
            attention_mask=torch.ones(1, len(ids), dtype=torch.long),
            max_new_tokens=tokens,
            do_sample=False,
            eos_token_id=[2, 4],
            pad_token_id=0,
        )
    return decoded(model.tokenizer, found[0, len(ids) :].tolist())


def test_greedy_answers_are_those_of_generate():
    found = answers(LLAMA, [Request(prompt) for prompt in PROMPTS], Sampling(max_tokens=20))
    assert [one.text for one in found] == [generated(LLAMA.model, prompt, 20) for prompt in PROMPTS]
    assert len({one.text for one in found}) == len(PROMPTS)
    for one, tokens in zip(found, LLAMA.count(PROMPTS), strict=True):
        assert one.prompt_tokens == tokens
        assert (one.finish, one.tokens) == ("length", 20) or (one.finish == "stop" and one.tokens <= 20)


def test_a_sample_is_its_own():
    sampling = Sampling(max_tokens=12, temperature=1.0, top_p=0.95)
    requests = [Request(prompt, sample) for prompt in PROMPTS for sample in range(3)]
    together = answers(LLAMA, requests, sampling)
    alone = [answers(LLAMA, [request], sampling)[0].text for request in requests]
    assert [one.text for one in together] == alone
    assert len(set(alone)) > len(PROMPTS)


def test_a_prompt_must_have_tokens_and_fit():
    with pytest.raises(DataError, match="Prompt 2 has no tokens") as refused:
        answers(LLAMA, [Request("a"), Request("")], Sampling())
    assert refused.value.row == 2
    with pytest.raises(DataError, match="Prompt 1 has 400 tokens; the model reads 400"):
        answers(LLAMA, [Request("x" * 400)], Sampling())


def test_the_context_ends_an_answer():
    (found,) = answers(LLAMA, [Request("x" * 395)], Sampling(max_tokens=50))
    assert (found.finish, found.tokens) == ("length", 5)


def test_a_long_prompt_may_lose_its_beginning():
    sampling = Sampling(max_tokens=8, too_long="truncate left")
    cut, whole = answers(LLAMA, [Request("abc" * 200), Request(("abc" * 200)[-392:])], sampling)
    assert (cut.truncated, cut.prompt_tokens, cut.text) == (208, 392, whole.text)
    (half,) = answers(LLAMA, [Request("abc" * 200)], Sampling(max_tokens=1000, too_long="truncate left"))
    assert half.prompt_tokens == 200


def test_a_chat_needs_a_template():
    model = small_chat_model()
    model.tokenizer.chat_template = None
    with pytest.raises(ModelError, match="no chat template"):
        answers(LocalBackend(model), [Request(chat("a"))], Sampling())


def test_logits_that_are_none_are_refused():
    model = small_chat_model()
    with torch.no_grad():
        model.model.get_input_embeddings().weight[model.tokenizer("q")["input_ids"][0]] = float("nan")
    with pytest.raises(ModelError, match="no finite probabilities"):
        answers(LocalBackend(model), [Request("q")], Sampling(max_tokens=3))

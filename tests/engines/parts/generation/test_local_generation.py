"""Answers of this process's own decoding loop, against transformers' `generate`."""

from typing import Any

import pytest
import torch

from engines.parts.completions.generation import Request, Sampling
from engines.parts.completions.prompts import chat, prompt_ids
from engines.parts.decoding import decoding
from engines.parts.decoding.decoding import Decoder
from engines.parts.decoding.token_texts import decoded
from engines.parts.generation.local_generation import LocalBackend, open_local
from tests.engines.parts.fetched import require_fetched
from tests.engines.parts.small_tokenizer import small_chat_model
from workbench.contract.errors import DataError, ModelError, ResourceError

PROMPTS = ("the river rises", chat("what is the answer?"), "a", "the sea " * 12, chat("Ünï", system="the mountains"))
pytestmark = pytest.mark.usefixtures("told_speeds")
DEFAULT = "smollm2-135m-instruct"
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


@pytest.mark.parametrize("name", ["llama", "gpt2", "mamba"])
def test_greedy_answers_are_those_of_generate(name):
    backend = LocalBackend(small_chat_model(name))
    found = answers(backend, [Request(prompt) for prompt in PROMPTS], Sampling(max_tokens=20))
    assert [one.text for one in found] == [generated(backend.model, prompt, 20) for prompt in PROMPTS]
    assert len({one.text for one in found}) > 2
    for one, tokens in zip(found, backend.count(PROMPTS), strict=True):
        assert one.prompt_tokens == tokens
        assert (one.finish, one.tokens) == ("length", 20) or (one.finish == "stop" and one.tokens <= 20)


def test_a_sample_is_its_own():
    sampling = Sampling(max_tokens=12, temperature=1.0, top_p=0.95)
    requests = [Request(prompt, sample) for prompt in PROMPTS for sample in range(3)]
    together = answers(LLAMA, requests, sampling)
    alone = [answers(LLAMA, [request], sampling)[0].text for request in requests]
    assert [one.text for one in together] == alone
    assert len(set(alone)) > len(PROMPTS)


def test_the_real_model_writes_the_same_alone_beside_others_and_by_generate():
    require_fetched(DEFAULT)
    backend = open_local(DEFAULT, "float32")
    prompts = [chat("What is the capital of France?"), chat("Name three colours.")]
    found = answers(backend, [Request(prompt) for prompt in prompts], Sampling(max_tokens=6))
    alone = answers(backend, [Request(prompts[1])], Sampling(max_tokens=6))
    assert alone[0].text == found[1].text == generated(backend.model, prompts[1], 6)
    assert "Paris" in found[0].text


def test_log_probabilities_are_the_untempered_models():
    sampling = Sampling(max_tokens=6, temperature=2.0, top_k=5, logprobs=True, alternatives=3)
    for prompt in PROMPTS:
        (found,) = answers(LLAMA, [Request(prompt)], sampling)
        ids = prompt_ids(prompt, LLAMA.model.tokenizer)
        for choice in found.choices:
            with torch.inference_mode():
                scores = LLAMA.model.model(torch.tensor([ids])).logits[0, -1].log_softmax(-1)
            best = scores.topk(3).values.tolist()
            assert [value for _, value in choice.alternatives] == pytest.approx(best, abs=1e-4)
            near = (scores - choice.logprob).abs()
            assert near.min() < 1e-4
            ids = [*ids, int(near.argmin())]
        assert "".join(choice.text for choice in found.choices) == found.text


def test_a_stop_text_is_never_heard():
    (plain,) = answers(LLAMA, [Request(PROMPTS[0])], Sampling(max_tokens=20))
    stop = plain.text[5:8]
    heard: list[str] = []
    (found,) = answers(
        LLAMA, [Request(PROMPTS[0])], Sampling(max_tokens=20, stop=(stop,)), lambda index, text: heard.append(text)
    )
    assert (found.text, found.finish) == (plain.text[: plain.text.index(stop)], "stop")
    assert heard[-1] == found.text
    assert all(found.text.startswith(text) for text in heard)


def test_answers_come_as_they_finish_and_closing_ends_the_work(monkeypatch):
    monkeypatch.setattr(decoding, "ROWS", 2)
    requests = [Request(prompt, sample) for prompt in PROMPTS for sample in range(2)]
    heard: list[int] = []
    sampling = Sampling(max_tokens=40, temperature=1.0)
    completing: Any = LLAMA.complete(requests, sampling, lambda index, _: heard.append(index))
    next(completing)
    completing.close()
    assert len(heard) < 40 * 4


def test_what_the_listener_raises_ends_it():
    def stop(index: int, text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answers(LLAMA, [Request("a")], Sampling(max_tokens=4), stop)


def test_the_speed_is_kept(told_speeds):
    found = answers(LLAMA, [Request(prompt) for prompt in PROMPTS], Sampling(max_tokens=9))
    ((fingerprint, dtype, tokens, seconds),) = told_speeds
    assert (fingerprint, dtype, tokens) == (LLAMA.fingerprint, "float32", sum(one.tokens for one in found))
    assert seconds > 0


@pytest.mark.parametrize(
    "error", [RuntimeError("DefaultCPUAllocator: can't allocate memory"), MemoryError(), torch.OutOfMemoryError()]
)
def test_memory_may_run_out(monkeypatch, error):
    monkeypatch.setattr(Decoder, "step", lambda *_: (_ for _ in ()).throw(error))
    with pytest.raises(ResourceError, match="Memory ran out"):
        answers(LLAMA, [Request("a")], Sampling(max_tokens=4))


@pytest.mark.parametrize("kind", [RuntimeError, RecursionError, NotImplementedError])
def test_another_failure_stays_what_it_is(monkeypatch, kind):
    monkeypatch.setattr(Decoder, "step", lambda *_: (_ for _ in ()).throw(kind("shapes differ")))
    with pytest.raises(kind, match="shapes differ"):
        answers(LLAMA, [Request("a")], Sampling(max_tokens=4))


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

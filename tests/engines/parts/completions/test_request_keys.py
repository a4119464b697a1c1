"""Keys and seeds of requests: equal for equal requests, and for no others."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.completions.generation import Request, Sampling
from engines.parts.completions.prompts import Message, chat
from engines.parts.completions.request_keys import answer_key, prompt_text, request_seed

PROMPTS = st.one_of(st.text(), st.builds(chat, st.text(), st.text()))


@given(PROMPTS, PROMPTS)
def test_only_equal_prompts_have_one_text(one, other):
    assert (prompt_text(one) == prompt_text(other)) == (one == other)


def test_a_text_that_looks_like_a_chat_is_none():
    assert prompt_text('[["user","hello"]]') != prompt_text((Message("user", "hello"),))


@given(st.text(), st.integers(0, 2**63 - 1), st.integers(0, 9))
def test_a_seed_is_a_number_that_every_server_takes(prompt: str, seed: int, sample: int):
    assert 0 <= request_seed(seed, Request(prompt, sample)) < 2**31
    assert request_seed(seed, Request(prompt, sample)) == request_seed(seed, Request(prompt, sample))


def test_a_seed_differs_by_each_of_its_parts():
    seeds = {request_seed(seed, Request(p, s)) for seed in range(3) for p in ("a", "b", "1") for s in range(3)}
    assert len(seeds) == 27


@pytest.mark.parametrize(
    "other",
    [
        ("g", "float32", Sampling(), Request("p")),
        ("f", "bfloat16", Sampling(), Request("p")),
        ("f", "float32", Sampling(seed=1), Request("p")),
        ("f", "float32", Sampling(stop=("x",)), Request("p")),
        ("f", "float32", Sampling(), Request("q")),
        ("f", "float32", Sampling(), Request("p", 1)),
    ],
)
def test_a_key_differs_by_each_of_its_parts(other):
    assert answer_key(*other) != answer_key("f", "float32", Sampling(), Request("p"))


def test_the_number_of_samples_does_not_matter_to_an_answer():
    sampling = Sampling(temperature=1.0, n=1)
    request = Request("p", 0)
    assert answer_key("f", "d", sampling, request) == answer_key("f", "d", replace(sampling, n=9), request)

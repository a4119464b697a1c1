"""The sampler: what is kept by temperature, top-k and top-p, and that each answer has its own randomness."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.parts.completions.generation import Sampling
from engines.parts.completions.prompts import Message
from engines.parts.decoding import sampling as token_draw
from engines.parts.decoding.sampling import next_tokens, probabilities, random_numbers
from workbench.contract.errors import ModelError

LOGITS = torch.tensor([[1.0, 0.5, 0.2, 0.3]]).log()


def test_a_number_is_looked_up_in_the_cumulative_probabilities():
    sampling = Sampling(temperature=1)
    found = [next_tokens(LOGITS, np.array([number]), sampling).item() for number in (0, 0.49, 0.51, 0.74, 0.76, 0.86)]
    assert found == [0, 0, 1, 1, 2, 3]


def test_temperature_sharpens_and_zero_takes_the_likeliest():
    colder = probabilities(LOGITS, Sampling(temperature=0.5))
    assert torch.allclose(colder, torch.tensor([[1.0, 0.25, 0.04, 0.09]]) / 1.38)
    assert next_tokens(LOGITS, np.array([0.99]), Sampling()).item() == 0
    assert next_tokens(LOGITS, np.array([0.99]), Sampling(temperature=1e-40)).item() == 0


def test_top_k_and_top_p_keep_the_likeliest():
    kept = probabilities(LOGITS, Sampling(temperature=1, top_k=2))
    assert torch.allclose(kept, torch.tensor([[2 / 3, 1 / 3, 0, 0]]))
    half = probabilities(LOGITS, Sampling(temperature=1, top_p=0.5))
    assert (half > 0).tolist() == [[True, False, False, False]]
    more = probabilities(LOGITS, Sampling(temperature=1, top_p=0.76))
    assert (more > 0).tolist() == [[True, True, False, True]]


@settings(max_examples=40)
@given(st.integers(0, 1000), st.sampled_from([0.3, 1.0, 2.5]), st.integers(1, 40), st.floats(0.05, 0.99))
def test_transformers_keeps_the_same_tokens(seed, temperature, top_k, top_p):
    from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

    logits = torch.randn((2, 50), generator=torch.Generator().manual_seed(seed)) * 3
    ids: torch.Tensor = torch.zeros((2, 1), dtype=torch.long)
    theirs = logits
    for warper in (TemperatureLogitsWarper(temperature), TopKLogitsWarper(top_k)):
        theirs = warper(ids, theirs)  # pyright: ignore[reportArgumentType]
    theirs = TopPLogitsWarper(top_p)(ids, theirs).softmax(-1)  # pyright: ignore[reportArgumentType]
    ours = probabilities(logits, Sampling(temperature=temperature, top_k=top_k, top_p=top_p))
    assert torch.allclose(ours / ours.sum(-1, keepdim=True), theirs, atol=1e-5)


def test_a_flat_distribution_is_sorted_whole(monkeypatch):
    monkeypatch.setattr(token_draw, "NEAR", 4)
    logits = torch.linspace(0, 1, 100)[None]
    kept = probabilities(logits, Sampling(temperature=1, top_p=0.5)) > 0
    share = logits.softmax(-1)[kept].sum().item()
    assert 0.5 <= share < 0.5 + logits.softmax(-1).max().item()


def test_samples_follow_the_distribution():
    sampling = Sampling(temperature=1)
    numbers = np.concatenate([random_numbers(0, "a", sample).random(40) for sample in range(100)])
    found = np.bincount(next_tokens(LOGITS.expand(4000, -1), numbers, sampling), minlength=4) / 4000
    assert np.abs(found - [0.5, 0.25, 0.1, 0.15]).max() < 0.025


def test_seed_prompt_and_sample_decide_the_numbers():
    chats = ((Message("user", "a"),), (Message("system", "a"),))
    keys = [(0, "a", 0), (1, "a", 0), (0, "b", 0), (0, "a", 1), (0, chats[0], 0), (0, chats[1], 0), (0, "\ud800", 0)]
    first = [random_numbers(*key).random() for key in keys]
    assert len(set(first)) == len(keys)
    assert first == [random_numbers(*key).random() for key in keys]


def test_a_number_just_below_one_draws_the_last_possible_token():
    logits = torch.tensor([[0.0, 0.0, -torch.inf]])
    assert next_tokens(logits, np.array([np.nextafter(1, 0)]), Sampling(temperature=1)).item() == 1


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_logits_that_are_none_are_refused(temperature, value):
    logits = torch.tensor([[0.0, 1.0], [value, 1.0]])
    with pytest.raises(ModelError, match="no finite probabilities"):
        next_tokens(logits, np.zeros(2), Sampling(temperature=temperature))

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.parts.bradley_terry.pair_loss import PairTensors, centred, chances_to_win, expanded_loss, one_pair_loss
from engines.parts.ranking.pairs import pairs_of

SEEDS = st.integers(0, 10_000)


def test_loss_by_hand():
    scores = torch.tensor([[0.0, np.log(3.0)]], dtype=torch.float64)
    pairs = PairTensors.of(pairs_of(np.array([[0.0, 1.0]]), "drop", 0))
    assert float(expanded_loss(scores, pairs)) == pytest.approx(-np.log(0.75))
    assert float(one_pair_loss(scores[0], 0, 1, 0.5)) == pytest.approx(-0.5 * np.log(0.75) - 0.5 * np.log(0.25))


@settings(max_examples=30)
@given(SEEDS, st.sampled_from(["drop", "half"]), st.integers(2, 6))
def test_expanded_pairs_have_the_loss_and_gradient_of_one_forward_a_pair(seed, ties, teachers):
    torch.manual_seed(seed)
    rewards = np.round(np.random.default_rng(seed).random((5, teachers)), 1)
    rewards[0, 0] = np.nan
    pairs = pairs_of(rewards, ties, 1e-6)
    if not len(pairs):
        return
    known = torch.randn(5, 7, dtype=torch.float64)
    weights = [torch.nn.Linear(7, 4).double(), torch.nn.Linear(4, teachers).double()]
    network = torch.nn.Sequential(weights[0], torch.nn.Tanh(), weights[1])
    together = expanded_loss(network(known), PairTensors.of(pairs))
    together.backward()
    found = [value.grad.clone() for value in network.parameters()]
    network.zero_grad()
    for prompt, a, b, label in zip(pairs.prompt, pairs.a, pairs.b, pairs.label, strict=True):
        # the literal form: the prompt is read again for every pair
        (one_pair_loss(network(known[prompt]), int(a), int(b), float(label)) / len(pairs)).backward()
    apart = sum(
        float(one_pair_loss(network(known[prompt]), int(a), int(b), float(label)).detach())
        for prompt, a, b, label in zip(pairs.prompt, pairs.a, pairs.b, pairs.label, strict=True)
    )
    assert float(together.detach()) == pytest.approx(apart / len(pairs), rel=1e-9)
    for one, value in zip(found, network.parameters(), strict=True):
        torch.testing.assert_close(one, value.grad, rtol=1e-8, atol=1e-12)


def test_a_constant_of_the_prompt_changes_nothing():
    scores = np.array([[1.0, 2.0, 4.0], [0.0, 0.0, -3.0]])
    np.testing.assert_allclose(centred(scores + np.array([[5.0], [-2.0]])), centred(scores))
    np.testing.assert_allclose(centred(scores).sum(1), 0, atol=1e-12)
    np.testing.assert_allclose(chances_to_win(scores + 3), chances_to_win(scores))


def test_chances_by_hand():
    np.testing.assert_allclose(chances_to_win(np.array([[0.0, np.log(3.0)]])), [[0.25, 0.75]])
    np.testing.assert_allclose(chances_to_win(np.zeros((1, 4))), 0.5)

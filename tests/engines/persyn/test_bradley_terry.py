import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.persyn.bradley_terry import (
    TRACE,
    PairTensors,
    centred,
    chances_to_win,
    expanded_loss,
    one_pair_loss,
    open_tuned,
    solve_head,
    tune,
)
from engines.persyn.config import PersynConfig
from engines.persyn.rewards import combined, hit_at, normalised, pairs_of, pairwise_accuracy, regrets
from tests.engines.parts.training_runs import attempt, run_folder
from tests.engines.persyn.planted_teachers import TEACHERS, planted
from tests.engines.persyn.tiny_run import tiny_model
from workbench.contract.errors import ModelError, RunStopped
from workbench.contract.run_log import RunCell

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


SIZES = (50, 200, 800)
DRAWS = (0, 1, 2)
DECAY = 0.3


def rewards_of(quality: np.ndarray, learnability: np.ndarray) -> np.ndarray:
    return combined(normalised(quality, "minmax"), normalised(learnability, "minmax"), 0.4)


def judged(seed: int, size: int) -> dict[str, float]:
    vectors, quality, learnability = planted(seed, size)
    asked, *raw = planted(100 + seed, 2000)
    head = solve_head(vectors, pairs_of(rewards_of(quality, learnability), "drop", 1e-6), TEACHERS, DECAY)
    scores, rewards = head.scores(asked), rewards_of(*raw)
    best_single = np.full(len(rewards), rewards_of(quality, learnability).mean(0).argmax())
    return {
        "regret": regrets(rewards, scores.argmax(1)).mean(), "single": regrets(rewards, best_single).mean(),
        "hit_1": hit_at(scores, rewards, 1).mean(), "hit_3": hit_at(scores, rewards, 3).mean(),
        "pairwise": np.nanmean(pairwise_accuracy(scores, rewards)), "gain": head.first_loss - head.last_loss,
    }  # fmt: skip


def test_regret_falls_with_calibration_and_approaches_the_oracle():
    found = {size: [judged(seed, size) for seed in DRAWS] for size in SIZES}
    regret = {size: np.mean([one["regret"] for one in each]) for size, each in found.items()}
    single = np.mean([one["single"] for one in found[800]])
    assert regret[50] > regret[200] > regret[800]
    assert regret[800] < 0.35 * single, "most of what the best single teacher loses is won back"
    assert all(low["regret"] > high["regret"] for low, high in zip(found[50], found[800], strict=True)), "every seed"
    last = found[800]
    assert min(one["hit_3"] for one in last) > 0.85 > 0.6 > 0.4 and min(one["hit_1"] for one in last) > 0.55
    assert min(one["pairwise"] for one in last) > 0.8


def test_the_head_is_the_minimum():
    vectors, quality, learnability = planted(0, 40)
    pairs = pairs_of(rewards_of(quality, learnability), "drop", 1e-6)
    head = solve_head(vectors, pairs, TEACHERS, DECAY)
    known = torch.as_tensor(vectors - vectors.mean(0))
    weight = torch.tensor(head.weight, dtype=torch.float64, requires_grad=True)
    bias = torch.tensor(head.bias, dtype=torch.float64, requires_grad=True)
    loss = expanded_loss(known @ weight + bias, PairTensors.of(pairs))
    loss = loss + DECAY / (2 * len(vectors)) * weight.square().sum() + TRACE * bias.square().sum()
    loss.backward()
    assert weight.grad.abs().max() < 1e-4 and bias.grad.abs().max() < 1e-4
    assert head.first_loss == pytest.approx(np.log(2))
    assert head.last_loss < head.first_loss


def test_a_heavy_penalty_leaves_one_teacher_for_all():
    vectors, quality, learnability = planted(0, 60)
    head = solve_head(vectors, pairs_of(rewards_of(quality, learnability), "drop", 1e-6), TEACHERS, 1e6)
    assert len(set(head.scores(vectors).argmax(1))) == 1


def test_a_teacher_that_always_wins_has_a_finite_score():
    vectors = planted(0, 20)[0]
    rewards = np.tile([0.0, 1.0], (20, 1))
    head = solve_head(vectors, pairs_of(rewards, "drop", 0), 2, DECAY)
    scores = head.scores(vectors)
    assert np.isfinite(scores).all() and (scores[:, 1] > scores[:, 0] + 2).all()


TEXTS = [f"{at} {'bread ' * 4 if at % 2 else 'stamps ' * 4}" for at in range(12)]
REWARDS = np.array([[0.0, 0.5, 1.0] if at % 2 else [1.0, 0.5, 0.0] for at in range(12)])
PAIRS = pairs_of(REWARDS, "drop", 0)


CELL = RunCell("persyn", 0, "router")
SETTINGS = PersynConfig(router_epochs=2, router_batch=4, router_learning_rate=0.03)


def tuned(router, name, epochs=2, rate=0.03, seed=0):
    """Losses of a training on the pairs above, four prompts an update."""
    config = PersynConfig(router_epochs=epochs, router_batch=4, router_learning_rate=rate)
    with attempt(run_folder(f"persyn-{name}")) as log:
        return tune(router, TEXTS, PAIRS, config, RunCell("persyn", seed, "router"), log)


KINDS = pytest.mark.parametrize("kind", ["causal", "encoder"])


def fresh(kind):
    torch.manual_seed(0)
    return open_tuned(tiny_model(), kind, 3, 4, "float32")


@KINDS
def test_it_learns_who_is_better_for_which_prompt(kind):
    router = fresh(kind)
    assert np.abs(router.scores(TEXTS)).max() == 0, "before training all teachers are equal"
    losses = tuned(router, f"learns-{kind}", 40, 0.02)
    assert np.mean(losses[-12:]) < 0.7 * losses[0] and losses[0] == pytest.approx(np.log(2))
    assert (router.scores(TEXTS).argmax(1) == REWARDS.argmax(1)).mean() > 0.9


@KINDS
def test_scores_do_not_depend_on_the_batch(kind):
    router = fresh(kind)
    tuned(router, f"batches-{kind}")
    together = router.scores([*TEXTS, "a much longer prompt that is padded beside none of the others"])
    apart = np.concatenate([router.scores([text]) for text in TEXTS])
    np.testing.assert_allclose(together[:-1], apart, atol=1e-5)


def test_one_forward_has_the_gradient_of_one_forward_a_pair():
    router = fresh("causal")
    torch.nn.init.normal_(router.head.weight)
    router.eval()
    some = PAIRS.of(np.arange(3))
    encoded = router.encoded(TEXTS[:3])

    def score(at: int) -> torch.Tensor:
        return router(torch.tensor([encoded[at]]), torch.ones(1, len(encoded[at]), dtype=torch.long))[0]

    expanded_loss(torch.stack([score(at) for at in range(3)]), PairTensors.of(some)).backward()
    trained = [value for value in router.parameters() if value.requires_grad]
    together = [value.grad.clone() for value in trained]
    router.zero_grad()
    for prompt, a, b, label in zip(some.prompt, some.a, some.b, some.label, strict=True):
        (one_pair_loss(score(int(prompt)), int(a), int(b), float(label)) / len(some)).backward()
    for one, value in zip(together, trained, strict=True):
        torch.testing.assert_close(one, value.grad, rtol=1e-3, atol=1e-6)


def test_arrays_bring_a_router_back():
    router = fresh("encoder")
    tuned(router, "arrays")
    again = fresh("encoder").restore(router.arrays())
    np.testing.assert_allclose(again.scores(TEXTS), router.scores(TEXTS), atol=1e-6)
    with pytest.raises(ModelError, match="does not fit"):
        fresh("encoder").restore({"head.weight": np.zeros((9, 9), np.float32)})


def test_a_seed_gives_the_same_router():
    found = []
    for at in range(2):
        router = fresh("causal")
        tuned(router, f"seed-{at}", epochs=1, seed=5)
        found.append(router.scores(TEXTS))
    np.testing.assert_array_equal(*found)


def test_a_killed_training_goes_on_to_the_bit():
    whole = fresh("causal")
    losses = tuned(whole, "unbroken")
    with pytest.raises(RunStopped), attempt(run_folder("persyn-resumed")) as log:
        log.stopping = lambda: True  # so that each update is saved

        def progress(done, total, unit):
            if done == 2:
                raise RunStopped

        log.progress = progress
        tune(fresh("causal"), TEXTS, PAIRS, SETTINGS, CELL, log)
    resumed = fresh("causal")
    assert tuned(resumed, "resumed") == losses and len(losses) == 6
    np.testing.assert_array_equal(resumed.scores(TEXTS), whole.scores(TEXTS))


def test_long_prompts_are_cut():
    router = fresh("causal")
    assert [len(ids) for ids in router.encoded(["x" * 2000, ""])] == [router.context, 1]
    router.scores(["x" * 2000, "", "x"])
    assert router.cut == 1, "and counted"

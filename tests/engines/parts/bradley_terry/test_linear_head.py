import numpy as np
import pytest
import torch

from engines.parts.bradley_terry.linear_head import TRACE, solve_head
from engines.parts.bradley_terry.pair_loss import PairTensors, expanded_loss
from engines.parts.ranking.pairs import pairs_of
from engines.parts.ranking.ranking_measures import hit_at, pairwise_accuracy, regrets
from engines.persyn.rewards import combined, normalised
from tests.engines.persyn.planted_teachers import TEACHERS, planted

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

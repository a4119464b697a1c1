import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engines.persyn.measures import chosen_rewards, regrets
from engines.persyn.rewards import best_teacher
from engines.persyn.score_grid import (
    NONE,
    ScoreGrid,
    Truth,
    best_single,
    hits,
    policies,
)

GAP = float("nan")
NAMES = ("a", "b", "c")
QUALITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, GAP], [1.0, 1.0, 0.0], [GAP, GAP, GAP]])
EASE = np.array([[0.0, 1.0, 0.5], [1.0, 0.0, GAP], [0.0, 0.5, 1.0], [GAP, GAP, GAP]])
ROUTER = np.array([[3.0, 2.0, 1.0], [0.0, 1.0, 5.0], [0.0, 1.0, 2.0], [1.0, 0.0, 0.0]])


def grid_of(teachers, quality, ease, router) -> ScoreGrid:
    return ScoreGrid(tuple(teachers), np.arange(len(quality)), quality, ease, router)


GRID = grid_of(NAMES, QUALITY, EASE, ROUTER)


def plain_policies(grid: ScoreGrid, alpha: float) -> dict[str, tuple[list[float], float, float, float]]:
    """The same four policies in loops: shares, reward, regret, missed."""
    names = range(len(grid.teachers))
    rewards = [
        [(1 - alpha) * q + alpha * e for q, e in zip(*both, strict=True)]
        for both in zip(grid.quality.tolist(), grid.learnability.tolist(), strict=True)
    ]
    there = [[not math.isnan(r) for r in row] for row in rewards]
    means = {
        t: sum(row[t] for row, ok in zip(rewards, there, strict=True) if ok[t]) / n
        for t in names
        if (n := sum(ok[t] for ok in there))
    }
    single = max(means, key=lambda t: (means[t], -t)) if means else None
    found: dict[str, tuple[list[float], float, float, float]] = {}
    for policy in ("oracle", "router", "best single teacher", "random"):
        counts, got, lost, missed = [0.0] * len(grid.teachers), [], [], 0.0
        for row, ok, scores in zip(rewards, there, grid.router.tolist(), strict=True):
            candidates = [t for t in names if ok[t]]
            if not candidates:
                continue
            low, top = min(row[t] for t in candidates), max(row[t] for t in candidates)
            scored = [t for t in names if not math.isnan(scores[t])]
            chosen = {
                "oracle": [max(candidates, key=lambda t: (row[t], -t))],
                "router": [max(scored, key=lambda t: (scores[t], -t))] if scored else [],
                "best single teacher": [single],
                "random": list(names),
            }[policy]
            if not chosen:
                continue
            for t in chosen:
                counts[t] += 1 / len(chosen)
                missed += (not ok[t]) / len(chosen)
            mean = sum(row[t] if ok[t] else low for t in chosen) / len(chosen)
            got.append(mean)
            lost.append(top - mean)
        total = sum(counts) or 1
        mean_of = lambda found: sum(found) / len(found) if found else GAP  # noqa: E731
        found[policy] = ([count / total for count in counts], mean_of(got), mean_of(lost), missed)
    return found


def compare(grid: ScoreGrid, alpha: float) -> None:
    expected = plain_policies(grid, alpha)
    for policy in policies(grid, alpha):
        shares, reward, regret, missed = expected[policy.name]
        assert policy.shares.tolist() == pytest.approx(shares)
        assert policy.reward == pytest.approx(reward, nan_ok=True)
        assert policy.regret == pytest.approx(regret, nan_ok=True, abs=1e-9)
        assert abs(policy.failed - missed) <= 0.5 + 1e-9


def test_rewards_by_hand():
    assert GRID.reward(0.4)[0].tolist() == pytest.approx([0.6, 0.4, 0.2])
    assert GRID.reward(0.0)[1, 0] == 0.0 and np.isnan(GRID.reward(0.5)[1, 2])


def test_the_best_by_hand():
    assert best_teacher(GRID.reward(0.4)).tolist() == [0, 1, 1, NONE]
    assert best_teacher(GRID.reward(1.0)).tolist() == [1, 0, 2, NONE]


def test_policies_by_hand():
    oracle, router, single, random = policies(GRID, 0.4)
    assert oracle.shares.tolist() == pytest.approx([1 / 3, 2 / 3, 0]) and oracle.regret == 0
    assert oracle.reward == pytest.approx((0.6 + 0.6 + 0.8) / 3)
    # The router: a (0.6), c without a response (the lowest, 0.4), c (0.4); the fourth prompt nobody answered
    assert (router.reward, router.failed) == (pytest.approx(1.4 / 3), 1)
    assert router.regret == pytest.approx((0 + 0.2 + 0.4) / 3)
    assert router.shares.tolist() == pytest.approx([1 / 3, 0, 2 / 3])
    assert best_single(GRID.reward(0.4)) == 1 and single.reward == pytest.approx((0.4 + 0.6 + 0.8) / 3)
    assert random.reward == pytest.approx((0.4 + (0.4 + 0.6 + 0.4) / 3 + 1.8 / 3) / 3)


def test_hits_by_hand():
    reward = GRID.reward(0.4)
    assert hits(ROUTER, reward, 1) == pytest.approx(1 / 3)
    assert hits(ROUTER, reward, 2) == 1.0
    assert hits(ROUTER, reward, 9) == 1.0


def test_any_of_tied_best_teachers_is_a_hit():
    assert hits(np.array([[0.0, 1.0]]), np.array([[0.5, 0.5]]), 1) == 1.0


def test_nothing_to_judge():
    empty = grid_of((), np.zeros((0, 0)), np.zeros((0, 0)), np.zeros((0, 0)))
    for grid in (empty, grid_of(("a",), *(np.full((2, 1), GAP),) * 3)):
        for policy in policies(grid, 0.4):
            assert math.isnan(policy.reward) and math.isnan(policy.regret) and policy.shares.sum() == 0
        assert math.isnan(hits(grid.router, grid.reward(0.4), 1))
    assert Truth(np.array([[0.5]])).judged("x", np.array([NONE])).shares.tolist() == [0]


def test_one_teacher_has_no_regret():
    grid = grid_of(("a",), np.array([[1.0], [0.0]]), np.zeros((2, 1)), np.zeros((2, 1)))
    assert [policy.regret for policy in policies(grid, 0.4)] == [0, 0, 0, 0]
    assert hits(grid.router, grid.reward(0.4), 3) == 1.0


def test_a_failed_choice_gets_the_lowest_reward():
    policy = Truth(np.array([[0.5, 0.75, GAP]])).judged("x", np.array([2]))
    assert (policy.reward, policy.regret, policy.failed) == (0.5, 0.25, 1)
    assert Truth(np.array([[0.5, GAP]])).drawn().reward == 0.5


VALUES = st.sampled_from([0.0, 0.25, 0.5, 1.0, GAP])


@given(st.integers(1, 6), st.integers(1, 4), st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.data())
def test_policies_equal_the_loops(prompts, teachers, alpha, data):
    draw = lambda: data.draw(arrays(float, (prompts, teachers), elements=VALUES))  # noqa: E731
    quality = draw()
    ease = np.where(np.isnan(quality), GAP, np.nan_to_num(draw()))
    compare(grid_of("abcd"[:teachers], quality, ease, draw()), alpha)


@given(arrays(float, (5, 4), elements=st.floats(0, 1)), st.floats(-100, 100))
def test_scores_count_up_to_a_constant(scores, shift):
    reward = np.arange(20.0).reshape(5, 4)[:, ::-1]
    rounded = scores.round(3)
    assert hits(rounded, reward, 2) == hits(rounded * 2, reward, 2)
    assert (best_teacher(rounded) == best_teacher(rounded + round(shift))).all() or np.ptp(rounded) < 1e-2


@given(arrays(float, (6, 3), elements=VALUES), arrays(int, (6,), elements=st.integers(-1, 2)))
def test_choices_are_judged_as_the_run_judges_them(reward, chosen):
    rows = best_teacher(reward) >= 0
    found = Truth(reward).judged("x", chosen)
    for value, measure in ((found.reward, chosen_rewards), (found.regret, regrets)):
        known = measure(reward[rows], chosen[rows])
        known = known[~np.isnan(known)]
        assert value == pytest.approx(known.mean() if len(known) else GAP, nan_ok=True, abs=1e-12)


def test_some_prompts():
    assert GRID.only(np.array([True, False, True, False])).places.tolist() == [0, 2]


def big(prompts: int, teachers: int) -> ScoreGrid:
    draw = np.random.default_rng(0)
    quality, ease, router = draw.random((3, prompts, teachers))
    quality[draw.random((prompts, teachers)) < 0.02] = np.nan
    ease[np.isnan(quality)] = np.nan
    return grid_of((f"t{at}" for at in range(teachers)), quality, ease, router)


def test_many_prompts_equal_the_loops():
    compare(big(2000, 6), 0.37)


def test_another_alpha_is_fast():
    grid = big(50_000, 8)
    best = min(_seconds(lambda at=at: policies(grid, at)) for at in (0.1, 0.4, 0.9))
    assert best < 0.1, best


def _seconds(work) -> float:
    # Of this process alone: others may keep the machine busy
    begun = time.process_time()
    work()
    return time.process_time() - begun

import math
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engines.parts.ranking import NONE, best_column, best_single, hits, judged, judged_draw
from engines.persyn import ENGINE
from engines.persyn import rows as kinds
from engines.persyn.alpha_sweep import (
    ScoreGrid,
    alpha_bars,
    alpha_of_run,
    alpha_rows,
    describe_alpha,
    draw_alpha,
    groups_of,
    judging_grid,
    policies,
    scores_of_one_router,
    teachers_in_order,
)
from engines.persyn.config import AlphaControl
from engines.persyn.rewards import combined, normalised
from tests.engines.persyn.shown_run import ALPHA, TEACHERS, frame, numbers, shown_frames, tables_of
from workbench.contract.fields import read_spec
from workbench.history import History
from workbench.storage.event_writer import EventWriter
from workbench.storage.replay import read_earlier
from workbench.ui.elements.run_snapshot import tables_of as history_tables
from workbench.worker.runlog import FolderLog

DONE = shown_frames()
RUN = tables_of(DONE)
HELD_OUT = np.arange(10, 18)


def test_the_grid_holds_what_no_router_learned_from():
    grid = judging_grid(RUN)
    quality, ease, scores = numbers()
    assert grid.teachers == TEACHERS and grid.places.tolist() == HELD_OUT.tolist()
    assert np.array_equal(grid.quality, normalised(quality, "minmax")[HELD_OUT], equal_nan=True)
    assert np.array_equal(grid.learnability, normalised(ease, "minmax")[HELD_OUT], equal_nan=True)
    assert np.array_equal(grid.router, scores[HELD_OUT]), "of persyn, not of the ablation that stands before it"


def test_calibration_stands_in_where_nothing_else_was_judged():
    rewards = DONE[kinds.Reward]
    grid = judging_grid(tables_of(DONE | {kinds.Reward: rewards[rewards["split"] == "calibration"]}))
    assert grid.places.tolist() == [0, 1, 2, 3, 4, 5] and np.isnan(grid.router).all()


def test_prompts_that_not_all_were_asked_are_left_out():
    rewards = DONE[kinds.Reward]
    lone = rewards[rewards["place"] == 12].assign(place=8, split="routed", parallel=False).head(1)
    grid = judging_grid(tables_of(DONE | {kinds.Reward: pd.concat([rewards, lone], ignore_index=True)}))
    assert 8 not in grid.places


def test_the_first_router_where_the_main_arm_has_none():
    scores = DONE[kinds.RouterScore]
    assert set(scores_of_one_router(scores)["arm"]) == {"persyn"}
    found = scores_of_one_router(scores[scores["arm"] == "no_quality"])
    assert set(found["arm"]) == {"no_quality"} and set(found["seed"]) == {0}


def test_the_alpha_of_the_run_is_read_back():
    assert alpha_of_run(DONE[kinds.Reward]) == pytest.approx(ALPHA)
    assert np.isnan(alpha_of_run(DONE[kinds.Reward].assign(quality_norm=0.5, learnability_norm=0.5)))


def test_teachers_keep_the_order_of_the_settings():
    listed = DONE[kinds.TeacherRow]
    rewards = DONE[kinds.Reward]
    assert teachers_in_order(tables_of(DONE | {kinds.TeacherRow: listed.iloc[::-1]}), rewards) == list(TEACHERS)
    assert set(teachers_in_order(tables_of({}), rewards)) == set(TEACHERS)


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_bars_equal_a_count_by_hand(alpha):
    bars = alpha_bars(RUN, AlphaControl(alpha=alpha)).set_index(["series", "where"])["share"]
    quality, ease, scores = numbers()
    reward = combined(normalised(quality, "minmax"), normalised(ease, "minmax"), alpha)[HELD_OUT]
    best = [max((t for t in range(3) if not np.isnan(row[t])), key=lambda t: (row[t], -t)) for row in reward]
    assert [bars["oracle", name] for name in TEACHERS] == pytest.approx([best.count(t) / 8 for t in range(3)])
    routed = scores[HELD_OUT].argmax(1).tolist()
    assert [bars["router", name] for name in TEACHERS] == pytest.approx([routed.count(t) / 8 for t in range(3)])


def test_groups_divide_the_prompts():
    parts = dict(groups_of(RUN, judging_grid(RUN), "topic"))
    assert {name: part.places.tolist() for name, part in parts.items()} == {
        "apples": [10, 12, 14, 16], "coins": [11, 13, 15, 17]
    }  # fmt: skip
    shares = alpha_bars(RUN, AlphaControl(group="topic")).groupby("where")["share"].sum()
    assert shares.to_dict() == pytest.approx({"apples": 1.0, "coins": 1.0})
    assert draw_alpha(RUN, AlphaControl(group="difficulty")).layout.barmode == "stack"


def test_rows_tell_every_policy_apart():
    rows = alpha_rows(RUN, AlphaControl()).set_index("policy")
    assert list(rows.index) == ["oracle", "router", "best single teacher", "random"]
    assert rows.loc["oracle", "regret"] == 0 and rows.loc["oracle", "hit@1 %"] == 100
    assert rows.loc["router", "mean reward"] + rows.loc["router", "regret"] == pytest.approx(
        rows.loc["oracle", "mean reward"], abs=2e-4
    )
    assert len(alpha_rows(RUN, AlphaControl(group="topic"))) == 8


def test_words_say_that_the_router_was_not_trained_again():
    text = describe_alpha(RUN, AlphaControl(alpha=0.9))
    assert "At alpha 0.90" in text and "trained at alpha 0.40 and not again here" in text


def test_words_without_a_router_and_without_one_usable_response():
    assert "No router has scored" in describe_alpha(tables_of({kinds.Reward: DONE[kinds.Reward]}), AlphaControl())
    gone = DONE[kinds.Reward].assign(quality_norm=np.nan, learnability_norm=np.nan)
    assert "failed" in describe_alpha(tables_of({kinds.Reward: gone}), AlphaControl())


PROMPTS, MANY = 50_000, 5


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A history with a run over 50,000 prompts and five teachers, as a worker leaves it."""
    history = History(tmp_path_factory.mktemp("large") / "history.db")
    run = history.open_run(read_spec(ENGINE, arms=("persyn",), seeds=(0,)))
    folder = history.folder(run)
    folder.make(history.record(run).spec)
    writer = EventWriter(folder.events, 0, 1)
    writer.say("started", "", pid=1, process_started=0.0)
    log = FolderLog(folder, ENGINE, history.record(run).spec, writer, read_earlier(folder.events))
    draw, names = np.random.default_rng(0), tuple(f"a-teacher-of-{at}B worked" for at in range(MANY))
    quality, ease, score = draw.random((3, PROMPTS * MANY))
    shape = {"place": np.repeat(np.arange(PROMPTS), MANY), "split": "routed", "teacher": list(names) * PROMPTS}
    parts = {"quality": quality, "learnability": ease, "quality_norm": quality, "learnability_norm": ease}
    mixed = combined(quality, ease, ALPHA)
    reward = frame(kinds.Reward, **shape, **parts, reward=mixed, failed=False, parallel=True)
    for at, name in enumerate(names):
        row = {"teacher": name, "ref": "file", "profile": "", "family": "", "role": "", "order": at}
        numbers_of = dict.fromkeys(set(kinds.TeacherRow.model_fields) - set(row), 1)
        log.row(kinds.TeacherRow(**row, **numbers_of))
    log.table(kinds.Reward, reward)
    log.table(kinds.RouterScore, frame(kinds.RouterScore, arm="persyn", seed=0, **shape, score=score))
    log.close()
    writer.say("finished", "", seconds=0.0)
    writer.close()
    history.ingest(run, folder)
    yield history, run, (quality.reshape(-1, MANY), ease.reshape(-1, MANY))
    history.close()


def test_another_alpha_over_50000_prompts_takes_less_than_200_ms(large):
    history, run, (quality, ease) = large
    seconds = []
    for alpha in (0.1, 0.4, 0.8, 0.9):
        # Of this process alone: others may keep the machine busy
        begun = time.process_time()
        rows = history_tables(history, ENGINE, run)
        figure, text = draw_alpha(rows, AlphaControl(alpha=alpha)), describe_alpha(rows, AlphaControl(alpha=alpha))
        seconds.append(time.process_time() - begun)
        assert figure.data and "50,000 prompts" in text
    assert min(seconds) < 0.2, seconds
    counts = np.bincount([max(range(MANY), key=row.__getitem__) for row in combined(quality, ease, 0.9).tolist()])
    assert list(figure.data[0].x) == pytest.approx((counts / PROMPTS).tolist())


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
    assert best_column(GRID.reward(0.4)).tolist() == [0, 1, 1, NONE]
    assert best_column(GRID.reward(1.0)).tolist() == [1, 0, 2, NONE]


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
    assert judged("x", np.array([[0.5]]), np.array([NONE])).shares.tolist() == [0]


def test_one_teacher_has_no_regret():
    grid = grid_of(("a",), np.array([[1.0], [0.0]]), np.zeros((2, 1)), np.zeros((2, 1)))
    assert [policy.regret for policy in policies(grid, 0.4)] == [0, 0, 0, 0]
    assert hits(grid.router, grid.reward(0.4), 3) == 1.0


def test_a_failed_choice_gets_the_lowest_reward():
    policy = judged("x", np.array([[0.5, 0.75, GAP]]), np.array([2]))
    assert (policy.reward, policy.regret, policy.failed) == (0.5, 0.25, 1)
    assert judged_draw(np.array([[0.5, GAP]])).reward == 0.5


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
    assert (best_column(rounded) == best_column(rounded + round(shift))).all() or np.ptp(rounded) < 1e-2


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

from dataclasses import replace

import numpy as np
import pytest

from engines.persyn.facts import roles_for
from engines.persyn.measures import regrets
from engines.persyn.routers import RouterFacts
from engines.persyn.routing import (
    bin_rows,
    calibration_pairs,
    choice_rows,
    cost_row,
    held_out_outcomes,
    judged_held_out,
    routed,
    router_row,
    score_rows,
    seconds_of,
)
from engines.persyn.rows import Choice, RouterScore
from tests.engines.persyn.scenes import planted_board
from workbench.contract.errors import DataError
from workbench.contract.schema import Outcome


def scene(policy: str, **changed):
    config, board = planted_board()
    arm = config.model_copy(update={"policy": policy, **changed})
    scores = np.where(np.isnan(board.rewards(config)), -1.0, board.rewards(config)) if policy == "persyn" else None
    roles = roles_for(board, config)
    return config, board, roles, routed(policy, 0, arm, board, roles, scores)


def test_choices_of_the_oracle_have_no_regret():
    config, board, _, routing = scene("oracle")
    rows = choice_rows(routing, board, config)
    assert list(rows.columns) == list(Choice.model_fields) and (rows["regret"] == 0).all()
    assert (rows["teacher"] == rows["best"]).all() and set(rows["how"]) == {"oracle"}


def test_regret_of_a_fixed_arm_is_that_of_its_teacher():
    config, board, roles, routing = scene("strong")
    rows = choice_rows(routing, board, config)
    rewards = board.rewards(config)[rows["place"]]
    np.testing.assert_allclose(rows["regret"], regrets(rewards, np.full(len(rows), roles.strong)))
    assert set(rows["teacher"]) == {"silent-3B"}


def test_perfect_scores_hit_and_every_measure_is_reported():
    config, board, roles, routing = scene("persyn")
    held_out = judged_held_out(routing, board, roles, config)
    outcomes = held_out_outcomes(routing, held_out, board, True)
    means = outcomes.groupby("metric")["value"].mean()
    assert (means["hit_1"], means["regret"], means["pairwise"]) == (1, 0, 1), "hit@3 says nothing of three teachers"
    assert means["reward"] == pytest.approx(np.nanmax(board.rewards(config)[held_out.places], 1).mean())
    assert list(outcomes.columns) == list(Outcome.model_fields) and outcomes["cluster"].isna().all()
    assert set(means.index) == {"reward", "quality", "learnability", "regret", "hit_1", "pairwise", "smaller"}
    fewer = held_out_outcomes(routing, held_out, board, False)
    assert "smaller" not in set(fewer["metric"]), "not judged where all are of one size"


def test_raw_rewards_are_those_of_the_chosen_response_and_missing_where_it_failed():
    config, board, roles, routing = scene("strong")
    held_out = judged_held_out(routing, board, roles, config)
    failed = board.failed[held_out.places, roles.strong]
    assert failed.any() and (np.isnan(held_out.measures["quality"]) == failed).all()
    assert (held_out.measures["quality"][~failed] == 1).all(), "silent-3B is right when it speaks"
    assert not np.isnan(held_out.measures["reward"]).any(), "a failure has the lowest reward of its prompt"


def test_prompts_of_one_pattern_are_a_cluster():
    config, board, roles, routing = scene("strong")
    grouped = tuple(replace(asked, group=f"g{at % 2}") for at, asked in enumerate(board.panel.prompts))
    mine = replace(board, panel=replace(board.panel, prompts=grouped))
    outcomes = held_out_outcomes(routing, judged_held_out(routing, mine, roles, config), mine, True)
    groups = {asked.name: asked.group for asked in grouped}
    assert (outcomes["cluster"] == outcomes["item"].map(groups)).all() and outcomes["cluster"].nunique() == 2


def test_scores_are_centred():
    _, board, _, routing = scene("persyn")
    rows = score_rows(routing, board)
    assert list(rows.columns) == list(RouterScore.model_fields)
    assert rows.groupby("place")["score"].sum().abs().max() < 1e-9


def test_bins_count_every_pair_twice():
    config, board, _, routing = scene("persyn")
    rows, gap = bin_rows(routing, board, config)
    rewards = board.rewards(config)[board.panel.places("held_out")]
    known = (~np.isnan(rewards)).sum(1)
    assert sum(row.pairs for row in rows) == (known * (known - 1)).sum() and 0 <= gap <= 1
    assert bin_rows(scene("strong")[3], board, config)[0] == []


def test_costs_count_the_calibration():
    _, board, _, routing = scene("persyn")
    row = cost_row(routing, board)
    calibrated, further = len(board.panel.places("calibration")), len(board.panel.places("routed"))
    assert row.calibration_responses == 3 * calibrated and row.routed_responses == further
    assert row.everything == 3 * (calibrated + further) and row.tokens < row.everything_tokens
    assert row.saved == pytest.approx(1 - row.responses / row.everything)
    assert cost_row(scene("strong")[3], board).calibration_responses == 0


def test_seconds_of_reused_responses_go_by_the_speed_of_their_model():
    _, board = planted_board()
    names = board.panel.names
    same = tuple(replace(teacher, model="m" if teacher.name != names[2] else "") for teacher in board.panel.teachers)
    seconds = np.zeros_like(board.seconds)
    seconds[0, 0] = 3.0
    mine = replace(board, panel=replace(board.panel, teachers=same), seconds=seconds)
    tokens = np.full(seconds.shape, 6.0)
    found = seconds_of(mine, tokens)
    assert found[0, 0] == 3.0 and found[5, 1] == 3.0 and (found[:, 2] == 0).all()


def test_rewards_that_are_all_equal_are_refused():
    config, board = planted_board()
    same = replace(board, quality=board.quality * 0, learnability=board.learnability * 0)
    with pytest.raises(DataError, match="equal"):
        calibration_pairs(same, config)
    places, pairs = calibration_pairs(board, config)
    assert len(places) == len(board.panel.places("calibration")) and pairs.excluded > 0


def test_a_router_in_numbers():
    config, board = planted_board()
    places, pairs = calibration_pairs(board, config)
    arrays = {"losses": np.array([0.7, 0.2]), "seconds": np.array([1.5])}
    row = router_row("persyn", 3, RouterFacts("linear", "m", "f", ("a",)), arrays, len(places), pairs)
    assert (row.first_loss, row.last_loss, row.pairs, row.artifact) == (
        0.7, 0.2, len(pairs), "router-persyn-3.safetensors",
    )  # fmt: skip

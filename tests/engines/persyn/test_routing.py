from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engines.parts.ranking import best_column, mean_of, regrets
from engines.persyn.policies import roles_for
from engines.persyn.routers import RouterFacts, calibration_pairs, router_row
from engines.persyn.routing import (
    bin_rows,
    choice_rows,
    cost_row,
    curve_draw,
    curve_point,
    curve_sizes,
    is_learned,
    judged_held_out,
    report_held_out,
    routed,
    score_rows,
    seconds_of,
)
from engines.persyn.rows import HELD_OUT, Choice, RouterScore
from tests.engines.persyn.scenes import Quiet, planted_matrix
from workbench.contract.errors import DataError


def scene(policy: str, **changed):
    config, matrix = planted_matrix()
    arm = config.model_copy(update={"policy": policy, **changed})
    scores = np.where(np.isnan(matrix.rewards(config)), -1.0, matrix.rewards(config)) if policy == "persyn" else None
    roles = roles_for(matrix, config)
    return config, matrix, roles, routed(policy, 0, arm, matrix, roles, scores)


def reported(routing, held_out, matrix) -> pd.DataFrame:
    """Outcomes that are reported of an arm."""
    log = Quiet()
    report_held_out(routing, held_out, matrix, log)
    return pd.DataFrame([row.model_dump() for row in log.rows])


def test_choices_of_the_oracle_have_no_regret():
    config, matrix, _, routing = scene("oracle")
    rows = choice_rows(routing, matrix, config)
    assert list(rows.columns) == list(Choice.model_fields) and (rows["regret"] == 0).all()
    assert (rows["teacher"] == rows["best"]).all() and set(rows["how"]) == {"oracle"}


def test_regret_of_a_fixed_arm_is_that_of_its_teacher():
    config, matrix, roles, routing = scene("strong")
    rows = choice_rows(routing, matrix, config)
    rewards = matrix.rewards(config)[rows["place"]]
    np.testing.assert_allclose(rows["regret"], regrets(rewards, np.full(len(rows), roles.strong)))
    assert set(rows["teacher"]) == {"silent-3B"}


def test_perfect_scores_hit_and_every_measure_is_reported():
    config, matrix, roles, routing = scene("persyn")
    held_out = judged_held_out(routing, matrix, roles, config)
    outcomes = reported(routing, held_out, matrix)
    means = outcomes.groupby("metric")["value"].mean()
    assert (means["hit_1"], means["regret"], means["pairwise"]) == (1, 0, 1), "hit@3 says nothing of three teachers"
    assert means["reward"] == pytest.approx(np.nanmax(matrix.rewards(config)[held_out.places], 1).mean())
    assert set(outcomes["slice"]) == {HELD_OUT} and outcomes["cluster"].isna().all()
    assert set(means.index) == {"reward", "quality", "learnability", "regret", "hit_1", "pairwise", "smaller"}
    alike = tuple(replace(teacher, name=f"teacher {at}") for at, teacher in enumerate(matrix.pool.teachers))
    fewer = reported(routing, held_out, replace(matrix, pool=replace(matrix.pool, teachers=alike)))
    assert "smaller" not in set(fewer["metric"]), "not judged where sizes are not known to differ"


def test_raw_rewards_are_those_of_the_chosen_response_and_missing_where_it_failed():
    config, matrix, roles, routing = scene("strong")
    held_out = judged_held_out(routing, matrix, roles, config)
    failed = matrix.failed[held_out.places, roles.strong]
    assert failed.any() and (np.isnan(held_out.measures["quality"]) == failed).all()
    assert (held_out.measures["quality"][~failed] == 1).all(), "silent-3B is right when it speaks"
    assert not np.isnan(held_out.measures["reward"]).any(), "a failure has the lowest reward of its prompt"


def test_prompts_of_one_pattern_are_a_cluster():
    config, matrix, roles, routing = scene("strong")
    grouped = tuple(replace(asked, group=f"g{at % 2}") for at, asked in enumerate(matrix.pool.prompts))
    mine = replace(matrix, pool=replace(matrix.pool, prompts=grouped))
    outcomes = reported(routing, judged_held_out(routing, mine, roles, config), mine)
    groups = {asked.name: asked.group for asked in grouped}
    assert (outcomes["cluster"] == outcomes["item"].map(groups)).all() and outcomes["cluster"].nunique() == 2


def test_scores_are_centred():
    _, matrix, _, routing = scene("persyn")
    rows = score_rows(routing, matrix)
    assert list(rows.columns) == list(RouterScore.model_fields)
    assert rows.groupby("place")["score"].sum().abs().max() < 1e-9


def test_bins_count_every_pair_twice():
    config, matrix, _, routing = scene("persyn")
    rows, gap = bin_rows(routing, matrix, config)
    rewards = matrix.rewards(config)[matrix.pool.places("held_out")]
    known = (~np.isnan(rewards)).sum(1)
    assert sum(row.pairs for row in rows) == (known * (known - 1)).sum() and 0 <= gap <= 1
    assert bin_rows(scene("strong")[3], matrix, config)[0] == []


def test_costs_count_the_calibration():
    _, matrix, _, routing = scene("persyn")
    row = cost_row(routing, matrix)
    calibrated, further = len(matrix.pool.places("calibration")), len(matrix.pool.places("routed"))
    assert row.calibration_responses == 3 * calibrated and row.routed_responses == further
    assert row.everything == 3 * (calibrated + further) and row.tokens < row.everything_tokens
    assert row.saved == pytest.approx(1 - row.responses / row.everything)
    assert cost_row(scene("strong")[3], matrix).calibration_responses == 0


def test_seconds_of_reused_responses_go_by_the_speed_of_their_model():
    _, matrix = planted_matrix()
    names = matrix.pool.names
    same = tuple(replace(teacher, model="m" if teacher.name != names[2] else "") for teacher in matrix.pool.teachers)
    seconds = np.zeros_like(matrix.seconds)
    seconds[0, 0] = 3.0
    mine = replace(matrix, pool=replace(matrix.pool, teachers=same), seconds=seconds)
    tokens = np.full(seconds.shape, 6.0)
    found = seconds_of(mine, tokens)
    assert found[0, 0] == 3.0 and found[5, 1] == 3.0 and np.isnan(found[:, 2]).all()


def test_rewards_that_are_all_equal_are_refused():
    config, matrix = planted_matrix()
    same = replace(matrix, quality=matrix.quality * 0, learnability=matrix.learnability * 0)
    with pytest.raises(DataError, match="equal"):
        calibration_pairs(same, config)
    places, pairs = calibration_pairs(matrix, config)
    assert len(places) == len(matrix.pool.places("calibration")) and pairs.excluded > 0


def test_a_router_in_numbers():
    config, matrix = planted_matrix()
    places, pairs = calibration_pairs(matrix, config)
    arrays = {"losses": np.array([0.7, 0.2]), "seconds": np.array([1.5])}
    row = router_row("persyn", 3, RouterFacts("linear", "m", "f", ("a",)), arrays, len(places), pairs)
    assert (row.first_loss, row.last_loss, row.pairs, row.artifact) == (
        0.7, 0.2, len(pairs), "router-persyn-3.safetensors",
    )  # fmt: skip


def test_sizes_and_draws_of_the_curve():
    assert curve_sizes(60, 4) == [7, 15, 30, 60] and curve_sizes(10, 4) == [4, 5, 10] and curve_sizes(60, 0) == []
    names = [f"p{at}" for at in range(60)]
    few, many = set(curve_draw(names, 7, 0)), set(curve_draw(names, 30, 0))
    assert few < many and set(curve_draw(names, 7, 1)) != few


def test_a_point_of_the_curve_beside_the_best_single_teacher():
    config, matrix = planted_matrix()
    rewards = matrix.rewards(config)
    held_out = rewards[matrix.pool.places("held_out")]
    places, pairs = calibration_pairs(matrix, config)
    point = curve_point(0, pairs, np.nan_to_num(held_out, nan=-1), rewards[places], held_out)
    assert (point.regret, point.hit_1, point.calibration) == (0, 1, len(places)) and point.single >= 0
    assert (best_column(held_out) >= 0).all() and is_learned(config)


def test_means_leave_out_what_is_not_known():
    assert mean_of(np.array([1.0, np.nan, 3.0])) == 2 and np.isnan(mean_of(np.array([np.nan])))

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.persyn.config import PersynConfig
from engines.persyn.policies import (
    Roles,
    Situation,
    choose,
    cost_of,
    require_strongest,
    roles_for,
    roles_of,
    sizes_differ,
    teacher_rows,
)
from engines.persyn.teacher_pool import open_pool
from tests.engines.persyn.scenes import planted_matrix
from tests.engines.persyn.tiny_run import tiny_spec
from workbench.contract.errors import ConfigError

NAN = np.nan
NAMES = [f"p{at}" for at in range(400)]
ROLES = Roles(strong=2, weak=0, family=1, car=1)


def situation(**changed) -> Situation:
    rewards = np.random.default_rng(0).random((400, 3))
    return replace(Situation(NAMES, rewards, ROLES, np.arange(400) < 100), **changed)


def test_fixed_policies_ask_one_teacher():
    for policy, teacher in (("strong", 2), ("car", 1), ("family_strong", 1)):
        found = choose(policy, situation())
        assert set(found.teacher) == {teacher} and set(found.how) == {"fixed"}


def test_family_strong_needs_a_teacher_of_the_family():
    with pytest.raises(ValueError, match="family_strong"):
        choose("family_strong", situation(roles=replace(ROLES, family=None)))


def test_the_oracle_takes_the_highest_reward_and_nobody_where_all_failed():
    seen = situation()
    seen.rewards[3] = NAN
    found = choose("oracle", seen)
    assert found.teacher[3] == -1 and found.how[3] == "none"
    rest = np.arange(400) != 3
    assert (found.teacher[rest] == seen.rewards[rest].argmax(1)).all()


def test_the_router_decides_where_rewards_are_not_known():
    seen, scores = situation(), np.tile([0.0, 5.0, 1.0], (400, 1))
    found = choose("persyn", seen, scores)
    assert (found.teacher[:100] == seen.rewards[:100].argmax(1)).all() and set(found.how[:100]) == {"reward"}
    assert set(found.teacher[100:]) == {1} and set(found.how[100:]) == {"router"}
    with pytest.raises(ValueError, match="scores"):
        choose("persyn", seen)


def test_drawn_policies_depend_on_name_and_seed_alone():
    first, again = choose("random", situation()), choose("random", situation())
    assert (first.teacher == again.teacher).all()
    assert (first.teacher != choose("random", situation(seed=1)).teacher).any()
    turned = choose("random", situation(names=NAMES[::-1]))
    assert (turned.teacher[::-1] == first.teacher).all()
    assert np.abs(np.bincount(first.teacher) / 400 - 1 / 3).max() < 0.08


def test_mix_blends_strong_and_weak():
    found = choose("mix", situation(), mix_share=0.25)
    assert set(found.teacher) == {0, 2} and abs((found.teacher == 2).mean() - 0.25) < 0.07
    assert set(choose("mix", situation(), mix_share=1.0).teacher) == {2}


def test_roles_by_hand():
    size = np.array([7e9, 1e9, 70e9, 7e9])
    quality, family = np.array([0.2, 0.9, 0.5, 0.8]), np.array([True, False, False, True])
    found = roles_of(size, quality, family, np.array([0.1, NAN, 0.3, 0.2]))
    assert found == Roles(strong=2, weak=1, family=3, car=2)
    size[1] = NAN
    named = roles_of(size, quality, family, np.ones(4), strongest=2)
    assert (named.strong, named.weak) == (2, 0), "where a size is unknown the weak one is that of lowest quality"
    assert roles_of(size, quality, family, np.ones(4), strongest=1).strong == 1


def test_roles_of_equals_go_by_quality():
    same = np.full(3, 135e6)
    found = roles_of(same, np.array([0.1, 0.4, 0.2]), np.zeros(3, bool), np.array([1.0, 2.0, 3.0]))
    assert (found.strong, found.weak, found.family, found.car) == (1, 0, None, 2)


def test_roles_come_from_sizes_and_calibration():
    config, matrix = planted_matrix()
    roles = roles_for(matrix, config)
    names = matrix.pool.names
    assert (names[roles.strong], names[roles.weak], roles.family) == ("silent-3B", "adder-1B", None)
    own = config.model_copy(update={"strongest": "taker-2B", "student": "/models/adder-7b"})
    named = roles_for(matrix, own)
    assert (named.strong, named.family) == (1, 0)
    with pytest.raises(ConfigError, match="no teacher"):
        require_strongest(matrix.pool, {"persyn": config.model_copy(update={"strongest": "nobody"})})


def test_the_strong_teacher_is_asked_for_where_sizes_are_unknown():
    config, matrix = planted_matrix()
    arms = {name: config.model_copy(update={"policy": name}) for name in ("persyn", "strong")}
    require_strongest(matrix.pool, arms)
    teachers = tuple(replace(one, name=name) for one, name in zip(matrix.pool.teachers, "ABC", strict=True))
    unknown = replace(matrix.pool, teachers=teachers)
    with pytest.raises(ConfigError, match=r"size of A, B, C is not known, and the arm strong") as caught:
        require_strongest(unknown, arms)
    assert "one of A, B, C" in caught.value.hint
    require_strongest(unknown, {"persyn": arms["persyn"]})
    require_strongest(unknown, {name: arm.model_copy(update={"strongest": "C"}) for name, arm in arms.items()})


def test_teachers_in_numbers():
    config, matrix = planted_matrix()
    rows = teacher_rows(matrix, roles_for(matrix, config), config)
    places = matrix.pool.places("calibration")
    assert [row.order for row in rows] == [0, 1, 2] and {row.ref for row in rows} == {"file"}
    for at, row in enumerate(rows):
        assert row.answered + row.failed == len(places)
        assert row.quality == pytest.approx(np.nanmean(matrix.quality[places, at]))
        assert row.car == pytest.approx(row.quality / (1 + 3 * -row.learnability))
    assert rows[2].failed > 0 and rows[2].quality == 1 and "strong" in rows[2].role


def test_sizes_differ_only_between_models():
    _, matrix = planted_matrix()
    assert sizes_differ(matrix.pool)
    assert not sizes_differ(open_pool(PersynConfig.model_validate(tiny_spec().settings)))


POLICIES = st.sampled_from(["persyn", "car", "strong", "oracle"])


def asked(policy: str, prompts: int, calibrated: int, teachers: int):
    weights = {"tokens": np.tile(np.arange(1.0, teachers + 1), (prompts, 1))}
    return cost_of(policy, np.zeros(prompts, int), np.arange(prompts) < calibrated, weights)


def test_the_papers_arithmetic():
    found = asked("persyn", 50_000, 2_500, 19)
    assert (found.everything, found.responses) == (950_000, 95_000)
    assert found.saved == pytest.approx(0.9)
    small = asked("persyn", 10_000, 2_500, 15)
    assert (small.everything, small.responses) == (150_000, 45_000)


def test_baselines_pay_for_what_they_look_at():
    assert (asked("strong", 100, 10, 4).calibration, asked("strong", 100, 10, 4).routed) == (0, 100)
    assert (asked("car", 100, 10, 4).calibration, asked("car", 100, 10, 4).routed) == (40, 90)
    assert asked("oracle", 100, 10, 4).responses == 400 and asked("oracle", 100, 10, 4).saved == 0


def test_weights_are_those_of_the_asked_teachers():
    found = asked("persyn", 3, 1, 2)
    assert found.weights["tokens"] == (1 + 2 + 1 + 1, 9)


def test_nobody_is_asked_where_nobody_can_answer():
    weights = {"tokens": np.ones((2, 2))}
    assert cost_of("strong", np.array([-1, 1]), np.zeros(2, bool), weights).responses == 1


@given(st.integers(1, 40), st.integers(0, 40), st.integers(2, 6), POLICIES)
def test_no_policy_asks_for_more_than_everything(prompts, calibrated, teachers, policy):
    found = asked(policy, prompts, min(calibrated, prompts), teachers)
    assert prompts <= found.responses <= found.everything == prompts * teachers

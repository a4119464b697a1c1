from dataclasses import replace

import numpy as np
import pytest

from engines.persyn.policies import Roles, Situation, choose, roles_of

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
    size = np.array([7e9, NAN, 70e9, 7e9])
    quality, family = np.array([0.2, 0.9, 0.5, 0.8]), np.array([True, False, False, True])
    found = roles_of(size, quality, family, np.array([0.1, NAN, 0.3, 0.2]))
    assert found == Roles(strong=2, weak=1, family=3, car=2)
    assert roles_of(size, quality, family, np.ones(4), strongest=1).strong == 1


def test_roles_of_equals_go_by_quality():
    same = np.full(3, 135e6)
    found = roles_of(same, np.array([0.1, 0.4, 0.2]), np.zeros(3, bool), np.array([1.0, 2.0, 3.0]))
    assert (found.strong, found.weak, found.family, found.car) == (1, 0, None, 2)

from dataclasses import replace

import numpy as np

from engines.persyn.cautions import (
    WrongExamples,
    about_equal_choices,
    about_equal_sets,
    about_examinations,
    about_prompts,
    about_scaling,
    about_teachers,
    about_wrong_examples,
    equal_share,
    record_facts,
    wrong_examples,
)
from engines.persyn.claims import CLAIMS
from engines.persyn.config import PersynConfig
from engines.persyn.distillation import Examined, TrainedStudent
from engines.persyn.policies import Chosen
from engines.persyn.routing import Routing
from engines.persyn.teacher_pool import open_pool
from tests.engines.persyn.scenes import Quiet, planted_matrix
from tests.engines.persyn.tiny_run import tiny_model, tiny_spec
from workbench.contract.facts import Fact


def routing(arm: str, teachers: dict[int, int], seed: int = 0) -> Routing:
    """An arm that chooses teacher 0 but for some places."""
    config, matrix = planted_matrix()
    chosen = np.array([teachers.get(at, 0) for at in range(len(matrix.pool.prompts))])
    return Routing(arm, seed, config, Chosen(chosen, np.full(len(chosen), "fixed")))


def student(text: str, cut: bool, examples: int = 0) -> Examined:
    answer = {"prompt": "p", "text": text, "final": "", "gold": "8", "right": False, "cut": cut}
    return Examined(student=TrainedStudent(ref="m", examples=examples, updates=examples // 2), answers=[answer])


def test_equal_shares_by_hand():
    arms = [routing("persyn", {0: 1, 1: 1}), routing("car", {}), routing("persyn", {}, 1), routing("car", {}, 1)]
    assert equal_share(arms, "persyn", "car", [0, 1, 2, 3]) == 0.75, "two of eight differ over both seeds"
    assert np.isnan(equal_share(arms, "persyn", "mix", [0])) and np.isnan(equal_share(arms, "persyn", "car", []))


def test_sets_that_are_equal_are_said_under_their_claims():
    pool = planted_matrix()[1].pool
    arms = [routing("persyn", {pool.places("calibration")[0]: 1}), routing("car", {}), routing("mix", {}),
            routing("strong", {})]  # fmt: skip
    found = {}
    for caution in about_equal_sets(pool, arms):
        found.setdefault(caution.claim, []).append(caution.text)
    training = len(pool.places("calibration", "routed"))
    assert f"to {1 - 1 / training:.0%} of the prompts; only the others" in found["student_persyn_beats_car"][0]
    assert "100% of the prompts; their students cannot differ" in found["student_car_beats_mix"][0]
    assert all("each other's opposite" in found[name][1] for name in ("student_car_beats_mix",
                                                                      "student_mix_beats_strong"))  # fmt: skip
    assert set(found) <= {claim.name for claim in CLAIMS}


def test_equal_choices_on_held_out_prompts():
    pool = planted_matrix()[1].pool
    held = pool.places("held_out")
    said = list(about_equal_choices(pool, [routing("persyn", {held[0]: 1}), routing("car", {})]))
    assert [one.claim for one in said] == ["router_beats_one_teacher"]
    assert f"{1 - 1 / len(held):.0%} of the held-out prompts" in said[0].text
    assert list(about_equal_choices(pool, [routing("persyn", {})])) == []


def test_one_model_as_all_teachers_is_said():
    one = open_pool(PersynConfig.model_validate(tiny_spec().settings))
    assert "no test of strong against weak" in next(about_teachers(one)).text
    assert list(about_teachers(planted_matrix()[1].pool)) == [], "of a file's teachers no model is known"


def test_two_teachers_scaled_within_the_prompt_are_said():
    config = PersynConfig.model_validate(tiny_spec().settings)
    said = list(about_scaling(open_pool(config), config))
    assert {one.claim for one in said} == {"router_beats_one_teacher", "student_persyn_beats_car"}
    assert "is 0 or 1, whatever the gap" in said[0].text
    assert list(about_scaling(open_pool(config), config.model_copy(update={"normalise": "pool"}))) == []
    assert list(about_scaling(planted_matrix()[1].pool, config)) == [], "of three teachers one lies between"


def test_wrong_examples_and_teachers_that_are_never_right_are_said():
    config, matrix = planted_matrix()
    (said,) = about_wrong_examples(matrix, config, [routing("persyn", {})])
    training = matrix.pool.places("calibration", "routed")
    losses = sum(matrix.pool.prompts[at].topic == "losses" for at in training)
    assert said.text.startswith(f"{losses} of the {len(training)} examples that PerSyn chose") and said.claim
    never = matrix.quality.copy()
    never[:, 0] = 0
    _, teacher = about_wrong_examples(replace(matrix, quality=never), config, [routing("persyn", {})])
    assert "adder-1B was right on none of 16 calibration prompts" in teacher.text
    assert "PerSyn gives it 100% of the prompts" in teacher.text
    assert list(about_wrong_examples(matrix, config, [routing("car", {})])) == []


def test_problems_made_by_rule_and_missing_ones_are_said():
    made = PersynConfig(prompts=20, calibration=10, held_out=10)
    assert {one.claim for one in about_prompts(open_pool(made), made)} >= {"student_persyn_beats_car",
                                                                            "router_beats_one_teacher"}  # fmt: skip
    config, matrix = planted_matrix()
    assert list(about_prompts(matrix.pool, config)) == []
    more = config.model_copy(update={"held_out": 99})
    assert "99 prompts were to be held out and 12 are there" in next(about_prompts(matrix.pool, more)).text


def test_a_capped_examination_is_said():
    config = PersynConfig(examined=4, held_out=10)
    assert {one.claim for one in about_examinations(config, [student("8", False)])} >= {"student_persyn_beats_car"}
    assert list(about_examinations(config, [])) == []
    assert list(about_examinations(config.model_copy(update={"examined": 0}), [student("8", False)])) == []


def test_facts_count_answers_of_teachers_and_students():
    config, matrix = planted_matrix(student=tiny_model())
    log = Quiet()
    record_facts(matrix, config, [student("8", True, 6), student(" ", False, 4), student("8", False)], log)
    assert log.facts[Fact.PARAMETERS] > 1000 and (log.facts[Fact.STEPS], log.facts[Fact.ITEMS]) == (2, 4)
    assert [log.facts[name] for name in (Fact.ANSWERS, Fact.ANSWERS_CUT, Fact.ANSWERS_EMPTY)] == [3, 1, 1]
    asked = replace(matrix, pool=replace(matrix.pool, given=None))
    record_facts(asked, config, [], log)
    assert log.facts[Fact.ANSWERS] == len(matrix.frame), "what a file brings was not generated here"


def test_wrong_examples_by_hand():
    _, matrix = planted_matrix()
    places, first = matrix.pool.places("calibration", "routed"), np.zeros(len(matrix.pool.prompts), int)
    losses = sum(matrix.pool.prompts[at].topic == "losses" for at in places)
    found = wrong_examples(first, matrix)
    assert found == WrongExamples(len(places), losses, 0), "the other teacher is right on these"
    never = replace(matrix, quality=np.zeros_like(matrix.quality))
    assert wrong_examples(first, never) == WrongExamples(len(places), len(places), len(places))
    assert wrong_examples(np.full(len(first), -1), matrix) == WrongExamples(0, 0, 0)

import pytest

from engines.sure import ENGINE
from engines.sure.config import SureConfig
from engines.sure.designs import flips_design, questions_and_topics, repairs_design
from engines.sure.instances import instances_of
from engines.sure.questions import open_questions

STUDY = ENGINE.presets["study"].config


@pytest.mark.parametrize("count", [15, 40, 100, 320, 500])
def test_questions_and_topics_are_those_of_the_bundled_data(count):
    asked = open_questions(SureConfig(questions=count)).questions
    assert questions_and_topics(SureConfig(questions=count)) == (len(asked), len({one.cluster for one in asked}))


def test_a_study_has_the_sample_that_its_design_says():
    instances = instances_of(open_questions(STUDY), STUDY)
    golden = [row for row in instances if row.golden]
    held_out = [row for row in golden if row.part == "held_out"][: STUDY.held_out_questions]
    flips, repairs = flips_design(STUDY), repairs_design(STUDY)
    assert (flips.items, flips.clusters) == (len(golden) * 7, len({row.cluster for row in golden}))
    assert (repairs.items, repairs.clusters) == (len(held_out) * 6, len({row.cluster for row in held_out}))


def test_designs_by_hand():
    few = SureConfig(questions=20, held_out=25.0, perturbations=("json", "reverse", "simple", "unchanged"))
    assert flips_design(few).items == 40, "no writer, no simple style; the control does not count"
    assert flips_design(few.model_copy(update={"writer": "m"})).items == 60
    assert (repairs_design(few).items, repairs_design(few).clusters) == (5, 5), "logic is held out"
    capped = repairs_design(few.model_copy(update={"held_out_questions": 2}))
    assert (capped.items, capped.clusters) == (2, 2)
    own = few.model_copy(update={"data": "upload:mine.jsonl", "questions": 1000})
    assert flips_design(own).clusters == 1000

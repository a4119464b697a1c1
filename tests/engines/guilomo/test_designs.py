import pytest

from engines.guilomo import ENGINE
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.designs import TEXTS, answers_design, divergence_design, recovery_design
from engines.guilomo.planted import PlantedSettings
from engines.guilomo.planted_task import TEST_BATCHES, planted_of
from workbench.statistics.power import ENOUGH, power


def test_every_problem_of_every_real_task_is_an_item():
    assert answers_design(GuilomoConfig(tasks=("planted", "glosses"), test_items=30)).items == 30
    assert answers_design(GuilomoConfig(tasks=("glosses", "svamp", "glosses"), test_items=30)).items == 60


def test_items_of_the_planted_task_are_as_many_as_it_has():
    config = GuilomoConfig(planted_layers=1, planted_width=16, max_rank=4)
    assert recovery_design(config).items == len(planted_of(config).numbers)
    assert divergence_design(config).items == TEXTS == TEST_BATCHES * PlantedSettings.batch


@pytest.mark.parametrize("claim", [claim for claim in ENGINE.claims if claim.headline], ids=lambda claim: claim.name)
def test_a_study_decides_its_headlines_four_times_in_five(claim):
    assert power(ENGINE, claim, ENGINE.presets["study"]) >= ENOUGH


def test_plain_lora_needs_more_problems_than_the_study_has():
    plain = next(claim for claim in ENGINE.claims if claim.name == "as_good_as_plain")
    assert power(ENGINE, plain, ENGINE.presets["study"]) < ENOUGH, "as the card's honesty says"
    assert plain.design(GuilomoConfig()).spread > answers_design(GuilomoConfig()).spread

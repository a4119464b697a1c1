import pytest

from engines.guilomo import ENGINE
from engines.guilomo.claims import CLAIMS, MARGIN, RECOVERED, TEXTS, answers_design, divergence_design, recovery_design
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.planted_task import TEST_BATCHES, planted_of
from engines.guilomo.planted_teacher import PlantedSettings
from workbench.contract.claims import NonInferiority
from workbench.statistics.power import ENOUGH, power


def test_claims_of_the_paper_are_quoted_and_ours_are_called_so():
    for claim in CLAIMS:
        assert claim.paper is not None or "our own claim" in claim.note.lower()


def test_as_good_as_says_its_margin():
    kinds = [claim for claim in CLAIMS if isinstance(claim.kind, NonInferiority)]
    assert len(kinds) == 3 and all(claim.kind.margin == MARGIN and "3 points" in claim.sentence for claim in kinds)


def test_headlines_are_few_and_a_study_can_be_sized_for_them():
    headlines = [claim for claim in CLAIMS if claim.headline]
    assert [claim.name for claim in headlines] == ["as_good_as_uniform", "search_recovers_numbers"]
    for claim in headlines:
        design = claim.design(ENGINE.presets["study"].config)
        assert claim.smallest > 0 and design.items >= design.clusters >= claim.clusters_needed


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_every_claim_is_found_in_words(claim):
    assert claim.finding.count("{amount}") == 1 and not claim.finding.endswith(".")


def test_claims_on_the_planted_task_are_toys():
    assert all(claim.toy == ("planted task" in claim.sentence) for claim in CLAIMS)
    assert RECOVERED == 0.3 and sum("0.3" in claim.sentence for claim in CLAIMS) == 2


def test_every_problem_of_every_real_task_is_an_item():
    assert answers_design(GuilomoConfig(tasks=("planted", "glosses"), test_items=30)).items == 30
    assert answers_design(GuilomoConfig(tasks=("glosses", "svamp", "glosses"), test_items=30)).items == 60


def test_items_of_the_planted_task_are_as_many_as_it_has():
    config = GuilomoConfig(planted_layers=1, planted_width=16, max_rank=4)
    assert recovery_design(config).items == len(planted_of(config, 0).numbers)
    assert divergence_design(config).items == TEXTS == TEST_BATCHES * PlantedSettings.batch


@pytest.mark.parametrize("claim", [claim for claim in ENGINE.claims if claim.headline], ids=lambda claim: claim.name)
def test_a_study_decides_its_headlines_four_times_in_five(claim):
    assert power(ENGINE, claim, ENGINE.presets["study"]) >= ENOUGH


def test_plain_lora_needs_more_problems_than_the_study_has():
    plain = next(claim for claim in ENGINE.claims if claim.name == "as_good_as_plain")
    assert power(ENGINE, plain, ENGINE.presets["study"]) < ENOUGH, "as the card's honesty says"
    assert plain.design(GuilomoConfig()).spread > answers_design(GuilomoConfig()).spread

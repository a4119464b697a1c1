import pytest

from engines.guilomo import ENGINE
from engines.guilomo.claims import CLAIMS, MARGIN, RECOVERED
from workbench.contract.claims import NonInferiority


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

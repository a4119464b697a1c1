from engines.guilomo.claims import CLAIMS, MARGIN
from workbench.claims import NonInferiority


def test_claims_of_the_paper_are_quoted_and_ours_are_called_so():
    for claim in CLAIMS:
        assert claim.paper is not None or "our own claim" in claim.note.lower()


def test_as_good_as_says_its_margin():
    kinds = [claim for claim in CLAIMS if isinstance(claim.kind, NonInferiority)]
    assert len(kinds) == 3 and all(claim.kind.margin == MARGIN and "3 points" in claim.sentence for claim in kinds)

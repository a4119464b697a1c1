import pytest

from engines.sure import ENGINE
from engines.sure.claims import CLAIMS, HELD_OUT, OTHER_FORM
from workbench.claims import slice_matches

PATHS = {
    "K-G/format/json/mending": False,
    "U-G/metadata/source_wiki/held_out": True,
    "K-G/logic/reverse/held_out_form": False,
    "K-N/format/json/held_out": False,
}


@pytest.mark.parametrize(("path", "held_out"), PATHS.items())
def test_held_out_covers_golden_documents_of_unseen_questions(path, held_out):
    assert slice_matches(HELD_OUT, path) is held_out
    assert slice_matches(OTHER_FORM, path) is path.endswith("held_out_form")


def test_claims_of_the_paper_are_quoted_and_ours_are_called_so():
    for claim in CLAIMS:
        assert claim.paper is not None or "our own claim" in claim.note.lower()


def test_trained_arms_are_declared_so():
    assert {arm.name for arm in ENGINE.arms if arm.trained} == {"sft", "dpo", "sft_on_plain"}

import pytest

from engines.sure import ENGINE
from engines.sure.claims import CLAIMS, HELD_OUT, OTHER_FORM
from workbench.contract.claims import Share, slice_matches

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


def test_every_claim_has_a_sentence_for_readers_and_one_of_them_is_about_the_reader_alone():
    assert all("{amount}" in claim.finding for claim in CLAIMS)
    headlines = {claim.name: claim for claim in CLAIMS if claim.headline}
    assert set(headlines) == {"form_changes_answers", "sft_repairs"}
    assert isinstance(headlines["form_changes_answers"].kind, Share), "a quick run of the reader alone can ask it"
    assert all(claim.smallest and claim.design for claim in headlines.values())


def test_robustness_is_judged_beside_accuracy_for_every_training_of_the_paper():
    names = {claim.name for claim in CLAIMS}
    assert {"sft_repairs", "sft_keeps_accuracy", "dpo_repairs", "dpo_keeps_accuracy"} <= names


def test_the_control_is_in_no_rate_over_all_forms():
    assert not slice_matches("*-G", "control/K-G/control/unchanged/mending")
    assert not slice_matches(HELD_OUT, "control/K-G/control/unchanged/held_out")


def test_trained_arms_are_declared_so():
    assert {arm.name for arm in ENGINE.arms if arm.trained} == {"sft", "dpo", "sft_on_plain"}

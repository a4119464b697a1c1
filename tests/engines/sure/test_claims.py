import pytest

from engines.sure import ENGINE
from engines.sure.claims import (
    CLAIMS,
    HELD_OUT,
    OTHER_FORM,
    flips_design,
    questions_and_topics,
    repairs_design,
)
from engines.sure.config import SureConfig
from engines.sure.instances import instances_of
from engines.sure.questions import open_questions
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
    assert not slice_matches("*-G", "control/K-G/control/reread/mending")
    assert not slice_matches(HELD_OUT, "control/K-G/control/reread/held_out")


def test_classes_are_compared_on_the_same_documents_and_with_the_noise_floor():
    kinds = {claim.name: claim.kind for claim in CLAIMS}
    source = kinds["source_hurts_more_than_metadata"]
    assert slice_matches(source.better.slice, "source_and_metadata/metadata/K-G/source_wiki")
    assert not slice_matches(source.better.slice, "style_and_metadata/metadata/K-G/source_wiki")
    assert slice_matches(
        kinds["form_changes_more_than_noise"].better.slice, "control/U-G/control/trailing_space/held_out"
    )


def test_trained_arms_are_declared_so():
    assert {arm.name for arm in ENGINE.arms if arm.trained} == {"sft", "dpo", "sft_on_plain"}


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
    assert (flips.items, flips.clusters) == (len(golden) * 6, len({row.cluster for row in golden}))
    assert (repairs.items, repairs.clusters) == (len(held_out) * 5, len({row.cluster for row in held_out}))


def test_designs_by_hand():
    few = SureConfig(questions=20, held_out=25.0, perturbations=("json", "reverse", "simple", "reread"))
    assert flips_design(few).items == 40, "no writer, no simple style; the control does not count"
    assert flips_design(few.model_copy(update={"writer": "m"})).items == 60
    assert (repairs_design(few).items, repairs_design(few).clusters) == (5, 5), "logic is held out"
    capped = repairs_design(few.model_copy(update={"held_out_questions": 2}))
    assert (capped.items, capped.clusters) == (2, 2)
    own = few.model_copy(update={"data": "upload:mine.jsonl", "questions": 1000})
    assert flips_design(own).clusters == 1000

import pandas as pd
import pytest

from engines.sure import ENGINE
from engines.sure.claims import (
    CLAIMS,
    HELD_OUT,
    OF_ARMS,
    OF_REWRITINGS,
    OF_STYLES,
    OTHER_FORM,
    about_answers,
    about_forms,
    about_limits,
    about_training,
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
    assert not slice_matches("*-G", "control/K-G/control/unchanged/mending")
    assert not slice_matches(HELD_OUT, "control/K-G/control/unchanged/held_out")


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


NAMES = {claim.name for claim in ENGINE.claims}


def test_limits_are_named_where_they_keep_a_claim_from_more():
    config = SureConfig(questions=15, noise_questions=2, oracle_questions=10, held_out_questions=3)
    asked = open_questions(config)
    found = {caution.claim: caution.text for caution in about_limits(asked, config, 5)}
    assert "2 of 15 questions" in found["known_noise_is_fragile"]
    assert "10 of 15 questions" in found["readers_prefer_a_length"]
    assert "3 of 5 held-out documents" in found["sft_repairs"] == found["dpo_repairs"]
    wide = config.model_copy(update={"noise_questions": 15, "oracle_questions": 0, "held_out_questions": 5})
    assert list(about_limits(asked, wide, 5)) == []


def test_data_that_hold_no_more_questions_are_named():
    config = SureConfig(questions=500, noise_questions=500, oracle_questions=500)
    for all_of in (config, config.model_copy(update={"questions": 320})):
        found = list(about_limits(open_questions(all_of), config, 3))
        assert [(caution.claim, "All 320 questions" in caution.text) for caution in found] == [("", True)]


def test_answers_that_are_wrong_both_times_are_counted():
    rows = [("a", "K-G", "format", 0, True), ("b", "U-G", "format", 0, False), ("c", "U-G", "format", 1, False),
            ("d", "U-N", "format", 0, False), ("e", "U-G", "original", 0, False), ("f", "U-G", "control", 0, False),
            ("g", "U-G", "logic", 1, False)]  # fmt: skip
    answers = pd.DataFrame(rows, columns=["instance", "subset", "kind", "change", "right_after"])
    wrong, attention = about_answers(answers, 1)
    assert (wrong.claim, wrong.text[:28]) == ("form_changes_answers", "1 of the 2 answers that stay"[:28])
    assert "1 of 2 documents with a lost answer" in attention.text
    assert [caution.claim for caution in about_answers(answers, 2)] == ["form_changes_answers"]
    assert list(about_answers(answers.iloc[:1], 2)) == []


def test_dropped_rewritings_are_counted_and_what_nobody_judged_is_said():
    rows = [
        ("source", True, ""),
        ("source", False, "answer_lost"),
        ("source", False, "unchanged"),
        ("format", True, ""),
    ]
    forms = pd.DataFrame(rows, columns=["kind", "kept", "reason"])
    found = list(about_forms(forms, SureConfig()))
    assert [caution.claim for caution in found] == list(OF_REWRITINGS)
    assert (
        found[0].text.startswith("2 of 3 rewritten documents were dropped, 1 for losing") and "nobody" in found[0].text
    )
    judged = SureConfig(judge="generator", judge_model="m")
    assert "nobody" not in next(about_forms(forms, judged)).text


def test_cautions_name_claims_of_the_card():
    named = {*OF_REWRITINGS, *OF_STYLES, *(claim for claims in OF_ARMS.values() for claim in claims)}
    assert named <= NAMES
    assert [caution.claim for caution in about_training("brief", "nothing is held out")] == [""]
    assert {caution.claim for caution in about_training("sft", "x")} <= NAMES

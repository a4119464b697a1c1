import pandas as pd

from engines.sure import ENGINE
from engines.sure.cautions import (
    OF_ARMS,
    OF_REWRITINGS,
    OF_STYLES,
    about_answers,
    about_forms,
    about_limits,
    about_training,
)
from engines.sure.config import SureConfig
from engines.sure.questions import open_questions

CLAIMS = {claim.name for claim in ENGINE.claims}


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
    assert named <= CLAIMS
    assert [caution.claim for caution in about_training("brief", "nothing is held out")] == [""]
    assert {caution.claim for caution in about_training("sft", "x")} <= CLAIMS

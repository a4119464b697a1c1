from dataclasses import replace

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


ROWS = [("a", "K-G", "format", 0, True, False), ("b", "U-G", "format", 0, False, False),
        ("c", "U-G", "format", 1, False, False), ("d", "U-N", "format", 0, False, False),
        ("e", "U-G", "original", 0, False, False), ("f", "U-G", "control", 0, False, False),
        ("g", "U-G", "logic", 1, False, False)]  # fmt: skip
ANSWERS = pd.DataFrame(ROWS, columns=["instance", "subset", "kind", "change", "right_after", "cut"])
ANSWERS = ANSWERS.assign(perturbation=ANSWERS["kind"].replace({"control": "reread"}))


def said(answers: pd.DataFrame, **settings) -> list[tuple[str, str]]:
    return [(one.claim, one.text) for one in about_answers(answers, SureConfig(**settings))]


def test_accuracy_and_answers_that_are_wrong_both_times_are_told():
    wrong, floor, attention = said(ANSWERS, attention_pairs=1)
    assert wrong[0] == "form_changes_answers"
    assert wrong[1].startswith("The reader answers 0% of the unchanged documents rightly; 1 of the 2 answers that stay")
    assert wrong[1].endswith("Choose a stronger reader.")
    assert floor[1] == "Noise floor: 0 of 1 judgements turned (read again)."
    assert "1 of 2 documents with a lost answer" in attention[1]
    assert len(said(ANSWERS, attention_pairs=2)) == 2
    strong = ANSWERS.assign(right_after=ANSWERS["right_after"] | (ANSWERS["kind"] == "original"))
    assert "stronger" not in said(strong)[0][1]


def test_a_floor_that_nobody_measured_is_missed():
    assert "No noise floor was measured" in said(ANSWERS[ANSWERS["kind"] != "control"])[1][1]
    turned = ANSWERS.assign(change=ANSWERS["change"].mask(ANSWERS["kind"] == "control", 1))
    assert "1 of 1 judgements turned" in said(turned)[1][1]


def test_questions_of_one_title_are_one_cluster():
    asked = open_questions(SureConfig(questions=100))
    few = replace(asked, questions=tuple(replace(one, cluster="Norway") for one in asked.questions))
    first = next(about_limits(few, SureConfig(questions=100), 3))
    assert first.text.startswith("The 100 questions share 1 titles") and first.claim == ""


def test_dropped_rewritings_are_counted_by_reason_and_what_nobody_judged_is_said():
    rows = [("source", ""), ("source", "answer_lost"), ("source", "looping"), ("format", "")]
    forms = pd.DataFrame(rows, columns=["kind", "reason"]).assign(kept=[True, False, False, True])
    found = list(about_forms(forms, SureConfig()))
    assert [caution.claim for caution in found] == list(OF_REWRITINGS)
    assert found[0].text.startswith("2 of 3 rewritten documents were dropped (")
    assert "1 answer lost" in found[0].text and "1 looping" in found[0].text and "nobody" in found[0].text
    judged = SureConfig(judge="generator", judge_model="m")
    assert "nobody" not in next(about_forms(forms, judged)).text


def test_cautions_name_claims_of_the_card():
    named = {*OF_REWRITINGS, *OF_STYLES, *(claim for claims in OF_ARMS.values() for claim in claims)}
    assert named <= NAMES
    assert [caution.claim for caution in about_training("brief", "nothing is held out")] == [""]
    assert {caution.claim for caution in about_training("sft", "x")} <= NAMES

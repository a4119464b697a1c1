import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.sure.config import SureConfig
from engines.sure.forms import ready_made_forms, rule_based_forms
from engines.sure.instances import (
    QUESTIONS,
    PairSet,
    blocks_of,
    digest,
    flipped_by_all,
    golds,
    instance_frame,
    instances_of,
    joined,
    write_pairs,
)
from engines.sure.perturbations import Document
from engines.sure.questions import AskedQuestion, GoldAnswers, PairRow, QuestionSet, open_questions
from workbench.storage.home import place

OSLO = Document("", "Ada lives in Oslo. It rains.")
ROME = Document("", "Ada never saw Rome. Bo did.")
SOAP = Document("", "Soap is made of fat. Ash helps.")


def question_set(*questions: AskedQuestion, pool=(OSLO, ROME, SOAP), pairs=()) -> QuestionSet:
    return QuestionSet(questions, pool, tuple(pairs), "made up", "", ())


def where(documents=(OSLO,)) -> AskedQuestion:
    return AskedQuestion("q1", "Where does Ada live?", ("Oslo",), documents, "ada")


def test_noise_is_the_nearest_passage_that_holds_no_answer():
    found = instances_of(question_set(where()), SureConfig(noise_questions=1))
    assert [(row.instance, row.document, row.golden) for row in found] == [
        ("q1", OSLO.text, True),
        ("q1/1", ROME.text, False),
    ]
    assert golds(found[0]) == ("Oslo",)


def test_a_passage_without_the_answer_is_noise():
    found = instances_of(question_set(where((SOAP, OSLO, OSLO))), SureConfig(noise_questions=0))
    assert [(row.document, row.golden) for row in found] == [(SOAP.text, False), (OSLO.text, True)]


def test_identical_passages_are_one_candidate_for_noise():
    asked = open_questions(SureConfig(questions=3))
    rows = [row for row in instances_of(asked, SureConfig(noise_questions=3)) if not row.golden]
    assert len(rows) == 3
    for row in rows:
        assert not GoldAnswers(golds(row)).within(row.document)


def test_forms_of_the_bundled_passages_keep_their_answers():
    config = SureConfig(questions=40, noise_questions=10)
    forms = rule_based_forms(instances_of(open_questions(config), config), config)
    assert len(forms) == 50 * 12
    assert forms["kept"].all(), forms.loc[~forms["kept"], ["instance", "perturbation", "reason"]]


def test_markup_and_code_in_a_document_are_kept():
    document = Document("", 'if (a < b && c["x"]) { return "Oslo"; } # <p>done</p>')
    config = SureConfig(noise_questions=0)
    forms = rule_based_forms(instances_of(question_set(where((document,))), config), config)
    assert set(forms.loc[~forms["kept"], "reason"]) <= {"unchanged"}
    assert {"json", "html", "yaml", "markdown"} <= set(forms.loc[forms["kept"], "perturbation"])


def test_a_document_in_another_language_can_be_read():
    document = Document("東京", "日本の首都は東京です。人口は多い。")
    asked = AskedQuestion("q", "日本の首都は？", ("東京",), (document,), "t")
    config = SureConfig(noise_questions=0)
    found = instances_of(question_set(asked), config)
    assert found[0].golden
    assert rule_based_forms(found, config)["kept"].all()


def test_ready_made_pairs_are_read_as_they_are():
    pair = PairRow(
        instance="q1", question="Where?", answers=("Oslo",), document=OSLO.text, perturbation="sung",
        before=OSLO.text, text="La la Oslo.",
    )  # fmt: skip
    other = pair.model_copy(update={"perturbation": "simple"})
    asked = question_set(where(), pool=(), pairs=[pair, other])
    config = SureConfig()
    forms = ready_made_forms(asked, instances_of(asked, config), config)
    shown = forms[["perturbation", "kind", "text", "kept"]].to_numpy().tolist()
    assert shown == [["sung", "other", "La la Oslo.", True]]


@given(st.integers(0, 60), st.integers(0, 60))
def test_blocks_of_more_begin_with_the_full_blocks_of_fewer(few, more):
    first, all_of = (blocks_of(list(range(count))) for count in (few, few + more))
    assert [thing for block in all_of for thing in block] == list(range(few + more))
    assert all_of[: few // QUESTIONS] == first[: few // QUESTIONS]
    assert all(len(block) == QUESTIONS for block in all_of[:-1])


def test_a_digest_tells_what_was_said():
    frame = pd.DataFrame({"a": ["x", "y"], "b": [1, 2]})
    assert digest(frame, "z") == digest(frame.copy(), "z") != digest(frame.iloc[::-1], "z")
    assert digest("ab", "c") != digest("a", "bc")
    assert digest(frame.iloc[:1]) != digest(frame) and len(digest()) == 16
    assert digest("\udcff") != digest("?"), "what is no text is told apart too"


def test_frames_are_joined_in_the_order_of_the_taxonomy():
    names = ["sung", "html", "plain", "reverse"]
    blocks = [pd.DataFrame({"perturbation": names, "at": [at] * 4}) for at in (0, 1)]
    found = joined([blocks[0], blocks[0].iloc[:0], blocks[1]], ("perturbation", "at"))
    assert found["perturbation"].tolist() == [name for name in ("plain", "reverse", "html", "sung") for _ in (0, 1)]
    assert found["at"].tolist() == [0, 1] * 4
    assert list(joined([], ("a", "b"))) == ["a", "b"]
    assert joined([pd.DataFrame({"a": [2]}), pd.DataFrame({"a": [1]})], ("a",))["a"].tolist() == [2, 1]


def pairs_of(questions: int) -> PairSet:
    config = SureConfig(questions=questions, noise_questions=12, perturbations=("json", "reverse"))
    instances = instances_of(open_questions(config), config)
    return PairSet(config, instance_frame(instances), rule_based_forms(instances, config))


@pytest.mark.parametrize("more", [17, 24, 60])
def test_more_questions_leave_the_full_blocks_of_a_pair_set(more):
    few, many = pairs_of(2 * QUESTIONS).blocks(), pairs_of(more).blocks()
    assert [block.key for block in many[:2]] == [block.key for block in few]
    assert len(few[0].instances) == 2 * QUESTIONS and len(few[0].forms) == 4 * QUESTIONS, (
        "Noise stays with its question"
    )
    assert sum(len(block.forms) for block in many) == len(pairs_of(more).forms)


def small_pairs() -> PairSet:
    config = SureConfig(questions=3, noise_questions=1)
    instances = instances_of(open_questions(config), config)
    return PairSet(config, instance_frame(instances), rule_based_forms(instances, config))


def test_pairs_are_read_back_as_they_were(fresh_home):
    pair_set = small_pairs()
    path = place("uploads") / "pairs.jsonl"
    assert write_pairs(pair_set, path) == len(pair_set.forms) == 48
    config = SureConfig(data="upload:pairs.jsonl", questions=100)
    asked = open_questions(config)
    assert not asked.pool and len(asked.pairs) == 48
    again = ready_made_forms(asked, instances_of(asked, config), config)
    keys = ["instance", "perturbation"]
    pd.testing.assert_frame_equal(
        again.sort_values(keys, ignore_index=True), pair_set.forms.sort_values(keys, ignore_index=True)
    )
    golden = {row.instance: row.golden for row in instances_of(asked, config)}
    assert golden == dict(zip(pair_set.instances["instance"], pair_set.instances["golden"], strict=True))


def test_only_what_is_asked_for_is_written(tmp_path):
    pair_set = small_pairs()
    first = str(pair_set.instances["instance"].iloc[0])
    assert write_pairs(pair_set, tmp_path / "some.jsonl", {(first, "json")}) == 1
    row = json.loads((tmp_path / "some.jsonl").read_text())
    assert (row["instance"], row["perturbation"], row["golden"]) == (first, "json", True)


def test_flips_of_all_readers_by_hand():
    names = ["instance", "perturbation", "change", "subset"]
    one = pd.DataFrame([("a", "json", 1, "K-G"), ("b", "json", -1, "U-G"), ("c", "json", 1, "U-N")], columns=names)
    other = pd.DataFrame([("a", "json", -1, "U-G"), ("b", "json", 0, "U-G"), ("c", "json", 1, "U-N")], columns=names)
    assert flipped_by_all({"one": one, "other": other}) == {("a", "json")}
    assert flipped_by_all({"one": one}) == {("a", "json"), ("b", "json")}
    assert flipped_by_all({}) == set()

from engines.sure.answer_match import GoldAnswers
from engines.sure.config import SureConfig
from engines.sure.instances import golds, instances_of, ready_made_forms, rule_based_forms
from engines.sure.questions import Asked, PairRow, QuestionSet, open_questions
from engines.sure.templates import Document

OSLO = Document("", "Ada lives in Oslo. It rains.")
ROME = Document("", "Ada never saw Rome. Bo did.")
SOAP = Document("", "Soap is made of fat. Ash helps.")


def question_set(*questions: Asked, pool=(OSLO, ROME, SOAP), pairs=()) -> QuestionSet:
    return QuestionSet(questions, pool, tuple(pairs), "made up", "", ())


def where(documents=(OSLO,)) -> Asked:
    return Asked("q1", "Where does Ada live?", ("Oslo",), documents, "ada")


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
    assert len(forms) == 50 * 10
    assert forms["kept"].all(), forms.loc[~forms["kept"], ["instance", "perturbation", "reason"]]


def test_markup_and_code_in_a_document_are_kept():
    document = Document("", 'if (a < b && c["x"]) { return "Oslo"; } # <p>done</p>')
    config = SureConfig(noise_questions=0)
    forms = rule_based_forms(instances_of(question_set(where((document,))), config), config)
    assert set(forms.loc[~forms["kept"], "reason"]) <= {"unchanged"}
    assert {"json", "html", "yaml", "markdown"} <= set(forms.loc[forms["kept"], "perturbation"])


def test_a_document_in_another_language_can_be_read():
    document = Document("東京", "日本の首都は東京です。人口は多い。")
    asked = Asked("q", "日本の首都は？", ("東京",), (document,), "t")
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

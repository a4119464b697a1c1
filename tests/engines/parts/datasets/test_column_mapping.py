import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.corpora.maths_problems import MathProblem
from engines.parts.datasets.column_mapping import SURE, closest_columns, format_mapping, parse_mapping, propose_mapping
from engines.parts.records.question_records import Prompt, Question
from workbench.contract.errors import DataError


def match(proposal, field):
    return next(each for each in proposal.matches if each.field == field)


@pytest.mark.parametrize(
    ("columns", "mapping"),
    [
        (["question", "answers"], {"question": "question", "answers": "answers"}),
        (["Question", "ANSWERS "], {"question": "Question", "answers": "ANSWERS "}),
        (["goldAnswer", "the_query"], {"question": "the_query", "answers": "goldAnswer"}),
        (["quesiton", "answer"], {"question": "quesiton", "answers": "answer"}),
        (["question_id", "question", "answers.text"], {
            "id": "question_id", "question": "question", "answers": "answers.text"}),
        (["question_text", "reference_answers"], {"question": "question_text", "answers": "reference_answers"}),
        (["x", "y"], {}),
    ],
)  # fmt: skip
def test_columns_are_found_by_name(columns, mapping):
    assert propose_mapping(columns, [], Question).mapping == mapping


def test_a_column_of_questions_is_known_by_its_look():
    rows = [{"c1": f"Is it {number}?", "c2": "yes", "answer": "no"} for number in range(20)]
    proposal = propose_mapping(["c1", "c2", "answer"], rows, Question)
    assert proposal.mapping == {"question": "c1", "answers": "answer"}
    assert match(proposal, "question").reason == "100% of its values end in a question mark."
    assert proposal.unused == ("c2",) and proposal.missing == ()


def test_values_that_do_not_fit_lower_the_confidence_and_say_so():
    rows = [{"question": "Who?", "answer": "x", "split": part} for part in ("train", "dev", "validation", "test")]
    found = match(propose_mapping(["question", "answer", "split"], rows, MathProblem), "split")
    assert found.confidence == 0.75
    assert found.reason == "It has the field's name. 50% of the values seen can be read as such."


def test_the_only_column_is_the_only_field():
    assert propose_mapping(["whatever"], [{"whatever": "x"}], Prompt).mapping == {"prompt": "whatever"}


def test_nothing_that_fits_is_said():
    proposal = propose_mapping(["x", "y"], [{"x": "1", "y": "2"}], Question)
    assert proposal.mapping == {} and proposal.missing == ("question", "answers") and proposal.unused == ("x", "y")
    assert match(proposal, "passage").reason == "No column has its name or fits it."


@given(st.permutations(["id", "question", "query", "answer", "gold", "title", "context", "x"]))
def test_no_column_is_taken_twice_and_names_win_over_synonyms(columns):
    proposal = propose_mapping(columns, [], Question)
    taken = [each.column for each in proposal.matches if each.column]
    assert len(taken) == len(set(taken)) and set(taken) | set(proposal.unused) == set(columns)
    assert proposal.mapping["question"] == "question" and proposal.mapping["id"] == "id"
    assert all(0 <= each.confidence <= 1 and each.reason for each in proposal.matches)
    assert all(match(proposal, field).confidence >= SURE for field in proposal.mapping)


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("question=Q,answers=Gold answer", {"question": "Q", "answers": "Gold answer"}),
        (" question = Q , answers=a=b ", {"question": "Q", "answers": "a=b"}),
        (r"question=Who\, then?,id=a\\b", {"question": "Who, then?", "id": "a\\b"}),
        ("", {}),
    ],
)
def test_a_mapping_is_read_from_text(text, mapping):
    assert parse_mapping(text) == mapping
    assert parse_mapping(format_mapping(mapping)) == mapping


COLUMN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
    lambda name: name.strip() == name
)


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), COLUMN, max_size=4))
def test_any_mapping_survives_as_text(mapping):
    assert parse_mapping(format_mapping(mapping)) == mapping


@pytest.mark.parametrize("text", ["question", "=Q", "question=", "a=1,a=2", "question=Q,x", "\\"])
def test_what_is_no_mapping_is_refused(text):
    with pytest.raises(DataError, match="does not name one column for one field") as caught:
        parse_mapping(text)
    assert "question=Q" in caught.value.hint


def test_the_closest_columns_come_first():
    assert closest_columns("answers", Question, ["answr", "colour", "answer_key"]) == ["answr", "answer_key"]
    assert closest_columns("answers", Question, ["zzz"]) == []

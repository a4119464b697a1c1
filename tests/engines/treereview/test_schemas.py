import pytest
from pydantic import ValidationError

from engines.treereview.schemas import Sizes, as_lines, comment_list, review_form, sub_questions, sufficiency, synthesis

FREE = Sizes(60, 60, 200, 3)
GUIDED = Sizes(60, 60, 200, 3, guided=True)


def test_questions_are_at_most_so_many():
    shape = sub_questions(2, FREE)
    assert shape(questions=[]).questions == []
    with pytest.raises(ValidationError):
        shape(questions=["a?", "b?", "c?"])


def test_guided_questions_are_exactly_so_many_and_look_like_questions():
    shape = sub_questions(2, GUIDED)
    good, next_one = "How is the noise floor measured here?", "Which languages are the nearest?"
    assert shape(questions=[good, next_one]).questions == (good, next_one)
    for bad in ([good], [good, good], [good, "Which are the nearest."], [good, "1.1.1.1.1.1.1.1.1.1.1.1?"]):
        with pytest.raises(ValidationError):
            shape(questions=bad)


def test_answers_fit_into_their_tokens():
    assert FREE.letters(60, 3) == 60
    assert synthesis(FREE)(reasoning="r" * 60, answer="a" * 60)
    with pytest.raises(ValidationError):
        synthesis(FREE)(reasoning="r", answer="a" * 61)
    assert sufficiency(1, FREE)(reasoning="", sufficient=True, answer="", follow_up_questions=[])


def test_scores_are_within_the_form():
    texts = {"summary": "s", "strengths": ["a"], "weaknesses": ["b"], "questions": ["c"]}
    fields = {**texts, "soundness": 4, "presentation": 1, "contribution": 2, "rating": 10, "confidence": 5}
    assert review_form(2, FREE)(**fields).rating == 10
    for name, value in (("soundness", 5), ("rating", 0), ("confidence", 6), ("strengths", ["a", "b", "c"])):
        with pytest.raises(ValidationError):
            review_form(2, FREE)(**{**fields, name: value})


def test_a_guided_model_writes_more_than_the_name_of_a_field():
    with pytest.raises(ValidationError):
        comment_list(GUIDED)(comments=[{"comment": "comment", "evidence": "evidence"}] * 2)
    looping = {"comment": "The floor is 1" + "1" * 40 + ".", "evidence": "It is 2.4 on average."}
    with pytest.raises(ValidationError):
        comment_list(GUIDED)(comments=[looping] * 2)
    good = {"comment": "The floor of 2.4 is small.", "evidence": "It was measured in 2025."}
    assert len(comment_list(GUIDED)(comments=[good] * 2).comments) == 2
    assert len(comment_list(FREE)(comments=[{"comment": "x", "evidence": ""}]).comments) == 1


def test_points_as_lines():
    assert as_lines(["a", "b"]) == "- a\n- b"

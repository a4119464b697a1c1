import pytest
from pydantic import ValidationError

from engines.parts.completions.prompts import Message
from engines.treereview.prompts import (
    NEEDED,
    Sizes,
    as_lines,
    comment_list,
    prompt_set,
    read_templates,
    review_form,
    shipped_text,
    sub_questions,
    sufficiency,
    synthesis,
)
from workbench.contract.errors import ConfigError


@pytest.mark.parametrize("style", ["complete", "short"])
def test_shipped_prompts_are_complete(style):
    assert set(read_templates(shipped_text(style))) == set(NEEDED)
    prompt_set(shipped_text(style))


def test_places_are_filled_once_and_never_from_what_is_filled_in():
    prompts = prompt_set("## leaf\n{{question}} / {{ passages }}\n## system\nBe fair.")
    filled = prompts.fill("leaf", question="{{passages}} & {{title}}", passages="p", title="t")
    assert filled == (Message("system", "Be fair."), Message("user", "{{passages}} & {{title}} / p"))


def test_without_a_system_text_there_is_no_system_turn():
    assert prompt_set("## system\n").fill("leaf", title="t", question="q", passages="p")[0].role == "user"


def test_sections_that_are_missing_are_the_complete_ones():
    assert prompt_set("").templates == read_templates(shipped_text("complete"))
    assert prompt_set("## leaf\n{{question}}{{passages}}").templates["review"] == prompt_set().templates["review"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("## leaves\nx", "'leaves' is no prompt"),
        ("## leaf\n{{question}}", "leaf does not say {{passages}}"),
        ("## leaf\n{{question}}{{passages}}{{author}}", "leaf knows no {{author}}"),
    ],
)
def test_faulty_prompts_are_refused_by_name(text: str, problem: str):
    with pytest.raises(ConfigError, match=problem.replace("{", r"\{")) as caught:
        prompt_set(text)
    assert "prompts" in caught.value.problems


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
    assert FREE.letters(60, 3) == 52 and FREE.letters(60, 3, keys=3) == 36
    assert synthesis(FREE)(reasoning="r" * 44, answer="a" * 88)
    with pytest.raises(ValidationError):
        synthesis(FREE)(reasoning="r", answer="a" * 89)


def test_an_answer_has_no_follow_ups_and_follow_ups_have_no_answer():
    shape = sufficiency(1, FREE)
    both = {"reasoning": "r", "answer": "a", "follow_up_questions": ["Why?"]}
    assert set(shape.model_validate({**both, "sufficient": True}).model_dump()) == {"reasoning", "sufficient", "answer"}
    asking = shape.model_validate({**both, "sufficient": False}).model_dump()
    assert set(asking) == {"reasoning", "sufficient", "follow_up_questions"}
    with pytest.raises(ValidationError):
        shape.model_validate({"reasoning": "r", "sufficient": False, "follow_up_questions": []})


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

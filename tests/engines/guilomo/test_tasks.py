import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.guilomo.config import GuilomoConfig
from engines.guilomo.problems import VERIFIERS, Problem
from engines.guilomo.tasks import examples_of, open_task, prompt_of, response_of, search_parts, split_task
from workbench.contract.errors import ConfigError, DataError
from workbench.storage.home import place


def test_svamp_is_learned_with_its_calculation_and_judged_by_its_number():
    task = open_task("svamp", GuilomoConfig(train_items=20, test_items=10))
    assert (len(task.train), len(task.validation), len(task.test)) == (10, 10, 10)
    one = task.test[0]
    assert VERIFIERS[task.verifier](one.gold, one.response) and not VERIFIERS[task.verifier](one.gold, "no number")
    assert not {p.question for p in task.test} & {p.question for p in task.learned}


def some(count: int) -> list[Problem]:
    return [Problem(str(at), f"question {at}", "r", "g") for at in range(count)]


def test_parts_do_not_overlap_and_equal_questions_stay_together():
    twice = [*some(30), Problem("again", "question 3", "r", "g")]
    task = split_task("own", "text", twice, GuilomoConfig(train_items=20, test_items=10))
    parts = [{problem.question for problem in part} for part in (task.train, task.validation, task.test)]
    assert [len(part) for part in parts] == [10, 10, 10] and len(set.union(*parts)) == 30


@pytest.mark.parametrize(("asked", "given"), [((20, 10), (7, 2)), ((9, 1), (7, 1)), ((5, 10), (5, 4))])
def test_few_problems_are_shared_out_and_said(asked, given):
    task = split_task("own", "text", some(9), GuilomoConfig(train_items=asked[0], test_items=asked[1]))
    assert (len(task.learned), len(task.test)) == given
    assert f"has 9 different problems: {given[0]} of {asked[0]} asked for" in task.notes[0]


def test_what_was_asked_for_and_given_is_not_remarked():
    assert not split_task("own", "text", some(9), GuilomoConfig(train_items=7, test_items=2)).notes


def items(problems) -> list[str]:
    return [problem.item for problem in problems]


@given(
    st.integers(5, 60), st.tuples(*[st.integers(3, 40)] * 2), st.tuples(*[st.integers(1, 40)] * 2), st.floats(35, 65)
)
def test_either_part_of_a_larger_run_begins_with_that_of_a_smaller_one(count, train, test, percent):
    few, many = (
        split_task("own", "text", some(count), GuilomoConfig(train_items=t, test_items=k, validation=percent))
        for t, k in zip(sorted(train), sorted(test), strict=True)
    )
    for part in ("train", "validation", "test"):
        one, two = (items(getattr(task, part)) for task in (few, many))
        common = min(len(one), len(two))
        assert one[:common] == two[:common], part
    assert not set(items(many.test)) & set(items(many.learned))


@given(st.integers(0, 200), st.floats(0, 100))
def test_the_parts_of_the_search_have_their_shares(count, percent):
    train, validation = search_parts(some(count), percent)
    assert len(train) + len(validation) == count and abs(len(validation) - count * percent / 100) < 1 + 1e-9


def test_glosses_of_a_larger_run_are_those_of_a_smaller_one_and_more():
    few, many = (open_task("glosses", GuilomoConfig(train_items=20, test_items=test)) for test in (10, 40))
    assert few.learned == many.learned and few.test == many.test[:10]


@pytest.mark.parametrize("validation", [0.0, 100.0])
def test_a_search_needs_both_of_its_parts(validation):
    with pytest.raises(DataError, match="validation"):
        split_task("own", "text", some(30), GuilomoConfig(train_items=20, test_items=5, validation=validation))


def test_own_choices_must_offer_their_response():
    path = place("uploads") / "bad-options.jsonl"
    rows = [{"prompt": "p", "response": "x", "options": ["x", "y"]}, {"prompt": "q", "response": "z", "options": ["x"]}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(DataError, match="Row 2") as refused:
        open_task("own", GuilomoConfig(data="upload:bad-options.jsonl", verifier="options"))
    assert refused.value.field == "options"


def test_no_such_task():
    with pytest.raises(ConfigError, match="no task"):
        open_task("poems", GuilomoConfig())


def test_prompts_are_chats_or_texts():
    plain, chat = GuilomoConfig(prompting="plain"), GuilomoConfig()
    problem = some(1)[0]
    assert prompt_of(problem, plain) == "question 0\nAnswer:" and response_of("r", plain) == " r"
    assert prompt_of(problem, chat)[0].content == "question 0" and response_of("r", chat) == "r"
    assert examples_of([problem], plain)[0].response == " r"

import json

import pytest

from engines.guilomo.config import GuilomoConfig
from engines.guilomo.problems import VERIFIERS, Problem
from engines.guilomo.tasks import examples_of, open_task, prompt_of, response_of, split_task
from workbench.errors import ConfigError, DataError
from workbench.home import place


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


def test_few_problems_are_shared_out_and_said():
    task = split_task("own", "text", some(9), GuilomoConfig(train_items=20, test_items=10))
    assert (len(task.learned), len(task.test)) == (6, 3) and "has 9 different problems" in task.notes[0]


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

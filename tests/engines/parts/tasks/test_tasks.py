import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.tasks.problems import VERIFIERS, Problem
from engines.parts.tasks.tasks import TaskSettings, deal, open_task
from workbench.contract.errors import ConfigError, DataError
from workbench.storage.home import place


def test_svamp_is_learned_with_its_calculation_and_judged_by_its_number():
    task = open_task("svamp", TaskSettings(20, 10))
    assert (len(task.learn), len(task.examine)) == (20, 10)
    one = task.examine[0]
    assert VERIFIERS[task.verifier](one.gold, one.response) and not VERIFIERS[task.verifier](one.gold, "no number")
    assert not {p.question for p in task.learn} & {p.question for p in task.examine}


def some(count: int) -> list[Problem]:
    return [Problem(str(at), f"question {at}", "r", "g") for at in range(count)]


def items(problems) -> list[str]:
    return [problem.item for problem in problems]


def test_parts_do_not_overlap_and_equal_questions_stay_together():
    learn, examine, _ = deal("own", [*some(30), Problem("again", "question 3", "r", "g")], TaskSettings(20, 10))
    assert (len(learn), len(examine)) == (20, 10)
    assert len({problem.question for problem in (*learn, *examine)}) == 30


@pytest.mark.parametrize(("asked", "given"), [((20, 10), (7, 2)), ((9, 1), (7, 1)), ((5, 10), (5, 4))])
def test_few_problems_are_shared_out_and_said(asked, given):
    learn, examine, notes = deal("own", some(9), TaskSettings(*asked))
    assert (len(learn), len(examine)) == given
    assert f"has 9 different problems: {given[0]} of {asked[0]} asked for" in notes[0]


def test_what_was_asked_for_and_given_is_not_remarked():
    assert not deal("own", some(9), TaskSettings(7, 2))[2]


def test_one_problem_is_too_few():
    with pytest.raises(DataError, match="1 different problems, too few"):
        deal("own", some(1), TaskSettings(7, 2))


@given(st.integers(5, 60), st.tuples(*[st.integers(1, 40)] * 2), st.tuples(*[st.integers(1, 40)] * 2))
def test_either_part_of_a_larger_run_begins_with_that_of_a_smaller_one(count, learned, examined):
    few, many = (
        deal("own", some(count), TaskSettings(*sizes)) for sizes in zip(sorted(learned), sorted(examined), strict=True)
    )
    for one, two in zip(few[:2], many[:2], strict=True):
        common = min(len(one), len(two))
        assert items(one)[:common] == items(two)[:common]
    assert not set(items(many[0])) & set(items(many[1]))


def test_own_choices_must_offer_their_response():
    path = place("uploads") / "bad-options.jsonl"
    rows = [{"prompt": "p", "response": "x", "options": ["x", "y"]}, {"prompt": "q", "response": "z", "options": ["x"]}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(DataError, match="Row 2") as refused:
        open_task("own", TaskSettings(2, 2, data="upload:bad-options.jsonl", verifier="options"))
    assert refused.value.field == "options"


def test_no_such_task_and_no_data():
    with pytest.raises(ConfigError, match="no task"):
        open_task("poems", TaskSettings(2, 2))
    with pytest.raises(ConfigError, match="needs data"):
        open_task("own", TaskSettings(2, 2))


def test_prompts_are_chats_or_texts():
    path = place("uploads") / "few.jsonl"
    path.write_text("".join(json.dumps({"prompt": f"p{at}", "response": "r"}) + "\n" for at in range(5)))
    chats, texts = (
        open_task("own", TaskSettings(2, 2, prompting=how, data="upload:few.jsonl")) for how in ("chat", "plain")
    )
    one = chats.learn[0]
    assert chats.prompt(one)[0].content == one.question and chats.examples()[0].response == "r"
    assert texts.prompt(one) == f"{one.question}\nAnswer:" and texts.examples([one])[0].response == " r"

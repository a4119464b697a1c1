import json

import pytest

from engines.guilomo.config import GuilomoConfig
from engines.guilomo.glosses import OPTIONS, gloss_problems, senses_of
from engines.guilomo.problems import VERIFIERS, Problem
from engines.guilomo.tasks import examples_of, open_task, prompt_of, response_of, split_task
from engines.parts.records import read_records
from engines.parts.wordnet import Gloss
from workbench.errors import ConfigError, DataError
from workbench.home import place


def gloss(word: str, number: int, **more) -> Gloss:
    given = {
        "id": f"{word}-{number}",
        "word": word,
        "gloss": f"meaning {number} of {word}",
        "used": word,
        "pos": "noun",
    }
    return Gloss(**{**given, "example": f"we saw the {word} over there", "synset": f"{word}.{number}", **more})


ROWS = [gloss(word, number) for word in "abcdefgh" for number in (1, 2, 3)]


def test_each_word_and_each_sense_stands_in_one_problem():
    problems = gloss_problems(ROWS, 1, 100)
    assert len(problems) == 8 and len({problem.gold for problem in problems}) == 8


def test_a_problem_has_its_gloss_an_own_sense_and_strangers():
    for problem in gloss_problems(ROWS, 1, 100):
        word = problem.item[0]
        assert len(set(problem.options)) == OPTIONS and problem.gold in problem.options
        assert sum(option.endswith(f"of {word}") for option in problem.options) == 2
        assert f'"{word}"' in problem.question and problem.response == problem.gold
    none = gloss_problems(ROWS, 0, 100)[0]
    assert sum(option.endswith(f"of {none.item[0]}") for option in none.options) == 1


def test_fewer_problems_are_the_first_of_more():
    asked = [problem.question for problem in gloss_problems(ROWS, 1, 100)]
    assert [problem.question for problem in gloss_problems(ROWS, 1, 3)] == asked[:3]


def test_words_without_enough_senses_and_long_or_unused_examples_are_left_out():
    rows = [*ROWS, gloss("lone", 1), gloss("odd", 1, used=""), gloss("odd", 2, example="too short"), gloss("odd", 3)]
    items = {problem.item for problem in gloss_problems(rows, 1, 100)}
    assert not any(item.startswith("lone") for item in items) and not {"odd-1", "odd-2"} & items
    assert senses_of(rows)["lone", "noun"] == {"lone.1": "meaning 1 of lone"}


def test_the_bundled_glosses_give_enough_problems_to_see_small_differences():
    rows = read_records("wordnet-glosses", Gloss).rows
    problems = gloss_problems(rows, 1, 4000)
    assert len(problems) == 4000, "the standard error of a share is then below 0.8 points"
    places = [problem.options.index(problem.gold) for problem in problems]
    assert min(places.count(at) for at in range(OPTIONS)) > 900, "the right option stands anywhere"


def test_svamp_is_learned_with_its_calculation_and_judged_by_its_number():
    task = open_task("svamp", GuilomoConfig(train_items=20, test_items=10))
    assert (len(task.train), len(task.validation), len(task.test)) == (10, 10, 10)
    one = task.test[0]
    assert VERIFIERS[task.verifier](one.gold, one.response) and not VERIFIERS[task.verifier](one.gold, "no number")
    assert not {p.question for p in task.test} & {p.question for p in task.learned}


@pytest.mark.parametrize(
    ("verifier", "gold", "right", "wrong"),
    [
        ("number", "145", "( 290 / 2 ) = 145", "144"),
        ("letter", "B", "The answer is B.", "A"),
        ("text", "the bank", "Bank.", "river"),
        ("options", "a", "a", "b"),
    ],
)
def test_verifiers_tell_right_from_wrong(verifier, gold, right, wrong):
    assert VERIFIERS[verifier](gold, right) and not VERIFIERS[verifier](gold, wrong)


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

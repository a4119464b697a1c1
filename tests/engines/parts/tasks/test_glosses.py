from engines.parts.corpora.wordnet import Gloss
from engines.parts.datasets.records import read_records
from engines.parts.tasks.glosses import OPTIONS, gloss_problems, senses_of
from engines.parts.tasks.tasks import TaskSettings, deal


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
    problems = gloss_problems(ROWS, 1)
    assert len(problems) == 8 and len({problem.gold for problem in problems}) == 8


def test_a_problem_has_its_gloss_an_own_sense_and_strangers():
    for problem in gloss_problems(ROWS, 1):
        word = problem.item[0]
        assert len(set(problem.options)) == OPTIONS and problem.gold in problem.options
        assert sum(option.endswith(f"of {word}") for option in problem.options) == 2
        assert f'"{word}"' in problem.question and problem.response == problem.gold
    none = gloss_problems(ROWS, 0)[0]
    assert sum(option.endswith(f"of {none.item[0]}") for option in none.options) == 1


def test_the_order_of_the_glosses_does_not_matter():
    assert gloss_problems(ROWS[::-1], 1) == gloss_problems(ROWS, 1)


def test_words_without_enough_senses_and_long_or_unused_examples_are_left_out():
    rows = [*ROWS, gloss("lone", 1), gloss("odd", 1, used=""), gloss("odd", 2, example="too short"), gloss("odd", 3)]
    items = {problem.item for problem in gloss_problems(rows, 1)}
    assert not any(item.startswith("lone") for item in items) and not {"odd-1", "odd-2"} & items
    assert senses_of(rows)["lone", "noun"] == {"lone.1": "meaning 1 of lone"}


def test_a_gloss_that_two_senses_share_is_never_a_wrong_option():
    rows = [*ROWS, gloss("twin", 1, gloss="same"), gloss("twin", 2, gloss="same"), gloss("twin", 3)]
    for problem in gloss_problems(rows, 1):
        assert len(set(problem.options)) == OPTIONS


def test_a_part_of_speech_with_few_words_borrows_from_others():
    rows = [*ROWS, *(gloss("rarely", number, pos="adverb") for number in (1, 2))]
    rare = next(problem for problem in gloss_problems(rows, 1) if problem.item.startswith("rarely"))
    assert len(set(rare.options)) == OPTIONS


def test_the_bundled_glosses_give_enough_problems_to_see_small_differences():
    rows = read_records("wordnet-glosses", Gloss).rows
    problems = gloss_problems(rows, 1)
    assert len(problems) > 4000, "the standard error of a share is then below 0.8 points"
    places = [problem.options.index(problem.gold) for problem in problems]
    assert min(places.count(at) for at in range(OPTIONS)) > 900, "the right option stands anywhere"
    few, many = (deal("glosses", problems, TaskSettings(20, examine)) for examine in (10, 40))
    assert few[0] == many[0] and few[1] == many[1][:10], "a larger run asks what a smaller one did, and more"

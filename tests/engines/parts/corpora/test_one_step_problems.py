import re
from collections import Counter

from engines.parts.corpora.one_step_problems import COUNT, KINDS, WORDINGS, made_problems


def test_problems_are_different_and_always_the_same():
    found = made_problems()
    assert len(found) == len({problem.text for problem in found}) == COUNT
    assert found == made_problems()
    assert set(Counter(problem.operation for problem in found).values()) == {COUNT // len(KINDS)}


def test_problems_name_the_wording_that_they_share():
    found = made_problems()
    assert len({problem.wording for problem in found}) == WORDINGS == 24
    for problem in found:
        kind, number = problem.wording.split()
        words = re.split(r"\{\w\}", KINDS[kind][0][int(number) - 1])
        assert kind == problem.operation and all(part in problem.text for part in words), problem


def test_answers_are_right_and_numbers_small():
    work = {
        "addition": lambda a, b: {a + b}, "subtraction": lambda a, b: {a - b, b - a},
        "multiplication": lambda a, b: {a * b},
        "division": lambda a, b: {a // b if a % b == 0 else 0, b // a if b % a == 0 else 0},
    }  # fmt: skip
    for problem in made_problems():
        numbers = [int(found) for found in re.findall(r"\d+", problem.text)]
        assert len(numbers) == 2 and max(numbers) <= 30, problem.text
        assert 0 < int(problem.answer) <= 30 and int(problem.answer) in work[problem.operation](*numbers), problem.text


def test_wordings_are_whole():
    for problem in made_problems():
        assert problem.text[0].isupper() or problem.text[0].isdigit()
        assert problem.text.endswith("?") and not re.search(r"[{}]|\ba [aeiou]", problem.text)

import re
from collections import Counter

from engines.persyn.one_step import COUNT, KINDS, WORDINGS, one_step_problems


def test_problems_are_different_and_always_the_same():
    found = one_step_problems()
    assert len(found) == len({asked.text for asked in found}) == COUNT
    assert found == one_step_problems()
    assert set(Counter(asked.topic for asked in found).values()) == {COUNT // len(KINDS)}


def test_problems_name_the_wording_that_they_share():
    found = one_step_problems()
    assert len({asked.group for asked in found}) == WORDINGS == 24
    for asked in found:
        kind, number = asked.group.split()
        words = re.split(r"\{\w\}", KINDS[kind][0][int(number) - 1])
        assert kind == asked.topic and all(part in asked.text for part in words), asked


def test_answers_are_right_and_numbers_small():
    work = {
        "addition": lambda a, b: {a + b}, "subtraction": lambda a, b: {a - b, b - a},
        "multiplication": lambda a, b: {a * b},
        "division": lambda a, b: {a // b if a % b == 0 else 0, b // a if b % a == 0 else 0},
    }  # fmt: skip
    for asked in one_step_problems():
        numbers = [int(found) for found in re.findall(r"\d+", asked.text)]
        assert len(numbers) == 2 and max(numbers) <= 30, asked.text
        assert 0 < int(asked.answer) <= 30 and int(asked.answer) in work[asked.topic](*numbers), asked.text


def test_wordings_are_whole():
    for asked in one_step_problems():
        assert asked.text[0].isupper() or asked.text[0].isdigit()
        assert asked.text.endswith("?") and not re.search(r"[{}]|\ba [aeiou]", asked.text)

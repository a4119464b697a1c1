import pytest

from engines.parts.answers.spelled_numbers import spelled_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("nine", 9),
        ("Nine apples", 9),
        ("twenty-three", 23),
        ("one hundred and five", 105),
        ("two thousand three hundred", 2300),
        ("minus four", -4),
        ("one and a half", 1),
        ("zero", 0),
        ("ninety nine thousand and one dollars", 99_001),
        ("apples: nine", None),
        ("and nine", None),
        ("hundred", None),
        ("", None),
        ("9", None),
    ],
)
def test_numbers_in_words(text, number):
    assert spelled_number(text) == number

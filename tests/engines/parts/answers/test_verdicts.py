import pytest

from engines.parts.answers import maths_answers
from engines.parts.answers.verdicts import final_of, is_right, verdicts


@pytest.fixture(scope="module", autouse=True)
def reading_process():
    yield
    maths_answers._READER.close()


@pytest.mark.parametrize(
    ("gold", "response", "right"),
    [
        ("8", "17 - 9 = 8. The answer is 8.", True),
        ("8", "17 - 9 = 8. The answer is 9.", False),
        ("1,200", "So she has 1200 coins.", True),
        ("0.5", "The answer is 1/2", True),
        ("8", "", False),
        ("8", "I do not know.", False),
    ],
)
def test_numbers_are_verified(gold, response, right):
    assert is_right(gold, response) is right


def test_other_answers_are_verified_as_mathematics():
    pairs = [(r"\frac{x}{2}", r"The answer is $\boxed{0.5x}$"), ("x^2", "$x^3$"), ("3", "3")]
    assert verdicts(pairs).tolist() == [True, False, True]


def test_final_answers_are_shown_plainly():
    assert [final_of(text) for text in ("is 8.", "is 0.50", "is 1/3", "none")] == ["8", "0.5", "1/3", ""]
    assert final_of("The answer is Tuesday.") == "Tuesday" and len(final_of("The answer is " + "x" * 999)) == 80

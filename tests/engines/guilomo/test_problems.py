import pytest

from engines.guilomo.problems import VERIFIERS, same_letter


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


def test_an_answer_without_a_letter_is_wrong_and_no_gold_is_never_right():
    assert not same_letter("B", "I do not know that") and not same_letter("", "A")
    assert same_letter("(c)", "C") and same_letter("F", "The answer is F.")

from dataclasses import replace

import pytest

from engines.parts.tasks.problems import VERIFIERS, Problem, digest_of, same_letter


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


def test_problems_are_the_same_where_they_say_the_same():
    one = Problem("1", "q", "r", "g", ("g", "h"))
    assert digest_of([one]) == digest_of([replace(one)]) == "a167a8a14cc07f98"
    assert digest_of([one]) != digest_of([replace(one, gold="h")]) != digest_of([replace(one, cluster="a")])
    assert digest_of([one, replace(one, item="2")]) != digest_of([replace(one, item="2"), one])

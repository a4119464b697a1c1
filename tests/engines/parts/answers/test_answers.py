import re
import string
import time
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.answers.answers import exact_match, final_number, normalised, numbers_equal, option_letter, token_f1

GSM8K = (
    "Natalia sold 48/2 = <<48/2=24>>24 clips in May.\n"
    "Natalia sold 48+24 = <<48+24=72>>72 clips altogether in April and May.\n#### 72"
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (GSM8K, 72),
        ("#### 1,600", 1600),
        ("#### -3", -3),
        ("#### $2,125.50", Fraction("2125.5")),
        ("The answer is 42.", 42),
        ("The answer is 42. I checked it 3 times.", 42),
        ("The final answer is: **18** dollars", 18),
        ("So the answer is $5.00 per day.", 5),
        ("The answer is 3 + 4 = 7.", 7),
        (r"Hence $x = \boxed{\frac{3}{4}}$, which is below 9.", Fraction(3, 4)),
        (r"\boxed{12{,}345}", 12345),
        (r"\boxed{x} so 8", 8),
        ("first \\boxed{1}, then \\boxed{2}", 2),
        ("He has 10-3", 3),
        ("He has 10 − 3 = 7 apples", 7),
        ("It fell to −5 degrees", -5),
        ("a debt of -$1,250", -1250),
        ("a debt of $-12", -12),
        ("25% of them", 25),
        ("It takes 1 3/4 hours", Fraction(7, 4)),
        ("exactly 3/4 cup", Fraction(3, 4)),
        ("½ cup", Fraction(1, 2)),
        ("about .5 miles", Fraction(1, 2)),
        ("1.5e3 m", 1500),
        ("version 2, 3 and 4", 4),
        ("1,2", 2),
        ("12,3456", 3456),
        ("0.1 and 0.3", Fraction(3, 10)),
        ("It is 5.", 5),
        ("", None),
        ("none", None),
        ("1/0", None),
        (r"so \boxed{\frac34}", Fraction(3, 4)),
        (r"\dfrac12", Fraction(1, 2)),
        ("The answer is twenty-three.", 23),
        ("She had 14, so the answer is nine.", 9),
        ("Nobody knows one", None),
        ("####", None),
        ("9" * 5000, None),
        ("1e999999999", None),
    ],
)
def test_the_final_number_of_an_answer(text, number):
    assert final_number(text) == number


@given(st.integers(-(10**15), 10**15), st.sampled_from(["#### {}", "The answer is {}.", "so \\boxed{{{}}}", "= {}"]))
def test_any_whole_number_is_read_back_with_and_without_separators(number, form):
    assert final_number(form.format(number)) == number
    assert final_number(form.format(f"{number:,}")) == number


@given(st.text(alphabet="0123456789.,-/$%{}\\boxedfrac #eE()=answeris\n", max_size=200))
def test_any_text_has_a_number_or_none(text):
    assert final_number(text) is None or isinstance(final_number(text), Fraction)


@pytest.mark.parametrize(
    "text", ["1," * 500_000, "\\boxed{" * 100_000, "answer is " * 100_000, "-" * 10**6, "1 " * 500_000]
)
def test_a_hostile_length_is_read_in_bounded_time(text):
    began = time.process_time()
    final_number(text)
    option_letter(text)
    assert time.process_time() - began < 3


def test_numbers_are_compared_exactly_unless_a_tolerance_is_given():
    assert numbers_equal("#### 18", "She makes $18.00")
    assert numbers_equal("3/4", "0.75")
    assert not numbers_equal("0.333", "1/3")
    assert numbers_equal("1/3", "0.333", tolerance=0.01)
    assert numbers_equal("0", "0", tolerance=0.5) and not numbers_equal("0", "0.1", tolerance=0.5)
    assert numbers_equal("18", "eighteen") and not numbers_equal("18", "eight") and not numbers_equal("", "")


def published_normalisation(text):
    # The steps of SQuAD's evaluation script, in its order, written anew.
    text = text.lower()
    text = "".join(letter for letter in text if letter not in set(string.punctuation))
    text = re.sub(r"\b(a|an|the)\b", " ", text)
    return " ".join(text.split())


def published_f1(gold, answer):
    gold, answer = published_normalisation(gold).split(), published_normalisation(answer).split()
    if not gold or not answer:
        return int(gold == answer)
    same = sum((Counter(answer) & Counter(gold)).values())
    if same == 0:
        return 0
    precision, recall = same / len(answer), same / len(gold)
    return 2 * precision * recall / (precision + recall)


WORDS = st.lists(st.sampled_from(["the", "cat", "Cat.", "a", "an", "sat!", "on", "U.S.", "mat", "-", ""]), max_size=8)


@given(WORDS, WORDS)
def test_f1_and_normalisation_agree_with_the_published_formula(gold, answer):
    gold, answer = " ".join(gold), " ".join(answer)
    assert normalised(answer) == published_normalisation(answer)
    assert token_f1(gold, answer) == pytest.approx(published_f1(gold, answer))
    assert exact_match(gold, answer) == (published_normalisation(gold) == published_normalisation(answer))


def test_f1_by_hand():
    assert token_f1("the black cat", "a cat sat") == pytest.approx(2 * (1 / 2) * (1 / 2) / 1)
    assert token_f1(("dog", "black cat"), "black cat") == 1
    assert token_f1("", "") == 1 and token_f1("cat", "") == 0
    assert token_f1((), "cat") == 0 and not exact_match((), "cat")
    assert exact_match(["U.S.", "America"], "the US")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("(B)", "B"),
        ("B.", "B"),
        ("b", "B"),
        ("b) because it is warm", "B"),
        ("Answer: B", "B"),
        ("Answer: B because A is wrong", "B"),
        ("Option A is wrong, so the answer is (C).", "C"),
        ("Answer: A. No, the answer is B.", None),
        ("A is right", "A"),
        ("A cannot be, so the answer is (C).", "C"),
        ("The correct answer is option d.", "D"),
        ("The answer is **A**.", "A"),
        ("The answer is a dog.", None),
        (r"\boxed{C}", "C"),
        (r"\boxed{\text{(D)}}", "D"),
        ("I choose B", "B"),
        ("I think it is A.", "A"),
        ("A dog is an animal", None),
        ("It is (A) or (B)", None),
        ("A or B", None),
        ("Both B and C", None),
        ("E", None),
        ("", None),
        ("Because of the cold", None),
        ("C'est la vie", None),
    ],
)
def test_the_option_of_an_answer(text, letter):
    assert option_letter(text) == letter


def test_options_may_be_any_letters():
    assert option_letter("(E)", "ABCDE") == "E"
    assert option_letter("The answer is B", "XY") is None
    assert option_letter("I", "I") == "I"

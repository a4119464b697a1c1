import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.answers import maths_answers
from engines.parts.answers.golds import gold_kind, matches_plainly, unmatchable
from engines.parts.answers.verdicts import verdicts


@pytest.fixture(scope="module", autouse=True)
def reading_process():
    yield
    maths_answers._READER.close()


@pytest.mark.parametrize(
    ("gold", "kind", "right", "wrong"),
    [
        ("9", "number", "The answer is 9.", "The answer is 8."),
        ("9 (apples)", "number", "She has 9 apples.", "She has 19 apples."),
        ("nine", "number", "The answer is 9.", "The answer is ninety."),
        ("9", "number", "The answer is nine.", "nineteen"),
        ("Twenty-three", "number", "23", "20"),
        (r"\frac12", "number", "The answer is 0.5.", "12"),
        (r"\$40", "number", "It costs $40.", "It costs $4."),
        ("$12.50", "number", "The answer is 12.5 dollars.", "The answer is 1250."),
        ("40 dollars", "number", "40", "41"),
        ("25%", "number", "25 percent", "0.3"),
        ("1,200", "number", "1200 coins", "200"),
        ("2 + 2 = 4\n#### 4", "number", "The answer is 4.", "The answer is 2."),
        (r"\text{7 cm}", "number", r"\boxed{7\text{ cm}}", r"\boxed{8}"),
        ("2, 3", "numbers", "x = 3 and x = 2", "The answer is 2."),
        ("1,2", "numbers", "The answer is 2 and 1.", "The answer is 12."),
        ("x = 2; x = -2", "numbers", r"\boxed{x=-2, x=2}", r"\boxed{2}"),
        ("21 (bags); 9 (boxes)", "numbers", "There are 9 boxes and 21 bags.", "There are 21 bags."),
        ("B", "option", "The answer is (B).", "The answer is (C)."),
        ("Tuesday", "words", "He comes on Monday.\nThe answer is Tuesday.", "He comes on Tuesday or Monday, perhaps."),
        (r"\text{No solution}", "words", "There is\nno solution", "one solution"),
        ("yes", "words", "Yes, because 3 > 2.", "No, because 3 > 2."),
        ("5:30", "words", "The answer is 5:30.", "The answer is 5:45."),
    ],
)
def test_golds_of_every_kind_are_matched(gold, kind, right, wrong):
    assert gold_kind(gold) == kind
    assert verdicts([(gold, right), (gold, wrong), (gold, "")]).tolist() == [True, False, False]


@pytest.mark.parametrize("gold", ["x^2 + 1", "(1,2)", "[2,5)", r"\sqrt{2}", "p - q", r"90^\circ", "a/b", "?"])
def test_the_rest_is_mathematics(gold):
    assert gold_kind(gold) == "mathematics" and matches_plainly(gold, "x") is None


def test_golds_that_nothing_matches_are_named():
    golds = ["9", "nine", "2, 3", "Tuesday", "x^2", "", r"\begin{cases} }{", "9", "12 34 56 78 90 12"]
    found = unmatchable(golds)
    assert r"\begin{cases} }{" in found and not {"9", "nine", "2, 3", "Tuesday", "x^2", ""} & set(found)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_gold_and_response_are_judged_or_left_to_mathematics(gold, response):
    assert matches_plainly(gold, response) in (True, False, None)


@pytest.mark.parametrize("text", ["9 " * 50_000, "a, " * 50_000, "(" * 100_000, "x = 1; " * 50_000, "\\text{" * 50_000])
def test_a_hostile_gold_is_read_in_bounded_time(text):
    begun = time.process_time()
    gold_kind(text)
    matches_plainly(text, text)
    assert time.process_time() - begun < 3

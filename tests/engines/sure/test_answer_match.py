import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.answers.answers import normalised
from engines.sure.answer_match import GoldAnswers, fast_normalised


@given(st.text(max_size=60))
def test_the_fast_normalisation_equals_the_plain_one(text):
    assert fast_normalised(text) == normalised(text)


@given(st.text(alphabet="atheAn \t\n.,-'_|3", max_size=40))
def test_it_equals_the_plain_one_on_articles_and_marks(text):
    assert fast_normalised(text) == normalised(text)


@pytest.mark.parametrize(
    ("answers", "text", "within"),
    [
        (["6,650"], "It is 6650 kilometres long.", True),
        (["The Hague"], "In Hague.", True),
        (["art"], "a party", False),
        (["art"], "an art-form", False),
        (["St. Mary's"], "at St Mary's Hospital", True),
        (["Seine", "the Loire"], "on the Loire", True),
        (["Reykjavik"], "", False),
        (["日本"], "首都は日本の東京", True),
        (["Köchel"], "Ludwig von Köchel.", True),
        (["e"], "everything everywhere", False),
        (["e"], "the letter e", True),
        (["5"], "1954", False),
        (["80"], "80,000 people", False),
        (["Oslo"], "<p>Oslo</p>", True),
        (["Lake Tana"], "<title>Nile</title><p>near Lake Tana</p>", True),
    ],
)
def test_answers_are_found_as_whole_words(answers, text, within):
    assert GoldAnswers(answers).within(text) is within


def test_the_paper_matches_substrings():
    assert GoldAnswers(["art"], "substring").within("a party")
    assert not GoldAnswers(["art"], "substring").within("nothing")


@pytest.mark.parametrize("answers", [[], [""], ["the"], ["?!", " "], ["a", "The", "..."]])
def test_answers_that_can_be_found_nowhere_are_unusable(answers):
    gold = GoldAnswers(answers)
    assert not gold.usable
    assert not gold.within("the a ... anything")


def test_a_usable_answer_beside_unusable_ones_counts():
    assert GoldAnswers(["the", "Nile"]).within("the nile")
    assert not GoldAnswers(["the", "Nile"]).within("the river")

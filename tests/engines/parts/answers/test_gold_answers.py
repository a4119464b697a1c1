"""Gold answers in texts: forms, marks of print, numbers, scripts, and texts of any kind."""

import html
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.answers.gold_answers import GoldAnswers, comparable


@pytest.mark.parametrize(
    ("answers", "text", "within"),
    [
        (["6,650"], "It is 6650 kilometres long.", True),
        (["The Hague"], "In Hague.", True),
        (["art"], "a party", False),
        (["St. Mary's"], "at St Mary's Hospital", True),
        (["Seine", "the Loire"], "on the Loire", True),
        (["Reykjavik"], "", False),
        (["日本"], "首都は日本の東京", True),
        (["Oslo"], "我在Oslo工作", True),
        (["ไทย"], "ประเทศไทยสวย", True),
        (["Köchel"], "Ludwig von Köchel.", True),
        (["e"], "everything everywhere", False),
        (["e"], "the letter e", True),
        (["5"], "1954", False),
        (["80"], "80,000 people", False),
        (["Oslo"], "<p>Oslo</p>", True),
        (["Lake Tana"], "<title>Nile</title><p>near Lake Tana</p>", True),
        (["New York"], "a New York-based firm", True),
        (["AT&T"], "<p>AT&amp;T was founded</p>", True),
        (["AT&T"], '{"text": "AT\\u0026T was founded"}', True),
        (["Oslo"], '{"text": "It rains.\\nOslo is wet."}', True),
        (["O’Hara"], "written by O'Hara in winter", True),
        (["O'Hara"], "written by O’Hara in winter", True),
        (["the Book"], "called “The Book”.", True),
        (["1990-1995"], "from 1990–1995 on", True),
        (["1990–1995"], "from 1990-1995 on", True),
        (["1995"], "from 1990–1995 on", True),
        (["19901995"], "from 1990–1995 on", False),
        (["café Rösti"], "at the cafe\u0301 Ro\u0308sti by the pier", True),
        (["B*"], "the B\\* search", True),
        (["soft hyphen"], "a soft hy\u00adphen", True),
    ],
)
def test_answers_are_found_whatever_form_they_stand_in(answers, text, within):
    assert GoldAnswers(answers).within(text) is within


@pytest.mark.parametrize(
    ("gold", "text", "equal"),
    [
        ("3.5", "35", False),
        ("1.5", "wrote 15 on the wall", False),
        ("-5", "5 degrees in May", False),
        ("-5", "it was −5 degrees", True),
        ("-5", "it was (-5) degrees", True),
        ("5", "in 2001-5 it rained", True),
        ("3.0", "3 keepers", True),
        ("3.0", "30 keepers", False),
        ("2.50", "costs $2.5 a piece", True),
        (".5", "0.5 litres", True),
        ("1,000", "1000", True),
        ("1.000", "1", False),
        ("9:30", "930", False),
        ("1/2", "12", False),
        ("5′10", "510", False),
        ("10²", "102", False),
        ("١٢", "12", True),
        ("-$5", "lost -5 dollars", True),
    ],
)
def test_numbers_keep_their_sign_and_point(gold, text, equal):
    assert GoldAnswers([gold]).within(text) is equal
    if equal and comparable(text) == comparable(gold):
        assert GoldAnswers([text]).within(gold)


def test_the_paper_matches_substrings():
    assert GoldAnswers(["art"], "substring").within("a party")
    assert not GoldAnswers(["art"], "substring").within("nothing")
    assert not GoldAnswers(["3.5"], "substring").within("35")


@pytest.mark.parametrize("answers", [[], [""], ["the"], ["?!", " "], ["a", "The", "..."]])
def test_answers_that_can_be_found_nowhere_are_unusable(answers):
    gold = GoldAnswers(answers)
    assert not gold.usable
    assert not gold.within("the a ... anything")


def test_a_usable_answer_beside_unusable_ones_counts():
    assert GoldAnswers(["the", "Nile"]).within("the nile")
    assert not GoldAnswers(["the", "Nile"]).within("the river")


@given(st.text(alphabet="bcdéß3 .,-–’'\"&<>%\n", max_size=20), st.booleans())
def test_an_answer_is_found_in_every_escaped_form_of_its_document(gold: str, ascii_only: bool):
    answers = GoldAnswers([gold])
    page = f"Before; {gold} ;after"
    forms = [page, json.dumps({"text": page}, ensure_ascii=ascii_only), f"<p>{html.escape(page)}</p>"]
    forms += [yaml.safe_dump({"text": page}, allow_unicode=not ascii_only, width=10**9)]
    assert [answers.within(form) for form in forms] == [answers.usable] * len(forms)


@given(st.text(max_size=60))
def test_any_text_can_be_compared(text: str):
    words = comparable(text)
    assert words == words.strip() and "  " not in words
    assert GoldAnswers([text]).within(text) == bool(words)

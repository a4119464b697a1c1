import json
import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.catalogues import HOSTILE
from workbench.ui.data.answer_cards import Slot, answer_card, percent, step_of, token_key

ANSWERED = {
    "name": "small",
    "text": "Yes no",
    "finish": "length",
    "prompt_tokens": 1200,
    "tokens": 2,
    "dtype": "bfloat16",
    "reused": False,
    "seconds": 3.25,
    "tokens_per_second": None,
}
TOKENS = (
    {"text": "Yes", "probability": 0.9, "alternatives": [["Yes", 0.9], ["No", 0.05]]},
    {"text": "", "probability": 0.9, "alternatives": []},
    {"text": " no", "probability": 0.004, "alternatives": [['"<b>', 0.5]]},
)


def card(live=False, writing=False, **given):
    return answer_card(Slot("ref", **given), live, writing)


def test_pieces_grow_an_answer_and_correct_it():
    slot = Slot("ref")
    for begin, text in ((0, "Yes �"), (4, "né"), (6, "!")):
        slot = slot.with_piece({"begin": begin, "text": text})
    assert slot.text == "Yes né!"


@pytest.mark.parametrize(
    ("probability", "step", "words"),
    [
        (1.0, 0, "100.0 %"),
        (0.5, 0, "50.0 %"),
        (0.4999, 1, "50.0 %"),
        (0.2, 1, "20.0 %"),
        (0.05, 2, "5.0 %"),
        (0.01, 3, "1.0 %"),
        (0.004, 4, "0.40 %"),
        (0.0, 4, "under 0.01 %"),
    ],
)
def test_rarer_tokens_are_marked_more(probability, step, words):
    assert step_of(probability) == step and percent(probability) == words


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_likelier_token_is_never_marked_more(one, other):
    low, high = sorted((one, other))
    assert step_of(high) <= step_of(low)


def test_each_token_carries_its_probability_and_its_rivals():
    shown = card(text="Yes no", tokens=TOKENS, answered=ANSWERED)
    assert 'class="bw-token bw-p-0" data-p="90.0 %"' in shown and 'class="bw-token bw-p-4" data-p="0.40 %"' in shown
    rivals = [json.loads(unescape(found)) for found in re.findall(r'data-else="([^"]*)"', shown)]
    assert rivals == [[["No", "5.0 %"]], [['"<b>', "50.0 %"]]]
    assert 'tabindex="0"' in shown and 'role="group"' in shown and 'role="status"' in shown


def test_how_it_went_is_told():
    shown = card(text="Yes no", tokens=TOKENS, answered=ANSWERED)
    for words in ("2 after 1,200", "3.2 s", "too short to tell", "the most tokens allowed", "bfloat16", "Answered"):
        assert words in shown
    kept = card(text="Yes no", answered={**ANSWERED, "reused": True, "dtype": ""})
    assert "kept from before" in kept and "Format" not in kept
    assert "41.2 tokens/s" in card(text="Yes no", answered={**ANSWERED, "tokens_per_second": 41.2})


def test_without_probabilities_the_answer_is_plain_and_says_why():
    shown = card(text="Yes no", answered=ANSWERED)
    assert "bw-tokens" not in shown and "were not told" in shown and "Yes no" in shown
    assert "bw-tokens" not in card(text="Yes no", tokens=TOKENS[:1], answered=ANSWERED)
    assert "(an empty answer)" in card(answered={**ANSWERED, "text": ""})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"live": True}, ("Waiting", "Waiting for its turn")),
        ({"live": True, "writing": True}, ("Getting ready",)),
        ({"live": True, "writing": True, "text": "Y"}, ("Answering",)),
        ({}, ("Not finished", "No answer.")),
        ({"refused": {"message": "No key.", "hint": "Set it."}}, ("No key.", "Set it.", "No answer")),
    ],
)
def test_the_state_is_told_in_words(given, words):
    assert all(word in card(**given) for word in words)


def test_hostile_words_stay_words():
    token = {"text": HOSTILE, "probability": 0.5, "alternatives": [[HOSTILE, 0.1], ["x", 0.1]]}
    for shown in (
        card(text=HOSTILE),
        card(text=HOSTILE, tokens=(token,), answered={**ANSWERED, "name": HOSTILE, "text": HOSTILE, "finish": HOSTILE}),
        card(refused={"message": HOSTILE, "hint": HOSTILE}),
    ):
        assert "<img" not in shown


def test_the_key_names_every_mark():
    assert [f"bw-p-{step}" in token_key() for step in range(5)] == [True] * 5

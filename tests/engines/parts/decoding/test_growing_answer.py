"""An answer that grows token by token: what ends it, what is shown of it, what is told of its tokens."""

import pytest
import torch

from engines.parts.completions.generation import Request, Sampling
from engines.parts.decoding.growing_answer import AnswerRules, AskedPrompt, GrowingAnswer, take_tokens
from tests.engines.parts.small_tokenizer import WORDS, small_tokenizer

TOKENIZER = small_tokenizer()


def growing(room: int = 50, watched: bool = True, **sampling) -> GrowingAnswer:
    asked = AskedPrompt(0, Request("the"), encoded("the"), 0, room)
    return GrowingAnswer(asked, AnswerRules(Sampling(**sampling), TOKENIZER, frozenset({2, 4}), watched))


def encoded(text: str) -> list[int]:
    return TOKENIZER(text)["input_ids"]


def fed(answer: GrowingAnswer, ids: list[int]) -> list[str]:
    shown = []
    for token in ids:
        if not answer.finish:
            answer.add(token)
            shown.append(answer.shown)
    return shown


@pytest.mark.parametrize("watched", [True, False])
def test_an_end_token_ends_it_and_is_not_shown(watched):
    answer = growing(watched=watched)
    fed(answer, [*encoded(" answer is 42"), 4, *encoded("more")])
    found = answer.completion()
    assert (found.text, found.finish, found.tokens) == (" answer is 42", "stop", len(encoded(" answer is 42")) + 1)


@pytest.mark.parametrize("watched", [True, False])
def test_its_room_ends_it(watched):
    answer = growing(room=3, watched=watched)
    fed(answer, encoded("abcdefgh"))
    assert (answer.completion().text, answer.completion().finish) == ("abc", "length")


def test_a_stop_text_over_several_tokens_never_shows():
    answer = growing(stop=("!#!",))
    shown = fed(answer, encoded("a!!#!b"))
    assert shown == ["a", "a", "a!", "a!", "a!"]
    assert (answer.completion().text, answer.completion().finish) == ("a!", "stop")


def test_a_stop_text_wins_over_the_room():
    answer = growing(room=2, stop=("b",))
    fed(answer, encoded("ab"))
    assert (answer.completion().text, answer.completion().finish) == ("a", "stop")


def test_pieces_of_tokens_join_to_the_text():
    answer = growing(logprobs=True, alternatives=2, stop=("#",), room=60)
    ids = encoded("the ✓ sea#more")
    at = len(encoded("the ✓ sea#"))
    for token in ids[:at]:
        logits = torch.zeros(1, WORDS)
        logits[0, token], logits[0, 261] = 3.0, 2.0
        take_tokens([answer], logits)
    found = answer.completion()
    assert found.text == "the ✓ sea"
    assert "".join(choice.text for choice in found.choices) == found.text
    assert len(found.choices) == found.tokens
    whole = torch.logsumexp(torch.tensor([3.0, 2.0] + [0.0] * (WORDS - 2)), 0).item()
    assert found.choices[0].logprob == pytest.approx(3 - whole, abs=1e-5)
    assert [value for _, value in found.choices[0].alternatives] == pytest.approx([3 - whole, 2 - whole], abs=1e-5)
    assert found.choices[0].alternatives[0][0] == TOKENIZER.decode([ids[0]])


def test_what_nobody_watches_is_decoded_once():
    answer = growing(watched=False)
    answer.add(encoded("a")[0])
    assert answer.shown == ""

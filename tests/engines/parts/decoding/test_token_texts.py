"""Pieces of text by token, against decoding all tokens at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.decoding.token_texts import UNFINISHED, GrowingText, decoded
from tests.engines.parts.small_tokenizer import WORDS, small_tokenizer

TOKENIZER = small_tokenizer()


def pieces(ids: list[int], before: list[int]) -> list[str]:
    growing = GrowingText(TOKENIZER, before)
    found = [growing.piece(token) for token in ids]
    return [*found, growing.rest()]


def encoded(text: str) -> list[int]:
    return TOKENIZER(text)["input_ids"]


def test_a_character_of_several_tokens_comes_whole():
    found = pieces(encoded("a ✓ b"), encoded("Say"))
    assert "".join(found) == "a ✓ b"
    assert not any(UNFINISHED in piece for piece in found)
    assert "" in found


def test_a_character_that_is_never_finished_shows():
    assert pieces(encoded("✓")[:-1], [])[-1] == UNFINISHED


def test_special_tokens_add_nothing():
    assert "".join(pieces([*encoded("one"), 4, *encoded("two")], encoded("<|turn|>"))) == "onetwo"


@given(st.lists(st.integers(0, WORDS - 1), max_size=30))
def test_pieces_join_to_the_decoded_text(ids):
    assert "".join(pieces(ids, encoded("the answer is"))) == decoded(TOKENIZER, ids)


@given(st.text(max_size=20))
def test_any_text_comes_back(text):
    assert "".join(pieces(encoded(text), [])) == text


@pytest.mark.parametrize("before", [["▁Say"], []])
def test_a_space_at_the_beginning_is_kept_after_a_prompt(before):
    from tokenizers import Tokenizer, decoders, models
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel({"▁Say": 0, "▁it": 1, "<unk>": 2}, unk_token="<unk>"))
    words.decoder = decoders.Metaspace()
    growing = GrowingText(PreTrainedTokenizerFast(tokenizer_object=words), [0] * len(before))
    assert growing.piece(1) == (" it" if before else "it")

import pytest

from engines.shifcon.config import ShifConConfig
from engines.shifcon.material import encoder, notes, profile, sentence_rows
from engines.shifcon.sentences import ParallelTokens
from workbench.contract.errors import DataError

TOKENS = ParallelTokens(
    dominant="en",
    languages=("fr",),
    ids=("a", "b"),
    texts={"en": ["one two", "three"], "fr": ["un deux", "trois"]},
    tokens={"en": [[1, 2], [3]], "fr": [[1, 2, 3, 4], [5, 6]]},
    cut={"en": 0, "fr": 1},
)


def test_a_profile_counts_tokens():
    found = profile(TOKENS, "fr")
    assert (found.sentences, found.tokens, found.tokens_per_sentence, found.fertility, found.cut) == (2, 6, 3.0, 2.0, 1)
    assert not found.dominant
    assert profile(TOKENS, "en").dominant
    assert not profile(TOKENS, "en", pooled=False).in_basis


def test_every_sentence_of_every_language_is_a_row():
    rows = sentence_rows(TOKENS)
    assert rows["text"].tolist() == ["one two", "three", "un deux", "trois"]
    assert rows["tokens"].tolist() == [2, 1, 4, 2]


def test_the_reader_is_told_what_was_used_cut_and_lacking():
    said = list(notes(TOKENS, 5, ShifConConfig(max_tokens=4)))
    assert said[0] == "2 of 5 sentences are used in 2 languages: 9 tokens."
    assert "1 in fr" in said[1]
    assert len(said) == 2


def test_a_sentence_without_tokens_is_refused():
    encode = encoder(lambda texts, **_: {"input_ids": [[1] * len(text.strip()) for text in texts]})
    assert encode(["ab", "c"]) == [[1, 1], [1]]
    with pytest.raises(DataError, match="gives no token"):
        encode(["ab", " "])

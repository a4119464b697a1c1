from dataclasses import dataclass, field

import pytest

from engines.shifcon.config import ShifConConfig
from engines.shifcon.sentences import other_languages, tokenise, usable_sentences
from workbench.errors import DataError


@dataclass
class Text:
    rows: list[dict[str, str]]
    ids: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.ids = self.ids or [f"s{at}" for at in range(len(self.rows))]


def text(count: int, languages=("en", "fr")) -> Text:
    return Text([{language: f"{language} sentence {at}" for language in languages} for at in range(count)])


def words(sentences):
    return [list(range(len(sentence.split()))) for sentence in sentences]


def test_the_dominant_language_is_not_compared_with_itself():
    assert other_languages(ShifConConfig(dominant="fr", languages=("en", "fr", "de", "en"))) == ("en", "de")
    with pytest.raises(DataError, match="only language asked is the dominant one"):
        other_languages(ShifConConfig(dominant="en", languages=("en",)))


def test_sentences_that_cannot_be_judged_are_left_out_and_counted():
    rows = text(10).rows
    rows[1] = {"en": "en sentence 0", "fr": "autre"}
    rows[2] = {"en": "OK", "fr": "OK"}
    rows[3] = {"en": "alone", "fr": "  "}
    kept = usable_sentences(Text([*rows, *Text(text(12).rows[10:]).rows]), "en", ["fr"])
    assert [name for name, _ in kept] == ["s0", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11"]
    with pytest.raises(DataError) as caught:
        usable_sentences(Text(rows), "en", ["fr"])
    assert "7 of 10 sentences can be used (1 lack a language, 1 are repeated, 1 are left untranslated)" in str(
        caught.value
    )


def test_identical_sentences_leave_too_few():
    same = Text([{"en": "the same", "fr": "le même"}] * 30)
    with pytest.raises(DataError, match=r"1 of 30 sentences can be used \(29 are repeated\)"):
        usable_sentences(same, "en", ["fr"])


def test_the_token_cap_takes_fewer_sentences_and_keeps_their_order():
    sentences = usable_sentences(text(40), "en", ["fr"])
    config = ShifConConfig(languages=("fr",), token_cap=500)
    every = tokenise(sentences, ("en", "fr"), config, words, 100)
    assert every.ids == tuple(f"s{at}" for at in range(40))
    few = tokenise(sentences, ("en", "fr"), config.model_copy(update={"token_cap": 60}), words, 100)
    assert len(few.ids) == 10
    assert [int(name[1:]) for name in few.ids] == sorted(int(name[1:]) for name in few.ids)
    assert few.length("en") + few.length("fr") == 60
    assert few.texts["fr"][0] == f"fr sentence {few.ids[0][1:]}"


def test_a_cap_below_eight_sentences_is_refused_with_the_number_needed():
    sentences = usable_sentences(text(40), "en", ["fr"])
    config = ShifConConfig(languages=("fr",)).model_copy(update={"token_cap": 47})
    with pytest.raises(
        DataError, match=r"holds 7 sentences in 2 languages; at least 8 are needed, which take 48 tokens"
    ):
        tokenise(sentences, ("en", "fr"), config, words, 100)


def test_long_sentences_are_cut_at_the_shorter_of_setting_and_context_and_counted():
    rows = [{"en": "a " * (at + 1) + str(at), "fr": f"b {at}"} for at in range(10)]
    sentences = usable_sentences(Text(rows), "en", ["fr"])
    config = ShifConConfig(languages=("fr",), max_tokens=6)
    tokens = tokenise(sentences, ("en", "fr"), config, words, 100)
    assert max(map(len, tokens.tokens["en"])) == 6
    assert tokens.cut == {"en": 5, "fr": 0}
    assert max(map(len, tokenise(sentences, ("en", "fr"), config, words, context=4).tokens["en"])) == 4


def test_pooled_tokens_leave_out_the_first_one():
    tokens = tokenise(usable_sentences(text(8), "en", ["fr"]), ("en", "fr"), ShifConConfig(languages=("fr",)), words, 9)
    assert tokens.pooled("en", keep_first=True).tolist() == [3] * 8
    assert tokens.pooled("en", keep_first=False).tolist() == [2] * 8

from dataclasses import dataclass, field

import pytest

from engines.shifcon.config import ShifConConfig
from engines.shifcon.sentences import doubts_of_sentences, other_languages, tokenise, usable_sentences
from workbench.contract.errors import DataError


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
    kept, lost = usable_sentences(Text([*rows, *Text(text(12).rows[10:]).rows]), "en", ["fr"])
    assert lost == {"lack a language": 1, "are repeated": 1, "are left untranslated": 1}
    assert [name for name, _ in kept] == ["s0", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11"]
    with pytest.raises(DataError) as caught:
        usable_sentences(Text(rows), "en", ["fr"])
    assert "7 of 10 sentences can be used (1 lacks a language, 1 is repeated, 1 is left untranslated)" in str(
        caught.value
    )


def test_identical_sentences_leave_too_few():
    same = Text([{"en": "the same", "fr": "le même"}] * 30)
    with pytest.raises(DataError, match=r"1 of 30 sentences can be used \(29 are repeated\)"):
        usable_sentences(same, "en", ["fr"])


def test_fewer_sentences_are_the_first_ones_of_more():
    sentences, lost = usable_sentences(text(40), "en", ["fr"])
    assert not lost
    config = ShifConConfig(languages=("fr",), token_cap=500)
    every = tokenise(sentences, ("en", "fr"), config, words, 100)
    assert sorted(every.ids) == sorted(f"s{at}" for at in range(40))
    assert every.ids != tuple(f"s{at}" for at in range(40)), "drawn, not taken from the top"
    capped = tokenise(sentences, ("en", "fr"), config.model_copy(update={"token_cap": 60}), words, 100)
    asked = tokenise(sentences, ("en", "fr"), config.model_copy(update={"sentences": 10}), words, 100)
    assert capped.ids == asked.ids == every.ids[:10]
    assert capped.length("en") + capped.length("fr") == 60
    assert capped.texts["fr"][0] == f"fr sentence {capped.ids[0][1:]}"
    assert capped.tokens["fr"] == every.tokens["fr"][:10]


def test_a_digest_names_sentences_in_every_language():
    sentences, _ = usable_sentences(text(20), "en", ["fr"])
    config = ShifConConfig(languages=("fr",))
    more = tokenise(sentences, ("en", "fr"), config, words, 100)
    less = tokenise(sentences, ("en", "fr"), config.model_copy(update={"sentences": 10}), words, 100)
    assert less.digest() == more.digest(0, 10) != more.digest()
    assert less.digest(4, 8) == more.digest(4, 8) != more.digest(4, 9)
    other, _ = usable_sentences(Text([{**row, "fr": row["fr"] + "!"} for row in text(20).rows]), "en", ["fr"])
    assert tokenise(other, ("en", "fr"), config, words, 100).digest() != more.digest()


def test_a_cap_below_eight_sentences_is_refused_with_the_number_needed():
    sentences, _ = usable_sentences(text(40), "en", ["fr"])
    config = ShifConConfig(languages=("fr",)).model_copy(update={"token_cap": 47})
    with pytest.raises(
        DataError, match=r"holds 7 sentences in 2 languages; at least 8 are needed, which take 48 tokens"
    ):
        tokenise(sentences, ("en", "fr"), config, words, 100)


def test_long_sentences_are_cut_at_the_shorter_of_setting_and_context_and_counted():
    rows = [{"en": "a " * (at + 1) + str(at), "fr": f"b {at}"} for at in range(10)]
    sentences, _ = usable_sentences(Text(rows), "en", ["fr"])
    config = ShifConConfig(languages=("fr",), max_tokens=6)
    tokens = tokenise(sentences, ("en", "fr"), config, words, 100)
    assert max(map(len, tokens.tokens["en"])) == 6
    assert tokens.cut == {"en": 5, "fr": 0}
    assert max(map(len, tokenise(sentences, ("en", "fr"), config, words, context=4).tokens["en"])) == 4


def test_pooled_tokens_leave_out_the_first_one():
    sentences, _ = usable_sentences(text(8), "en", ["fr"])
    tokens = tokenise(sentences, ("en", "fr"), ShifConConfig(languages=("fr",)), words, 9)
    assert tokens.pooled("en", keep_first=True).tolist() == [3] * 8
    assert tokens.pooled("en", keep_first=False).tolist() == [2] * 8


def test_the_language_that_needs_fewest_tokens_says_how_many_are_shared():
    rows = [{"en": f"a b {at}", "fr": f"a {at}" if at % 2 else f"a b c {at}"} for at in range(8)]
    sentences, _ = usable_sentences(Text(rows), "en", ["fr"])
    tokens = tokenise(sentences, ("en", "fr"), ShifConConfig(languages=("fr",)), words, 9)
    assert tokens.shared(keep_first=True).tolist() == [2 if int(name[1:]) % 2 else 3 for name in tokens.ids]
    assert tokens.shared(keep_first=False).tolist() == [1 if int(name[1:]) % 2 else 2 for name in tokens.ids]


def test_nothing_left_out_is_no_doubt():
    assert list(doubts_of_sentences((), {}, 130, 120, ShifConConfig())) == []


def test_what_was_left_out_is_said_with_its_reasons():
    (said,) = doubts_of_sentences(
        ("55 of 243 rows lack one of the languages and were left out.",),
        {"are repeated": 4, "are left untranslated": 2},
        184,
        120,
        ShifConConfig(),
    )
    assert said == (
        "55 of 243 rows lack one of the languages and were left out. 4 are repeated and 2 are left untranslated. "
        "What is found holds for the other sentences."
    )


def test_data_or_cap_that_more_sentences_would_not_get_past_are_said():
    (short,) = doubts_of_sentences((), {}, 100, 100, ShifConConfig())
    assert "hold 100 sentences" in short and "120 were asked" in short
    (capped,) = doubts_of_sentences((), {}, 130, 90, ShifConConfig())
    assert capped.startswith("The token cap of 100,000 holds 90 sentences")

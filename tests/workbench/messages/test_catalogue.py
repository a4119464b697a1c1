from pathlib import Path

import pytest

from tests.messages_of_the_code import in_catalogue, in_code
from workbench.messages import catalogue, in_language, language, languages, say, say_html, say_many

PO = """msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=1; plural=0;\\n"

msgid "about {left} left"
msgstr "还剩约 {left}"

msgid "{n} seed"
msgid_plural "{n} seeds"
msgstr[0] "{n} 个种子"
"""


@pytest.fixture
def chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "zh.po").write_text(PO)
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    catalogue._catalogue.cache_clear()


def test_gaps_are_filled_by_name():
    assert say("about {left} left", left="3 s") == "about 3 s left"


def test_a_message_without_values_keeps_its_braces():
    assert say("Use {Body} {Question}") == "Use {Body} {Question}"


def test_the_empty_message_is_empty_and_no_header_of_a_file(chinese: None):
    with in_language("zh"):
        assert say("") == ""


@pytest.mark.parametrize(("n", "said"), [(0, "0 seeds"), (1, "1 seed"), (12_000, "12,000 seeds")])
def test_a_count_takes_its_form(n: int, said: str):
    assert say_many("{n} seed", "{n} seeds", n) == said


def test_html_escapes_sentence_and_values_alike():
    said = say_html("a < {name}", name="<b>")
    assert said == "a &lt; &lt;b&gt;"


def test_another_language_is_said_within_alone_and_falls_back_to_english(chinese: None):
    with in_language("zh"):
        assert (language(), languages()) == ("zh", ("en", "zh"))
        assert say("about {left} left", left="3 s") == "还剩约 3 s"
        assert say_many("{n} seed", "{n} seeds", 1) == "1 个种子"
        assert say("Not translated") == "Not translated"
    assert say("about {left} left", left="3 s") == "about 3 s left"


def test_an_unknown_language_is_english():
    with in_language("../../etc/passwd"):
        assert language() == "en"


def test_the_catalogue_holds_what_the_code_says():
    assert in_catalogue() == {message for message, _ in in_code()}, "run .ci/messages"

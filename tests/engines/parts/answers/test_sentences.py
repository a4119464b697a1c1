"""Sentences: where they end, nothing lost, words counted in any script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.answers.sentences import join_sentences, split_sentences, word_count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three?", 3),
        ("Dr. Lind met J. Roe in the U.S. Army. They left.", 2),
        ('"Go!" he said. "Now." She went.', 3),
        ("It cost 3.50 euros. 12 men paid.", 2),
        ("no capitals here. still one", 1),
        ("First line\nsecond line", 2),
        ("你好。再见！", 2),
        ("Élan vital. Ärger. Über alles.", 3),
        ("", 0),
        ("   ", 0),
    ],
)
def test_sentences_are_split_where_they_end(text, count):
    assert len(split_sentences(text)) == count


@given(st.text(alphabet="aB .!?\n1。'\"", max_size=60))
def test_splitting_loses_nothing_but_space(text):
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


def test_wide_marks_need_no_space():
    assert join_sentences(["你好。", "再见！"]) == "你好。再见！"
    assert join_sentences(["One.", "Two."]) == "One. Two."


@pytest.mark.parametrize(("text", "count"), [("one two  three", 3), ("", 0), ("你好世界", 4), ("在 Oslo 工作", 4)])
def test_words_are_counted_in_any_script(text, count):
    assert word_count(text) == count

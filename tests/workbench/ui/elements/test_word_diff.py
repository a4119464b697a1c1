from hypothesis import given
from hypothesis import strategies as st

from workbench.ui.elements.word_diff import word_diff


def without(markup: str, gone: str) -> str:
    import re

    kept = re.sub(
        rf"<{gone}>.*?</{gone}>", "", markup.split('class="bw-text bw-diff"', 1)[1].split(">", 1)[1], flags=re.S
    )
    return re.sub(r"<[^>]*>", "", kept)


def test_words_that_changed_are_marked_and_counted():
    shown = word_diff("The capital is Paris.", "The capital was Paris!")
    assert "2 differences." in shown
    assert "<del> is</del><ins> was</ins>" in shown and "<del>.</del><ins>!</ins>" in shown
    assert "<span>The capital</span>" in shown


def test_equal_texts_say_so():
    assert "word for word" in word_diff("a b", "a b") and "<ins" not in word_diff("", "")


def test_markup_in_the_texts_is_text():
    shown = word_diff("a", "<b>a</b>")
    assert "<b>" not in shown and "&lt;" in shown


letters = st.text("ab \n.", max_size=40)


@given(letters, letters)
def test_either_text_is_whole_without_the_marks_of_the_other(first: str, second: str):
    shown = word_diff(first, second)
    if first != second:
        assert without(shown, "ins") == first and without(shown, "del") == second

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.parts.files.quotations import find_quotation, marked, shared_runs, words_of

PASSAGE = "The shift finds 21 percent of the trans-\nlations; a “random” vector finds 13 percent. Table 1 lists them."


@pytest.mark.parametrize(
    ("quotation", "found"),
    [
        ("the SHIFT finds 21 percent", ["The shift finds 21 percent"]),
        ('a "random" vector finds 13', ["a “random” vector finds 13"]),
        ("The shift finds ... vector finds 13 percent", ["The shift finds", "vector finds 13 percent"]),
        ("the shift finds 22 percent", []),
        ("the shift finds ... 99 percent", []),
        ("shift finds 21", []),
        ("", []),
    ],
)
def test_quotations_are_found_as_a_reader_finds_them(quotation: str, found: list[str]):
    places = find_quotation(quotation, words_of(PASSAGE))
    assert [PASSAGE[start:end] for start, end in places] == found


def test_scripts_without_spaces_are_compared_letter_by_letter():
    text = "隠れ状態を移動させる方法を調べた。"
    assert find_quotation("移動させる方法", words_of(text)) == [(5, 12)]


def test_runs_of_shared_words():
    answer = "It says that the shift finds 21 percent of the whole."
    runs = shared_runs(answer, words_of(PASSAGE))
    assert [PASSAGE[start:end] for start, end in runs] == ["The shift finds 21 percent of the"]
    assert shared_runs("the shift finds 21 percent", words_of(PASSAGE)) == [], "five words are not enough"
    assert shared_runs("", words_of(PASSAGE)) == []


SAID = st.lists(st.sampled_from("abcd"), max_size=30)


@given(SAID, SAID)
def test_runs_are_ordered_apart_and_really_shared(said: list[str], there: list[str]):
    passage = " ".join(there)
    runs = shared_runs(" ".join(said), words_of(passage), least=3)
    assert all(a[1] <= b[0] for a, b in pairwise(runs))
    for start, end in runs:
        assert f" {passage[start:end]} " in f" {' '.join(said)} "


def test_marks_cover_the_text_exactly():
    pieces = list(marked("abcdefg", [(3, 5), (1, 2), (4, 6)]))
    assert pieces == [("a", False), ("b", True), ("c", False), ("def", True), ("g", False)]
    assert list(marked("abc", [])) == [("abc", False)]

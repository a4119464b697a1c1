from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.treereview.comment_measures import (
    GoldComments,
    anchors,
    find_quotation,
    gold_comments,
    gold_met,
    marked,
    measured,
    repeats,
    shared_runs,
    words_of,
)
from engines.treereview.replies import CommentDraft
from tests.engines.treereview.papers import small_paper
from tests.engines.treereview.tiny_run import paper_file
from workbench.contract.errors import DataError

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


def test_anchors_are_what_can_be_looked_up_in_the_paper():
    paper = "Table 1 lists 21 percent for SmolLM2 with LDA. Noise floor follows."
    comment = (
        "Table 1 gives 21 percent for SmolLM2, but 99 percent for GPT; the noise floor is unclear. Results are weak."
    )
    assert anchors(comment, paper, ["Noise floor", "Results"]) == ["Table 1", "1", "21", "SmolLM2", "Noise floor"]
    assert anchors("The experiments are not convincing.", paper, ["Results"]) == []


def test_marks_cover_the_text_exactly():
    pieces = list(marked("abcdefg", [(3, 5), (1, 2), (4, 6)]))
    assert pieces == [("a", False), ("b", True), ("c", False), ("def", True), ("g", False)]
    assert list(marked("abc", [])) == [("abc", False)]


def unit(*angles: float) -> np.ndarray:
    return np.array([[np.cos(a), np.sin(a)] for a in np.radians(angles)]).reshape(-1, 2)


def test_repeats_by_hand():
    assert repeats(unit(0, 10, 90, 12, 80), alike=np.cos(np.radians(15))) == [None, 0, None, 0, 2]
    assert repeats(unit(), 0.8) == []


def test_a_repeat_is_compared_with_distinct_ones_alone():
    assert repeats(unit(0, 10, 20), alike=np.cos(np.radians(12))) == [None, 0, None]


def test_human_comments_that_are_met():
    assert gold_met(unit(0, 90), unit(5, 45, 100), 0.95).tolist() == [True, False, True]
    assert gold_met(unit(), unit(5), 0.1).tolist() == [False]
    assert gold_met(unit(5), unit(), 0.1).tolist() == []


def test_a_comment_is_measured():
    comments = [
        CommentDraft(comment="Only 83 sentences: too few.", evidence="The vectors are means over 83 sentences."),
        CommentDraft(comment="The abstract claims much.", evidence="measure how many translations meet after it"),
        CommentDraft(comment="Nice.", evidence="This is nowhere in the paper."),
        CommentDraft(comment="Nice."),
    ]
    found = measured(comments, unit(0, 40, 90, 90), unit(45), small_paper(), 0.9)
    assert [each.paragraph for each in found] == [3, 0, None, None]
    assert [each.anchors for each in found] == [("83",), (), (), ()]
    assert [each.repeats for each in found] == [None, None, None, 2]
    assert found[1].gold == 0 and np.isclose(found[1].gold_similarity, np.cos(np.radians(5)))
    assert measured(comments, unit(0, 40, 90, 90), unit(), small_paper(), 0.9)[0].gold is None


ROWS = '{"paper": "a", "comment": "Too small."}\n{"paper": "b", "comment": "No baseline."}\n' + (
    '{"paper": "c", "comment": "?"}\n'
)


def test_none_are_asked_for():
    assert gold_comments("", ["a"], alone=True) == GoldComments({})


def test_comments_belong_to_the_paper_they_name():
    ref = paper_file("gold.jsonl", ROWS)
    assert gold_comments(ref, ["a", "b"], alone=False) == GoldComments({"a": ["Too small."], "b": ["No baseline."]}, 1)


def test_lines_of_a_text_belong_to_the_only_paper():
    ref = paper_file("gold-lines.txt", "Too small.\nNo baseline.\n")
    assert gold_comments(ref, ["a"], alone=True) == GoldComments({"a": ["Too small.", "No baseline."]})
    with pytest.raises(DataError, match="names one of the papers: a, b") as caught:
        gold_comments(ref, ["a", "b"], alone=False)
    assert caught.value.field == "paper"


def test_the_first_of_several_named_papers_is_not_the_only_one():
    with pytest.raises(DataError, match="names one of the papers: a"):
        gold_comments(paper_file("gold-lines.txt", "Too small.\nNo baseline.\n"), ["a"], alone=False)


def test_the_comments_that_ship_belong_to_the_report_that_ships():
    found = gold_comments("subspace-report-comments", ["subspace_report", "x"], alone=False)
    assert len(found.by_paper["subspace_report"]) == 8 and found.others == 0
    other = gold_comments("subspace-report-comments", ["x"], alone=True)
    assert other == GoldComments({}, 8), "the settings of the report on another paper"

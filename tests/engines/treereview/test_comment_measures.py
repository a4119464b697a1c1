import json

import numpy as np
import pytest

from engines.treereview.comment_measures import (
    GoldComments,
    anchors,
    gold_comments,
    gold_met,
    gold_pairs,
    measured,
    repeats,
)
from engines.treereview.replies import CommentDraft
from tests.engines.treereview.papers import small_paper
from tests.engines.treereview.tiny_run import paper_file
from workbench.contract.errors import DataError

PASSAGE = "The shift finds 21 percent of the trans-\nlations; a “random” vector finds 13 percent. Table 1 lists them."


def test_anchors_are_what_can_be_looked_up_in_the_paper():
    paper = "Table 1 lists 21 percent for SmolLM2 with LDA. Noise floor follows."
    comment = (
        "Table 1 gives 21 percent for SmolLM2, but 99 percent for GPT; the noise floor is unclear. Results are weak."
    )
    assert anchors(comment, paper, ["Noise floor", "Results"]) == ["Table 1", "1", "21", "SmolLM2", "Noise floor"]
    assert anchors("The experiments are not convincing.", paper, ["Results"]) == []


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
    assert gold_comments(ref, ["a", "b"], alone=False).by_paper == {"a": ["Too small."], "b": ["No baseline."]}


def test_lines_of_a_text_belong_to_the_only_paper():
    ref = paper_file("gold-lines.txt", "Too small.\nNo baseline.\n")
    assert gold_comments(ref, ["a"], alone=True).by_paper == {"a": ["Too small.", "No baseline."]}
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


def test_comments_are_paired_once():
    assert gold_pairs(unit(0, 2), unit(1, 90), 0.95) == 1, "two that say the same meet one human comment"
    assert gold_pairs(unit(0, 90), unit(1, 89), 0.95) == 2 and gold_pairs(unit(), unit(1), 0.1) == 0


def test_the_authors_files_of_comments_and_reviews_are_read():
    body = {
        "a_0": {"major": ["Too small."], "minor": ["Typos.", ""]}, "a_1": {"major": ["No baseline."], "minor": []},
        "a": ["Too small.", "No baseline."], "b": [{"rating": "6: weak accept", "weaknesses": "Old."}, {"rating": 3}],
        "c": ["Elsewhere."],
    }  # fmt: skip
    found = gold_comments(paper_file("gold.json", json.dumps(body)), ["a", "b"], alone=False)
    assert found.by_paper == {"a": ["Too small.", "No baseline."], "b": ["Old."]} and found.others == 1
    assert found.by_reviewer["a"] == {"0": ["Too small.", "Typos."], "1": ["No baseline."]}
    assert found.ratings == {"a": [], "b": [6.0, 3.0]}
    with pytest.raises(DataError, match="no JSON"):
        gold_comments(paper_file("bad.json", "{"), ["a"], alone=False)

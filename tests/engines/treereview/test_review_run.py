import json

import numpy as np

from engines.treereview.comment_measures import MeasuredComment
from engines.treereview.question_tree import ROOT, Limits, QuestionTree
from engines.treereview.replies import CommentDraft, FinishedTree, Reply, ReviewDraft, StageTokens, Step
from engines.treereview.review_run import (
    as_json,
    as_markdown,
    as_reviewer_form,
    comment_row,
    form_fields,
    form_rows,
    node_name,
    node_row,
    outcomes,
    relevance_frame,
)
from tests.engines.treereview.papers import small_paper
from workbench.contract.run_log import RunCell

REVIEW = RunCell("treereview", 1, "small")


def test_names_are_paths():
    assert REVIEW.key == "treereview/1/small" and node_name(REVIEW, "2.1") == "treereview/1/small/2.1"


def test_a_node_as_a_row():
    tree = QuestionTree("A paper", Limits(2, (2, 2)))
    tree.step = 3
    tree.expand(ROOT, ["Is it new?"])
    row = node_row(REVIEW, tree.nodes["1"])
    assert (row.node, row.parent, row.step, row.status) == ("treereview/1/small/1", "treereview/1/small/0", 3, "open")
    assert node_row(REVIEW, tree.nodes[ROOT]).parent is None


def test_relevance_is_ranked_from_1_and_ties_keep_their_order():
    reply = Reply(node="1", scores=[0.2, 0.9, 0.2], read=[1])
    frame = relevance_frame(REVIEW, Step(work="leaf", replies=[reply]))
    assert frame["rank"].tolist() == [2, 1, 3] and frame["read"].tolist() == [False, True, False]
    assert relevance_frame(REVIEW, Step(work="leaf", replies=[Reply(node="1")])).empty


FINISHED = FinishedTree(
    review=ReviewDraft(), comments=[], leaves=[], nodes=5, stages={"Review": StageTokens(prompt_tokens=90, tokens=10)},
    forms={"Generate questions": {"valid": 3, "lenient": 1}, "Answer leaves": {"plain": 4}, "Review": {"repaired": 1}},
)  # fmt: skip


def test_forms_by_stage():
    rows = {row.stage: row for row in form_rows(REVIEW, FINISHED)}
    assert set(rows) == {"Generate questions", "Review"}, "plain answers have no form to keep"
    assert (rows["Generate questions"].asked, rows["Generate questions"].lenient) == (4, 1)


def test_outcomes_by_hand():
    comments = [
        MeasuredComment(CommentDraft(comment="a"), 2, ("83",), None, None, 0.0),
        MeasuredComment(CommentDraft(comment="b"), None, (), 0, None, 0.0),
    ]
    found = outcomes(REVIEW, FINISHED, comments, np.array([True, False, False]))
    assert {metric: list(values.values()) for metric, values in found.items()} == {
        "tokens": [100.0], "nodes": [5.0], "distinct_comments": [1.0], "fallback_rate": [0.0, 0.0, 0.0, 1.0, 1.0],
        "evidence_found": [1.0, 0.0], "specificity": [1.0, 0.0], "gold_met": [1.0, 0.0, 0.0],
        "answered": [],
    }  # fmt: skip
    assert list(found["specificity"]) == ["small/treereview/1", "small/treereview/2"]
    assert list(found["gold_met"]) == ["small/human 1", "small/human 2", "small/human 3"]


def test_a_comment_as_a_row():
    comment = MeasuredComment(CommentDraft(comment="a", evidence="e"), -1, ("83", "Table 1"), 0, 1, 0.7)
    row = comment_row(REVIEW, 2, comment, ["x", "human"])
    assert (row.found, row.paragraph, row.anchors, row.repeats, row.gold) == (True, -1, "83; Table 1", 1, "human")


WRITTEN = ReviewDraft(summary="It shifts.", strengths=["clear"], weaknesses=["small", "old"], rating=6)
COMMENTS = [
    MeasuredComment(CommentDraft(comment="Too few.", evidence="83 sentences"), 2, ("83",), None, None, 0.0),
    MeasuredComment(CommentDraft(comment="Where?", evidence="nowhere"), None, (), 0, None, 0.0),
]


def tree() -> QuestionTree:
    made = QuestionTree("Shifting states", Limits(2, (2, 2)))
    made.expand(ROOT, ["Is it new?", "Is it sound?"])
    made.expand("1", ["Since when?"])
    made.answer("1.1", "since\n2025")
    made.answer("1", "yes")
    made.drop("2")
    return made


def test_fields_in_the_order_of_the_form():
    assert form_fields(WRITTEN)[:3] == [
        ("Summary", "It shifts."),
        ("Strengths", "- clear"),
        ("Weaknesses", "- small\n- old"),
    ]
    assert dict(form_fields(WRITTEN))["Rating"] == "6 of 10"
    assert dict(form_fields(WRITTEN))["Soundness"] == "not given"


def test_markdown_holds_evidence_and_the_questions_behind():
    text = as_markdown(small_paper(), WRITTEN, COMMENTS, tree())
    assert "1. Too few.\n\n   > 83 sentences\n" in text
    assert "> nowhere (not found in the paper)" in text
    assert "- **1 Is it new?** yes\n  - **1.1 Since when?** since 2025" in text
    assert "Is it sound?" not in text, "dropped"
    assert "Nothing was written." in text, "no questions for the authors"


def test_json_reads_back():
    body = json.loads(as_json(small_paper(), WRITTEN, COMMENTS, tree()))
    assert body["comments"][1] == {
        "comment": "Where?", "evidence": "nowhere", "evidence_paragraph": None, "anchors": [], "repeats": 0,
    }  # fmt: skip
    assert [node["id"] for node in body["tree"]] == ["0", "1", "1.1", "2"]


def test_the_form_fits_78_columns():
    long = ReviewDraft(summary="word " * 60)
    text = as_reviewer_form(small_paper(), long, COMMENTS)
    assert max(map(len, text.splitlines())) <= 78
    assert "SUMMARY\nword" in text and "2. Where?" in text


def test_a_review_without_comments():
    assert "None were written." in as_markdown(small_paper(), ReviewDraft(), [], tree())

import numpy as np

from engines.treereview.comment_measures import MeasuredComment
from engines.treereview.question_tree import ROOT, Limits, QuestionTree
from engines.treereview.replies import CommentDraft, FinishedTree, Reply, ReviewDraft, StageTokens, Step
from engines.treereview.review_run import (
    comment_row,
    form_rows,
    human_overlap,
    node_name,
    node_row,
    outcomes,
    relevance_frame,
)
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
    ranker_tokens=30,
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
    found = outcomes(REVIEW, FINISHED, comments)
    assert {metric: list(values.values()) for metric, values in found.items()} == {
        "tokens": [100.0], "nodes": [5.0], "distinct_comments": [1.0], "fallback_rate": [0.0, 0.0, 0.0, 1.0, 1.0],
        "evidence_found": [1.0, 0.0], "specificity": [1.0, 0.0],
        "answered": [], "tokens_all_models": [130.0],
    }  # fmt: skip
    assert list(found["specificity"]) == ["small/treereview/1", "small/treereview/2"]


def test_overlap_with_human_comments_by_hand():
    ours, human = np.eye(3)[:2], np.eye(3)[[0, 2, 0]]
    found = human_overlap(REVIEW, ours, human, 0.9, 6, [4.0, 5.0])
    assert {metric: list(values.values()) for metric, values in found.items()} == {
        "gold_met": [1.0, 0.0, 1.0], "gold_precision": [1.0, 0.0], "gold_jaccard": [1 / 4], "rating_error": [1.5],
    }  # fmt: skip
    assert list(found["gold_met"]) == ["small/human 1", "small/human 2", "small/human 3"]
    assert human_overlap(REVIEW, ours, human[:0], 0.9, None, [4.0]) == {}


def test_a_comment_as_a_row():
    comment = MeasuredComment(CommentDraft(comment="a", evidence="e"), -1, ("83", "Table 1"), 0, 1, 0.7)
    row = comment_row(REVIEW, 2, comment, ["x", "human"])
    assert (row.found, row.paragraph, row.anchors, row.repeats, row.gold) == (True, -1, "83; Table 1", 1, "human")

import numpy as np

from engines.treereview.comment_measures import MeasuredComment
from engines.treereview.drafts import CommentDraft, Grown, Reply, ReviewDraft, StageTokens, Step
from engines.treereview.question_tree import ROOT, Limits, QuestionTree
from engines.treereview.review_run import Review, comment_row, form_rows, node_row, outcomes, relevance_frame

REVIEW = Review("treereview", 1, "small")


def test_names_are_paths():
    assert REVIEW.name == "treereview/1/small" and REVIEW.node("2.1") == "treereview/1/small/2.1"


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


GROWN = Grown(
    review=ReviewDraft(), comments=[], leaves=[], nodes=5, stages={"Review": StageTokens(prompt_tokens=90, tokens=10)},
    forms={"Generate questions": {"valid": 3, "lenient": 1}, "Answer leaves": {"plain": 4}, "Review": {"repaired": 1}},
)  # fmt: skip


def test_forms_by_stage():
    rows = {row.stage: row for row in form_rows(REVIEW, GROWN)}
    assert set(rows) == {"Generate questions", "Review"}, "plain answers have no form to keep"
    assert (rows["Generate questions"].asked, rows["Generate questions"].lenient) == (4, 1)


def test_outcomes_by_hand():
    comments = [
        MeasuredComment(CommentDraft(comment="a"), 2, ("83",), None, None, 0.0),
        MeasuredComment(CommentDraft(comment="b"), None, (), 0, None, 0.0),
    ]
    found = outcomes(REVIEW, GROWN, comments, np.array([True, False, False]))
    by_metric = {}
    for outcome in found:
        by_metric.setdefault(outcome.metric, []).append(outcome.value)
        assert outcome.cluster == "small" and outcome.slice == "paper/small"
    assert by_metric == {
        "tokens": [100.0], "nodes": [5.0], "distinct_comments": [1.0], "fallback_rate": [0.0, 0.0, 0.0, 1.0, 1.0],
        "evidence_found": [1.0, 0.0], "specificity": [1.0, 0.0], "gold_met": [1.0, 0.0, 0.0],
    }  # fmt: skip
    assert len({(outcome.metric, outcome.item) for outcome in found}) == len(found)


def test_a_comment_as_a_row():
    comment = MeasuredComment(CommentDraft(comment="a", evidence="e"), -1, ("83", "Table 1"), 0, 1, 0.7)
    row = comment_row(REVIEW, 2, comment, ["x", "human"])
    assert (row.found, row.paragraph, row.anchors, row.repeats, row.gold) == (True, -1, "83; Table 1", 1, "human")

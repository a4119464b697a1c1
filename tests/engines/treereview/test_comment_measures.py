import numpy as np

from engines.treereview.comment_measures import gold_met, measured, repeats
from engines.treereview.drafts import CommentDraft
from tests.engines.treereview.papers import small_paper


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
    assert [each.paragraph for each in found] == [2, -1, None, None]
    assert [each.anchors for each in found] == [("83",), (), (), ()]
    assert [each.repeats for each in found] == [None, None, None, 2]
    assert found[1].gold == 0 and np.isclose(found[1].gold_similarity, np.cos(np.radians(5)))
    assert measured(comments, unit(0, 40, 90, 90), unit(), small_paper(), 0.9)[0].gold is None

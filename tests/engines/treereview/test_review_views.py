import pytest

from engines.treereview.review_views import ONLY_FIRST, ONLY_SECOND, word_difference
from engines.treereview.rows import DifferenceControl, ListedControl, ReviewComment
from tests.engines.treereview.shown_run import REVIEW, VIEWS, shown_tables
from tests.engines.treereview.tiny_run import tables
from workbench.contract.views import NoControls


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return shown_tables(tmp_path_factory.mktemp("runs"))


def test_listed_comments_can_be_narrowed(done):
    view = VIEWS["comments"]
    assert len(view.rows(done, ListedControl(review=REVIEW))) == 2
    rows = done[ReviewComment].assign(repeats=[None, 1] * (len(done[ReviewComment]) // 2))
    assert len(view.rows(tables(ReviewComment=rows), ListedControl(review=REVIEW, only_distinct=True))) == 1


def test_findings_begin_with_instructions(done):
    rows = VIEWS["findings"].rows(done, NoControls())
    assert rows["kind"].iloc[0] == "instructions found in the document"
    assert rows["paragraph"].iloc[0] == "3"


def test_two_reviews_are_told_apart(done):
    spans = VIEWS["difference"].spans(done, DifferenceControl(first=REVIEW, second="no_tree/0/attack"))
    assert {span.mark for span in spans} >= {ONLY_FIRST, ONLY_SECOND}
    words = word_difference("the old small house", "the new house")
    assert [(span.text, span.mark) for span in words if span.mark] == [("old small", ONLY_FIRST), ("new", ONLY_SECOND)]
    assert word_difference("same words", "same words")[0].mark == ""

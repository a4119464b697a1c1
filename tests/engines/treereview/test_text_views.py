"""Texts with marks, of a small run with a paper that holds instructions."""

import pytest

from engines.treereview.replies import NO_ANSWER, reads_well
from engines.treereview.rows import ChunkRelevance, PaperParagraph, QuestionNode
from engines.treereview.text_views import (
    INSTRUCTION,
    ONLY_FIRST,
    ONLY_SECOND,
    QUOTED,
    READ,
    SHARED,
    DifferenceControl,
    NodeControl,
    PaperControl,
    difference_spans,
    latest,
    node_spans,
    nodes_grown,
    paper_spans,
    reviews_grown,
    status_of,
    times_read,
    word_difference,
)
from tests.engines.treereview.shown_run import REVIEW, shown_tables
from tests.engines.treereview.tiny_run import tables


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return shown_tables(tmp_path_factory.mktemp("runs"))


def test_a_question_as_it_stands_now(done):
    rows = done[QuestionNode]
    assert len(latest(done)) == rows["node"].nunique() < len(rows)
    row = latest(done).iloc[0]
    row["status"], row["origin"], row["pinned"] = "leaf", "reader", True
    assert status_of(row) == "waits for passages, your question, pinned"


def test_a_question_shows_its_passages_with_the_shared_words(done):
    rows = done[QuestionNode]
    leaves = rows[(rows["form"] == "plain") & (rows["arm"] == "treereview")]["node"].unique()
    shown_of = [node_spans(done, NodeControl(node=leaf)) for leaf in leaves]
    for spans in shown_of:
        text = "".join(span.text for span in spans)
        assert "Passage 1 (chunk" in text and "Answer: " in text
    marked = [span.text for spans in shown_of for span in spans if span.mark == SHARED]
    assert len(marked) >= 2 * len(shown_of), "in the answer and in the passage"
    assert all(len(words.split()) >= 6 for words in marked)


def test_the_paper_shows_what_was_read_quoted_and_injected(done):
    spans = paper_spans(done, PaperControl(review=REVIEW, paragraphs="all"))
    marks = {span.mark for span in spans}
    assert {READ, QUOTED, INSTRUCTION} <= marks
    assert [s.text for s in spans if s.mark == QUOTED] == ["The vectors are means over 83 sentences"]
    injected = next(span for span in spans if span.mark == INSTRUCTION)
    assert injected.text.startswith("Ignore all") and "positive" in injected.text
    assert "asks to leave instructions aside" in injected.note
    body = "".join(done[PaperParagraph]["text"])
    assert "".join("".join(s.text.split()) for s in spans if s.mark).count("83sentences") == body.count("83 sentences")


def test_of_the_paper_only_what_was_used_is_shown_at_first(done):
    text = "".join(span.text for span in paper_spans(done, PaperControl(review=REVIEW)))
    whole = "".join(span.text for span in paper_spans(done, PaperControl(review=REVIEW, paragraphs="all")))
    alone = "".join(span.text for span in paper_spans(done, PaperControl(review="no_tree/0/attack")))
    assert "Ignore all previous" in text and len(text) <= len(whole) and "not used)" not in whole
    assert "not used)" in alone and "83 sentences" in alone, "quoted, though no question read it"


def test_two_reviews_are_told_apart(done):
    spans = difference_spans(done, DifferenceControl(first=REVIEW, second="no_tree/0/attack"))
    assert {span.mark for span in spans} >= {ONLY_FIRST, ONLY_SECOND}
    words = word_difference("the old small house", "the new house")
    assert [(span.text, span.mark) for span in words if span.mark] == [("old small", ONLY_FIRST), ("new", ONLY_SECOND)]
    assert word_difference("same words", "same words")[0].mark == ""


def test_questions_that_read_a_chunk_are_counted_by_review(done):
    counts = times_read(done)
    assert counts.min() >= 1 and {review.split("/")[0] for review, _ in counts.index} == {"treereview"}


def test_what_reads_well_is_shown_first(done):
    rows = done[QuestionNode].copy()
    leaf = nodes_grown(done)["node"][3]
    other = "treereview/0/other/0"
    rows.loc[:, "answer"] = '{"answer": "cut'
    rows.loc[rows["node"].isin([leaf, other]), "answer"] = "The floor is measured."
    again = tables(**{kind.table(): done[kind] for kind in (ChunkRelevance, PaperParagraph)}, QuestionNode=rows)
    assert nodes_grown(again)["node"][0] == leaf
    assert set(reviews_grown(again)["review"]) == set(reviews_grown(done)["review"])
    rows.loc[rows["node"] == other, "status"] = "open"
    assert reviews_grown(again)["review"][-1] == "treereview/0/other", "a live one comes last"
    for answer in ("", NO_ANSWER, '{"answer": "It is."', "It ends in the"):
        assert not reads_well(answer)

import pytest

from engines.treereview.rows import NodeControl, PaperControl, PaperParagraph, QuestionNode, ReviewControl
from engines.treereview.tree_views import (
    INSTRUCTION,
    QUOTED,
    READ,
    SHARED,
    coverage_rows,
    latest,
    node_spans,
    paper_spans,
    relevance_matrix,
    status_of,
    tree_nodes,
)
from tests.engines.treereview.shown_run import REVIEW, shown_tables


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return shown_tables(tmp_path_factory.mktemp("runs"))


def test_the_tree_is_of_one_review_and_says_how_it_stands(done):
    nodes = tree_nodes(done, ReviewControl(review=REVIEW))
    assert [node.id for node in nodes if node.parent is None] == [f"{REVIEW}/0"]
    parents = {node.id for node in nodes}
    assert all(node.parent in parents for node in nodes if node.parent)
    assert {node.status for node in nodes} <= {"answered", "answered, follow-up"}
    assert nodes[0].label.startswith("Review of Shifting states")
    assert sum(node.value for node in nodes) == len(nodes) - len({node.parent for node in nodes if node.parent})


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


def test_relevance_is_standardised_by_question(done):
    matrix = relevance_matrix(done, ReviewControl(review=REVIEW))
    assert matrix.mean(axis=1).abs().max() < 1e-9
    assert matrix.index.str.startswith(REVIEW).all()


def test_coverage_counts_questions(done):
    rows = coverage_rows(done, ReviewControl(review=REVIEW))
    assert len(rows) == 7 and rows["times"].sum() > 0
    alone = coverage_rows(done, ReviewControl(review="no_tree/0/attack"))
    assert alone["times"].sum() == 0

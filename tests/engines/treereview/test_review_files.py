import json

from engines.treereview.comment_measures import MeasuredComment
from engines.treereview.question_tree import ROOT, Limits, QuestionTree
from engines.treereview.replies import CommentDraft, ReviewDraft
from engines.treereview.review_files import as_json, as_markdown, as_reviewer_form, form_fields
from tests.engines.treereview.papers import small_paper

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

from engines.treereview.drafts import CommentDraft, Grown, ReviewDraft
from engines.treereview.judging import judged_prompt
from engines.treereview.prompts import prompt_set
from tests.engines.treereview.papers import small_paper
from tests.engines.treereview.tiny_run import said


def test_a_judge_reads_the_form_and_the_comments():
    review = ReviewDraft(summary="It shifts.", weaknesses=["small"])
    grown = Grown(review=review, comments=[CommentDraft(comment="Too few.")], leaves=[], stages={}, forms={}, nodes=1)
    text = said(judged_prompt(prompt_set(), small_paper(), grown))
    for part in ("Shifting states", "Summary: It shifts.", "- small", "1. Too few.", "We shift hidden states"):
        assert part in text

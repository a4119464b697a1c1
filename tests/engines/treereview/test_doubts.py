from types import SimpleNamespace

from engines.treereview.doubts import doubts, summed
from engines.treereview.drafts import CommentDraft, Cuts, Grown, Reply, ReviewDraft
from engines.treereview.rows import Comparison
from tests.engines.treereview.papers import SMALL, small_paper
from workbench.contract.schema import Caution

OTHER = small_paper("other", SMALL.replace("83 sentences", "85 sentences"))


def desk(papers, asked: int = 0):
    named = {paper.name: paper for paper in papers}
    return SimpleNamespace(papers=named, config=SimpleNamespace(papers=asked or len(named)))


def tree(comments: int = 1, unusable: int = 0, unread: int = 0) -> Grown:
    return Grown(
        review=ReviewDraft(), comments=[CommentDraft(comment="c")] * comments, leaves=[], stages={}, nodes=1,
        forms={"Comments": {"unusable": unusable}}, cuts=Cuts(unread=unread),
    )  # fmt: skip


def compared(run: bool, tokens: int, exhaustive: int, unread: int) -> tuple[Comparison, Grown]:
    numbers = dict.fromkeys(Comparison.model_fields, 0) | {"tokens": tokens, "tokens_exhaustive": exhaustive}
    return Comparison(**numbers | {"arm": "a", "paper": "p", "run": run, "reason": ""}), tree(unread=unread)


def texts(found: list[Caution], claim: str = "") -> list[str]:
    return [doubt.text for doubt in found if doubt.claim == claim]


def test_a_run_without_doubts():
    row = compared(True, 100, 300, 0)
    assert doubts(desk([small_paper(), OTHER]), {"k": tree()}, [row], {"k": 3}) == []


def test_too_few_papers_and_equal_ones():
    found = texts(doubts(desk([small_paper(), small_paper("again"), OTHER], 12), {}, [], {}))
    assert found[0].startswith("12 papers were asked for and 3 named")
    assert found[1].startswith("1 of 3 papers have the text of another one")


def test_a_digest_at_the_root_changes_the_ratio():
    found = doubts(desk([OTHER]), {}, [compared(False, 100, 300, 100), compared(True, 100, 300, 100)], {})
    said = texts(found, "fewer_tokens")
    assert said == texts(found, "fewer_tokens_in_this_run")
    assert said[0].startswith("For 1 of 2 reviews the answers from the whole paper were not written")
    assert "would take 2.0 times the tokens of passages in place of 3.0 times" in said[1], "(600 + 200) / (200 + 200)"


def test_lists_of_comments_that_could_not_say_more():
    found = texts(doubts(desk([OTHER]), {"a": tree(3), "b": tree(2, 1)}, [], {"a": 3, "b": 3}), "deeper_says_more")
    assert found[0].startswith("1 of 2 lists") and found[1].startswith("1 of 2 lists of comments were no JSON")


def test_cuts_are_summed():
    cuts = Cuts()
    for reply in (Reply(node="1", cut=True), Reply(node="2", empty=True, shortened=True), Reply(node="0", unread=7)):
        cuts.count(reply)
    assert cuts == Cuts(answers=3, answers_cut=1, answers_empty=1, prompts_cut=1, unread=7)
    assert summed(iter([cuts, cuts])) == Cuts(answers=6, answers_cut=2, answers_empty=2, prompts_cut=2, unread=14)
    assert summed(iter([])) == Cuts()

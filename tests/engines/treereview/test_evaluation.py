from types import SimpleNamespace

import numpy as np
import pytest

from engines.treereview import ENGINE
from engines.treereview.evaluation import cautions, compared_with_whole, hits, judged_prompt, summed, try_rankings
from engines.treereview.excerpts import HeldOut
from engines.treereview.prompts import prompt_set
from engines.treereview.replies import CommentDraft, Cuts, FinishedTree, Leaf, Reply, ReviewDraft, StageTokens
from engines.treereview.resources import ReviewResources
from engines.treereview.rows import Comparison
from tests.engines.treereview.papers import SMALL, small_paper
from tests.engines.treereview.test_dialogue import made
from tests.engines.treereview.tiny_run import ScriptedBackend, said, use_backend
from workbench.contract.run_log import RunCell
from workbench.contract.schema import Caution

CONFIG = ENGINE.presets["quick"].config.model_copy(update={"answer_tokens": 60, "exhaustive_answers": True})


def grown(*leaves: tuple[str, int, int]) -> FinishedTree:
    found = [
        Leaf(number=str(at), question=q, prompt_tokens=read, tokens=written)
        for at, (q, read, written) in enumerate(leaves)
    ]
    spent = sum(leaf.prompt_tokens + leaf.tokens for leaf in found)
    stages = {"Answer leaves": StageTokens(prompt_tokens=spent), "Review": StageTokens(prompt_tokens=100, tokens=20)}
    return FinishedTree(review=ReviewDraft(), comments=[], leaves=found, stages=stages, forms={}, nodes=4)


def test_what_was_written_from_the_whole_paper_is_what_it_costs():
    dialogue, _, _ = made()
    found, whole = grown(("Why?", 50, 10), ("How?", 60, 12)), grown(("Why?", 500, 10), ("How?", 510, 12))
    found.stages["Generate questions"] = StageTokens(prompt_tokens=7, tokens=3)
    row = compared_with_whole(RunCell("exhaustive", 0, "small"), found, dialogue, CONFIG, whole)
    assert row.run and row.reason == "" and row.leaves == 2
    assert (row.leaf_tokens, row.leaf_tokens_exhaustive) == (132, 1032)
    assert (row.tokens, row.tokens_exhaustive) == (262, whole.tokens + 10), "the questions are the same"


@pytest.mark.parametrize(
    ("context", "asked", "reason"), [(300, True, "the context has 300"), (3000, False, "count only")]
)
def test_otherwise_what_would_be_read_is_counted(context, asked, reason):
    dialogue, _, sent = made(context=context)
    config = CONFIG.model_copy(update={"exhaustive_answers": asked})
    row = compared_with_whole(RunCell("exhaustive", 0, "small"), grown(("Why?", 50, 10)), dialogue, config, None)
    assert not row.run and reason in row.reason and not sent
    prompt = dialogue.leaf_prompt("Why?", dialogue.paper.text)
    assert row.leaf_tokens_exhaustive == dialogue.generator.count([prompt])[0] + 10


def test_a_tree_without_leaves_costs_the_same_both_ways():
    dialogue, _, sent = made()
    row = compared_with_whole(RunCell("exhaustive", 0, "small"), grown(), dialogue, CONFIG, None)
    assert row.tokens == row.tokens_exhaustive == 120 and not sent


RANKED = ENGINE.presets["quick"].config.model_copy(update={"top_k": 2, "chunk_tokens": 40, "held_out": 4})


def test_hits_by_hand():
    held = [HeldOut(0, "s", "A", frozenset({3})), HeldOut(1, "t", "B", frozenset({0, 2}))]
    scores = np.array([[0.1, 0.9, 0.2, 0.3], [0.1, 0.9, 0.2, 0.3]])
    rows = hits("p", held, scores, "bm25", RANKED)
    assert [(row.rank, row.hit) for row in rows] == [(2.0, 1.0), (3.0, 0.0)]


def test_every_way_of_ranking_looks_for_the_same_sentences(monkeypatch):
    use_backend(monkeypatch, ScriptedBackend())
    resources = ReviewResources(
        RANKED, SimpleNamespace(progress=lambda *at: None, note=print), {"small": small_paper()}
    )
    frame = try_rankings(resources, "small")
    counts = frame.groupby("ranking")["sentence"].agg(["count", "nunique"])
    assert set(counts.index) == {"perplexity", "bm25", "dense", "chance"}
    assert counts.to_numpy().min() == counts.to_numpy().max() >= 2
    chance = frame[frame["ranking"] == "chance"]
    assert chance["hit"].between(0.01, 0.99).all()


def test_without_sentences_nothing_is_tried(monkeypatch):
    use_backend(monkeypatch, ScriptedBackend())
    resources = ReviewResources(RANKED.model_copy(update={"held_out": 0}), None, {"small": small_paper()})
    assert try_rankings(resources, "small").empty


def test_a_judge_reads_the_form_and_the_comments():
    review = ReviewDraft(summary="It shifts.", weaknesses=["small"])
    grown = FinishedTree(
        review=review, comments=[CommentDraft(comment="Too few.")], leaves=[], stages={}, forms={}, nodes=1
    )
    text = said(judged_prompt(prompt_set(), small_paper(), grown))
    for part in ("Shifting states", "Summary: It shifts.", "- small", "1. Too few.", "We shift hidden states"):
        assert part in text


OTHER = small_paper("other", SMALL.replace("83 sentences", "85 sentences"))


def resources(papers, asked: int = 0):
    named = {paper.name: paper for paper in papers}
    return SimpleNamespace(papers=named, config=SimpleNamespace(papers=asked or len(named)))


def tree(comments: int = 1, unusable: int = 0, unread: int = 0) -> FinishedTree:
    return FinishedTree(
        review=ReviewDraft(), comments=[CommentDraft(comment="c")] * comments, leaves=[], stages={}, nodes=1,
        forms={"Comments": {"unusable": unusable}}, cuts=Cuts(unread=unread),
    )  # fmt: skip


def compared(run: bool, tokens: int, exhaustive: int, unread: int) -> tuple[Comparison, FinishedTree]:
    numbers = dict.fromkeys(Comparison.model_fields, 0) | {"tokens": tokens, "tokens_exhaustive": exhaustive}
    return Comparison(**numbers | {"arm": "a", "paper": "p", "run": run, "reason": ""}), tree(unread=unread)


def texts(found: list[Caution], claim: str = "") -> list[str]:
    return [doubt.text for doubt in found if doubt.claim == claim]


def test_a_run_without_doubts():
    row = compared(True, 100, 300, 0)
    assert cautions(resources([small_paper(), OTHER]), {"k": tree()}, [row], {"k": 3}) == []


def test_too_few_papers_and_equal_ones():
    found = texts(cautions(resources([small_paper(), small_paper("again"), OTHER], 12), {}, [], {}))
    assert found[0].startswith("12 papers were asked for and 3 named")
    assert found[1].startswith("1 of 3 papers have the text of another one")


def test_a_digest_at_the_root_changes_the_ratio():
    found = cautions(resources([OTHER]), {}, [compared(False, 100, 300, 100), compared(True, 100, 300, 100)], {})
    said = texts(found, "fewer_tokens")
    assert said == texts(found, "fewer_tokens_in_this_run")
    assert said[0].startswith("For 1 of 2 reviews the answers from the whole paper were not written")
    assert "would take 2.0 times the tokens of passages in place of 3.0 times" in said[1], "(600 + 200) / (200 + 200)"


def test_lists_of_comments_that_could_not_say_more():
    found = texts(
        cautions(resources([OTHER]), {"a": tree(3), "b": tree(2, 1)}, [], {"a": 3, "b": 3}), "deeper_says_more"
    )
    assert found[0].startswith("1 of 2 lists") and found[1].startswith("1 of 2 lists of comments were no JSON")


def test_cuts_are_summed():
    cuts = Cuts()
    for reply in (Reply(node="1", cut=True), Reply(node="2", empty=True, shortened=True), Reply(node="0", unread=7)):
        cuts.count(reply)
    assert cuts == Cuts(answers=3, answers_cut=1, answers_empty=1, prompts_cut=1, unread=7)
    assert summed(iter([cuts, cuts])) == Cuts(answers=6, answers_cut=2, answers_empty=2, prompts_cut=2, unread=14)
    assert summed(iter([])) == Cuts()

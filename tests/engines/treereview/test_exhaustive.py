import pytest

from engines.treereview import ENGINE
from engines.treereview.drafts import Grown, Leaf, ReviewDraft, StageTokens
from engines.treereview.exhaustive import compare
from engines.treereview.review_run import Review
from tests.engines.treereview.test_dialogue import made

CONFIG = ENGINE.presets["quick"].config.model_copy(update={"answer_tokens": 60, "exhaustive_answers": True})


def grown(*leaves: tuple[str, int, int]) -> Grown:
    found = [
        Leaf(number=str(at), question=q, prompt_tokens=read, tokens=written)
        for at, (q, read, written) in enumerate(leaves)
    ]
    spent = sum(leaf.prompt_tokens + leaf.tokens for leaf in found)
    stages = {"Answer leaves": StageTokens(prompt_tokens=spent), "Review": StageTokens(prompt_tokens=100, tokens=20)}
    return Grown(review=ReviewDraft(), comments=[], leaves=found, stages=stages, forms={}, nodes=4)


def test_answers_are_written_where_the_paper_fits():
    dialogue, _, sent = made()
    row = compare(Review("exhaustive", 0, "small"), grown(("Why?", 50, 10), ("How?", 60, 12)), dialogue, CONFIG)
    assert row.run and row.leaves == 2 and len(sent) == 2
    assert all("All settings are listed here" in prompt for prompt in sent)
    assert row.leaf_tokens == 132
    assert row.tokens == 252 and row.tokens_exhaustive == 120 + row.leaf_tokens_exhaustive


@pytest.mark.parametrize(
    ("context", "asked", "reason"), [(300, True, "the context has 300"), (3000, False, "count only")]
)
def test_otherwise_what_would_be_read_is_counted(context, asked, reason):
    dialogue, _, sent = made(context=context)
    config = CONFIG.model_copy(update={"exhaustive_answers": asked})
    row = compare(Review("exhaustive", 0, "small"), grown(("Why?", 50, 10)), dialogue, config)
    assert not row.run and reason in row.reason and not sent
    prompt = dialogue.leaf_prompt("Why?", dialogue.paper.text)
    assert row.leaf_tokens_exhaustive == dialogue.generator.count([prompt])[0] + 10


def test_a_tree_without_leaves_costs_the_same_both_ways():
    dialogue, _, sent = made()
    row = compare(Review("exhaustive", 0, "small"), grown(), dialogue, CONFIG)
    assert row.tokens == row.tokens_exhaustive == 120 and not sent

"""The exhaustive way at the same questions: every question without sub-questions reads the whole paper.

Everything else stays as the tree has it, so that the difference is what passages save. Where the paper and a question
exceed the context, or on request, the answers are not written: what they would read is counted, and as many tokens as
the answers from passages have are taken to be written.
"""

from typing import TYPE_CHECKING

from engines.treereview.config import TreeReviewConfig
from engines.treereview.dialogue import PaperDialogue
from engines.treereview.drafts import Grown
from engines.treereview.json_answers import ask_text
from engines.treereview.review_run import Review
from engines.treereview.rows import Comparison
from workbench.contract import Outcome

if TYPE_CHECKING:
    from workbench.contract import RunLog

STAGE = "Answer leaves from the whole paper"


def compare(review: Review, found: Grown, dialogue: PaperDialogue, config: TreeReviewConfig) -> Comparison:
    """What the exhaustive way costs for a grown tree."""
    text = dialogue.paper.text
    prompts = [dialogue.leaf_prompt(leaf.question, text) for leaf in found.leaves]
    read = dialogue.generator.count(prompts) if prompts else []
    written = [leaf.tokens for leaf in found.leaves]
    longest = max(read, default=0) + config.answer_tokens
    fits = longest <= dialogue.context()
    reason = (
        "" if fits else f"paper, question and answer take {longest:,} tokens, the context has {dialogue.context():,}"
    )
    if fits and not config.exhaustive_answers:
        reason = "the settings ask to count only"
    if fits and config.exhaustive_answers and prompts:
        answers = ask_text(
            dialogue.generator, prompts, dialogue.sampling(config.answer_tokens), dialogue.used_for(STAGE)
        )
        read, written = [each.prompt_tokens for each in answers], [each.tokens for each in answers]
    passages = sum(leaf.prompt_tokens + leaf.tokens for leaf in found.leaves)
    whole = sum(read) + sum(written)
    return Comparison(
        arm=review.arm, seed=review.seed, paper=review.paper, leaves=len(prompts),
        paper_tokens=dialogue.count([text])[0], leaf_tokens=passages, leaf_tokens_exhaustive=whole, tokens=found.tokens,
        tokens_exhaustive=found.tokens - passages + whole, run=not reason, reason=reason,
    )  # fmt: skip


def report(log: "RunLog", row: Comparison) -> Comparison:
    """Emit a comparison, and the tokens of its arm as an outcome."""
    log.row(row)
    log.row(
        Outcome(
            arm=row.arm, metric="tokens", seed=row.seed, value=float(row.tokens_exhaustive), item=row.paper,
            cluster=row.paper, slice=f"paper/{row.paper}",
        )
    )  # fmt: skip
    return row

"""What a finished run knows about how far its verdicts carry: facts for the bench, and doubts in a sentence each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from engines.treereview.drafts import Cuts, Grown
from engines.treereview.growth import STAGES
from engines.treereview.material import Desk
from engines.treereview.rows import Comparison
from workbench.contract import Caution, Fact

if TYPE_CHECKING:
    from engines.treereview.config import TreeReviewConfig
    from workbench.contract import RunLog

TOKEN_CLAIMS = ("fewer_tokens", "fewer_tokens_in_this_run")


def record_facts(desk: Desk, arms: Mapping[str, "TreeReviewConfig"], trees: Sequence[Grown], log: "RunLog") -> None:
    """Record models, answers and prompts over all reviews.

    The models are the one that asks and answers and, where something is ranked by perplexity, the one that ranks: the
    smaller of the two is recorded, because a claim carries no further than that.
    """
    generator = desk.generator(desk.config)
    if generator.dtype:
        log.record(Fact.DTYPE, generator.dtype)
    sizes = [getattr(getattr(generator.backend, "model", None), "parameters", 0)]
    if desk.config.held_out or any(arm.ranking == "perplexity" for arm in arms.values()):
        sizes.append(desk.scorer(desk.config).model.parameters)
    if any(sizes):
        log.record(Fact.PARAMETERS, min(size for size in sizes if size))
    cuts = summed(tree.cuts for tree in trees)
    log.record(Fact.ANSWERS, cuts.answers)
    log.record(Fact.ANSWERS_CUT, cuts.answers_cut)
    log.record(Fact.ANSWERS_EMPTY, cuts.answers_empty)
    log.record(Fact.PROMPTS, cuts.answers)
    log.record(Fact.PROMPTS_CUT, cuts.prompts_cut)


def summed(cuts: Iterator[Cuts]) -> Cuts:
    """Counts of several reviews together."""
    rows = [each.model_dump() for each in cuts]
    return Cuts(**{name: sum(row[name] for row in rows) for name in Cuts.model_fields})


def doubts(
    desk: Desk,
    trees: Mapping[str, Grown],
    compared: Sequence[tuple[Comparison, Grown]],
    most: Mapping[str, int],
) -> list[Caution]:
    """Ways in which this run's verdicts could be wrong, as far as the numbers of the run tell.

    Args:
        trees: by the key of their cell.
        compared: comparisons with whole papers, each with the tree it is about.
        most: by the key of a cell, the comments that its arm may write.
    """
    return [*_of_papers(desk), *_of_tokens(compared), *_of_comments(trees, most)]


def _of_papers(desk: Desk) -> Iterator[Caution]:
    papers, asked = len(desk.papers), desk.config.papers
    if papers < asked:
        yield Caution(
            text=f"{asked} papers were asked for and {papers} named: to go on with more, start a run that names more."
        )
    same = papers - len({paper.text for paper in desk.papers.values()})
    if same:
        yield Caution(text=f"{same} of {papers} papers have the text of another one and count as papers all the same.")


def _of_tokens(compared: Sequence[tuple[Comparison, Grown]]) -> Iterator[Caution]:
    counted = sum(not row.run for row, _ in compared)
    digests = sum(tree.cuts.unread > 0 for _, tree in compared)
    for claim in TOKEN_CLAIMS if counted else ():
        yield Caution(
            claim=claim,
            text=f"For {counted} of {len(compared)} reviews the answers from the whole paper were not written: they "
            "are taken to be as long as those from passages.",
        )
    for claim in TOKEN_CLAIMS if digests else ():
        unread = sum(tree.cuts.unread for _, tree in compared)
        ours, whole = (sum(getattr(row, name) for row, _ in compared) for name in ("tokens", "tokens_exhaustive"))
        then, now = (whole + unread) / (ours + unread), whole / ours
        yield Caution(
            claim=claim,
            text=f"In {digests} of {len(compared)} reviews the last step read a digest of the paper, either way. With "
            f"the whole paper there, as in the released code, whole papers would take {then:.1f} times the tokens of "
            f"passages in place of {now:.1f} times.",
        )


def _of_comments(trees: Mapping[str, Grown], most: Mapping[str, int]) -> Iterator[Caution]:
    full = sum(len(tree.comments) >= most[key] for key, tree in trees.items())
    if full:
        yield Caution(
            claim="deeper_says_more",
            text=f"{full} of {len(trees)} lists of comments are as long as they may be and could not have said more.",
        )
    lost = sum(tree.forms.get(STAGES["comments"], {}).get("unusable", 0) for tree in trees.values())
    if lost:
        yield Caution(
            claim="deeper_says_more",
            text=f"{lost} of {len(trees)} lists of comments were no JSON and are read line by line.",
        )

"""What finished reviews are held against: reading the whole paper, a judge's marks, and cautions about the verdicts.

The exhaustive way is compared at the same questions: every question without sub-questions reads the whole paper, and
everything else stays as the tree has it, so that the difference is what passages save. Where the paper and a question
exceed the context, or on request, the answers are not written: what they would read is counted, and as many tokens as
the answers from passages have are taken to be written.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, cast, get_args

import numpy as np
import pandas as pd
from pydantic import BaseModel

from engines.parts.completions import Sampling
from engines.treereview.comment_measures import gold_met
from engines.treereview.config import TreeReviewConfig
from engines.treereview.dialogue import PaperDialogue
from engines.treereview.excerpts import HeldOut, chance_of_hit, hold_out
from engines.treereview.growth import STAGES
from engines.treereview.paper import Paper
from engines.treereview.prompts import Marks, PromptSet, prompt_set
from engines.treereview.replies import Cuts, FinishedTree, StageTokens, ask_json
from engines.treereview.resources import ReviewResources
from engines.treereview.review_files import form_fields
from engines.treereview.rows import Comparison, SectionHit
from workbench.contract import Caution, Fact, RunCell

if TYPE_CHECKING:
    from engines.parts.completions import Prompt
    from workbench.contract import RunLog


def compared_with_whole(
    review: RunCell, found: FinishedTree, dialogue: PaperDialogue, config: TreeReviewConfig, whole: FinishedTree | None
) -> Comparison:
    """Count what the exhaustive way costs for a finished tree.

    Args:
        found: the tree, answered from passages.
        whole: the same questions answered from the whole paper; None where these answers are not written.
    """
    text = dialogue.paper.text
    passages = sum(leaf.prompt_tokens + leaf.tokens for leaf in found.leaves)
    if whole is None:
        prompts = [dialogue.leaf_prompt(leaf.question, text) for leaf in found.leaves]
        read = sum(dialogue.generator.count(prompts)) if prompts else 0
        leaves = read + sum(leaf.tokens for leaf in found.leaves)
        tokens = found.tokens - passages + leaves
    else:
        leaves = sum(leaf.prompt_tokens + leaf.tokens for leaf in whole.leaves)
        asked = found.stages.get(STAGES["sub-questions"], StageTokens())
        tokens = whole.tokens + asked.prompt_tokens + asked.tokens
    return Comparison(
        arm=review.arm, seed=review.seed, paper=review.part, leaves=len(found.leaves),
        paper_tokens=dialogue.count([text])[0], leaf_tokens=passages, leaf_tokens_exhaustive=leaves,
        tokens=found.tokens, tokens_exhaustive=tokens, run=whole is not None,
        reason=why_counted(found, dialogue, config), ranker_tokens=found.ranker_tokens,
    )  # fmt: skip


def why_counted(found: FinishedTree, dialogue: PaperDialogue, config: TreeReviewConfig) -> str:
    """Return why answers from the whole paper are counted and not written; "" where they are written."""
    prompts = [dialogue.leaf_prompt(leaf.question, dialogue.paper.text) for leaf in found.leaves]
    longest = max(dialogue.generator.count(prompts) if prompts else [0]) + config.answer_tokens
    if longest > dialogue.context():
        return f"paper, question and answer take {longest:,} tokens, the context has {dialogue.context():,}"
    return "" if config.exhaustive_answers and prompts else "the settings ask to count only"


Compared = Literal["perplexity", "bm25", "dense"]
COMPARED: tuple[Compared, ...] = get_args(Compared)


def try_rankings(resources: ReviewResources, paper: str) -> pd.DataFrame:
    """Rank each held-out sentence of one paper in each way, and by chance (`SectionHit` rows)."""
    config = resources.config
    chunks = resources.chunks(paper, config)
    held, texts = hold_out(resources.papers[paper], chunks, config.held_out)
    if len(held) < config.held_out:
        resources.log.note(
            f"{paper}: {len(held)} of {config.held_out} sentences could be taken out, one of a paragraph."
        )
    rows = [_chance(paper, each, len(chunks), config.top_k) for each in held]
    for name in COMPARED if held else ():
        ranking = resources.ranking_of(texts, config.model_copy(update={"ranking": name}), 0)
        scores = ranking.scores([each.sentence for each in held])
        if ranking.cut:
            resources.log.note(
                f"{paper}: of {ranking.cut} of {len(texts)} chunks the ranking model read the beginning only."
            )
        rows += hits(paper, held, scores, name, config)
    return pd.DataFrame([row.model_dump() for row in rows], columns=list(SectionHit.model_fields))


def hits(
    paper: str, held: Sequence[HeldOut], scores: np.ndarray, ranking: Compared, config: TreeReviewConfig
) -> list[SectionHit]:
    """Return rows of one way of ranking; `scores` has shape (sentences, chunks)."""
    rows = []
    for each, row in zip(held, scores, strict=True):
        order = [int(chunk) for chunk in np.argsort(-row, kind="stable")]
        rank = 1 + next(at for at, chunk in enumerate(order) if chunk in each.chunks)
        rows.append(_row(paper, each, ranking, float(rank), float(rank <= config.top_k)))
    return rows


def _chance(paper: str, held: HeldOut, chunks: int, k: int) -> SectionHit:
    # The first of R relevant chunks among N in random order stands at (N + 1) / (R + 1) on average.
    mean_rank = (chunks + 1) / (len(held.chunks) + 1)
    return _row(paper, held, "chance", mean_rank, chance_of_hit(chunks, len(held.chunks), k))


def _row(paper: str, held: HeldOut, ranking: Literal[Compared, "chance"], rank: float, hit: float) -> SectionHit:
    return SectionHit(
        paper=paper, paragraph=held.paragraph, section=held.section, sentence=held.sentence, ranking=ranking,
        rank=rank, hit=hit,
    )  # fmt: skip


def report_yardsticks(resources: ReviewResources, trees: Mapping[str, FinishedTree], arm: str, log: "RunLog") -> None:
    """Report the human comments that an arm's review, another reviewer, and people on another paper meet.

    Of several other reviewers the mean counts; of other papers the next one in the run stands for all.
    """
    gold, similar = resources.gold, resources.config.similar
    vectors = {paper: resources.encoder.embed(list(texts)) for paper, texts in gold.by_paper.items()}
    papers, seed = list(vectors), log.seeds[0]
    for at, paper in enumerate(papers):
        said = [comment.comment for comment in trees[RunCell(arm, seed, paper).key].comments]
        found = {"this review": gold_met(resources.encoder.embed(said), vectors[paper], similar)}
        people = [resources.encoder.embed(list(texts)) for texts in gold.by_reviewer.get(paper, {}).values()]
        if len(people) > 1:
            found["another reviewer"] = np.concatenate(
                [
                    np.mean([gold_met(other, own, similar) for other in people if other is not own], axis=0)
                    for own in people
                ]
            )
        if len(papers) > 1:
            found["other papers"] = gold_met(vectors[papers[(at + 1) % len(papers)]], vectors[paper], similar)
        for name, met in found.items():
            items = [f"{paper}/{name} {number}" for number in range(1, len(met) + 1)]
            log.outcomes("human_agreement", RunCell(arm, seed), met.astype(float), items, paper, f"yardstick/{name}")


class Judged(BaseModel):
    """Marks of one review; None where they could not be read."""

    marks: dict[str, int] | None


JUDGE_STAGE = "Judge"
MARK_TOKENS = 96


def judge_reviews(
    resources: ReviewResources, judge: str, trees: Mapping[str, FinishedTree], cells: Sequence["RunCell"], log: "RunLog"
) -> None:
    """Let a judge mark every review; marks that cannot be read are left out and counted."""
    from engines.parts.generation import Use, open_generator

    generator, prompts = open_generator(judge, log), prompt_set(resources.config.prompts)

    def judged(cell: "RunCell") -> Judged:
        prompt = judged_prompt(prompts, resources.papers[cell.part], trees[cell.key])
        use = Use(JUDGE_STAGE, cell.arm, cell.seed)
        return Judged(marks=ask_json(generator, [prompt], Marks, Sampling(max_tokens=MARK_TOKENS), use)[0].value)

    unreadable = 0
    for done, cell in enumerate(cells, 1):
        marks = cast(Judged, log.once(f"judge {cell.key}", Judged, partial(judged, cell))).marks
        unreadable += marks is None
        for mark, value in (marks or {}).items():
            where = {"item": cell.part, "cluster": cell.part, "slice": f"paper/{cell.part}"}
            log.outcomes(f"judged_{mark}", cell, float(value), **where)
        log.progress(done, len(cells), "reviews")
    if unreadable:
        log.note(f"The judge gave no readable marks for {unreadable} of {len(cells)} reviews.")


def judged_prompt(prompts: PromptSet, paper: Paper, found: FinishedTree) -> "Prompt":
    """Return what the judge reads: the review form and the comments."""
    fields = "\n\n".join(f"{name}: {text}" for name, text in form_fields(found.review))
    comments = "\n".join(f"{number}. {comment.comment}" for number, comment in enumerate(found.comments, 1))
    return prompts.fill(
        "judge", title=paper.title, abstract=paper.abstract, review=f"{fields}\n\nComments:\n{comments}"
    )


TOKEN_CLAIMS = ("fewer_tokens", "fewer_tokens_asked", "fewer_tokens_in_this_run")


def record_facts(
    resources: ReviewResources, arms: Mapping[str, "TreeReviewConfig"], trees: Sequence[FinishedTree], log: "RunLog"
) -> None:
    """Record models, answers and prompts over all reviews.

    The models are the one that asks and answers and, where something is ranked by perplexity, the one that ranks: the
    smaller of the two is recorded, because a claim carries no further than that.
    """
    generator = resources.generator(resources.config)
    if generator.dtype:
        log.record(Fact.DTYPE, generator.dtype)
    sizes = [getattr(getattr(generator.backend, "model", None), "parameters", 0)]
    if resources.config.held_out or any(arm.ranking == "perplexity" for arm in arms.values()):
        sizes.append(resources.scorer(resources.config).model.parameters)
    if any(sizes):
        log.record(Fact.PARAMETERS, min(size for size in sizes if size))
    cuts = summed(tree.cuts for tree in trees)
    log.record(Fact.ANSWERS, cuts.answers)
    log.record(Fact.ANSWERS_CUT, cuts.answers_cut)
    log.record(Fact.ANSWERS_EMPTY, cuts.answers_empty)
    log.record(Fact.PROMPTS, cuts.answers)
    log.record(Fact.PROMPTS_CUT, cuts.prompts_cut)


def summed(cuts: Iterator[Cuts]) -> Cuts:
    """Sum the counts of several reviews."""
    rows = [each.model_dump() for each in cuts]
    return Cuts(**{name: sum(row[name] for row in rows) for name in Cuts.model_fields})


def cautions(
    resources: ReviewResources,
    trees: Mapping[str, FinishedTree],
    compared: Sequence[tuple[Comparison, FinishedTree]],
    most: Mapping[str, int],
) -> list[Caution]:
    """Return ways in which this run's verdicts could be wrong, as far as the numbers of the run tell.

    Args:
        trees: by the key of their cell.
        compared: comparisons with whole papers, each with the tree it is about.
        most: by the key of a cell, the comments that its arm may write.
    """
    return [*_of_papers(resources), *_of_tokens(compared), *_of_comments(trees, most)]


def _of_papers(resources: ReviewResources) -> Iterator[Caution]:
    papers, asked = len(resources.papers), resources.config.papers
    if papers < asked:
        yield Caution(
            text=f"{asked} papers were asked for and {papers} named: to go on with more, start a run that names more."
        )
    same = papers - len({paper.text for paper in resources.papers.values()})
    if same:
        yield Caution(text=f"{same} of {papers} papers have the text of another one and count as papers all the same.")


def _of_tokens(compared: Sequence[tuple[Comparison, FinishedTree]]) -> Iterator[Caution]:
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


def _of_comments(trees: Mapping[str, FinishedTree], most: Mapping[str, int]) -> Iterator[Caution]:
    full = sum(len(tree.comments) >= most[key] for key, tree in trees.items())
    if full:
        yield Caution(
            claim="deeper_says_more",
            text=f"{full} of {len(trees)} lists of comments are as long as they may be and could not have said more.",
        )
    cuts = summed(tree.cuts for tree in trees.values())
    if cuts.echoed or cuts.dropped:
        yield Caution(
            text=f"{cuts.echoed} of {cuts.answers:,} answers repeat the question or the instructions and count as "
            f"none; {cuts.dropped:,} questions were none, or repeat the instructions, and were not asked."
        )
    lost = sum(tree.forms.get(STAGES["comments"], {}).get("unusable", 0) for tree in trees.values())
    if lost:
        yield Caution(
            claim="deeper_says_more",
            text=f"{lost} of {len(trees)} lists of comments were no JSON and are read line by line.",
        )

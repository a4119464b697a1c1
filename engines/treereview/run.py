"""TreeReview: read the papers, grow a tree of questions over each, write reviews, compare their cost; ask the paper."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

import pandas as pd

from engines.treereview.config import FurtherQuestion, TreeReviewConfig
from engines.treereview.evaluation import (
    cautions,
    compared_with_whole,
    judge_reviews,
    record_facts,
    report_yardsticks,
    try_rankings,
    why_counted,
)
from engines.treereview.excerpts import Chunk, labelled
from engines.treereview.paper import Paper, Paragraph
from engines.treereview.probe import probe
from engines.treereview.question_tree import ROOT, Batch, Limits, QuestionTree
from engines.treereview.replies import FinishedTree
from engines.treereview.resources import ReviewResources, describe_papers, open_resources
from engines.treereview.review_run import answer_from_whole, grow_one
from engines.treereview.rows import Comparison, FurtherAnswer, PaperParagraph, PaperRead, QuestionNode, SectionHit
from workbench.contract import DataError, RunCell, RunLog

if TYPE_CHECKING:
    from workbench.contract import Parent


__all__ = ["ask", "probe", "run"]


def run(config: TreeReviewConfig, log: RunLog[TreeReviewConfig]) -> None:
    """Grow a tree of questions over every paper, write the reviews and compare what they cost."""
    arms = log.arms
    with log.phase("Read the papers"):
        resources = open_resources(config, log)
        describe_papers(resources, log)
    sources = question_sources(arms)
    cells = [
        RunCell(arm, seed, paper)
        for paper in resources.papers
        for arm in dict.fromkeys(sources.values())
        for seed in log.seeds
    ]
    with log.phase("Grow the trees"):
        grown = log.map(cells, partial(grow_one, resources=resources), FinishedTree)
    trees = {cell.key: cast(FinishedTree, tree) for cell, tree in zip(cells, grown, strict=True)}
    with log.phase("Count the exhaustive way"):
        compared = count_all(resources, sources, trees, log)
    with log.phase("Compare the rankings"):
        compare_rankings(resources, log)
    if config.judge:
        with log.phase("Judge the reviews"):
            judge_reviews(resources, config.judge, trees, cells, log)
    if resources.gold.by_paper:
        with log.phase("Compare with human comments"):
            report_yardsticks(resources, trees, next(iter(sources.values())), log)
    with log.phase("Look for cautions"):
        record_facts(resources, arms, list(trees.values()), log)
        most = {cell.key: arms[cell.arm].most_comments for cell in cells}
        for doubt in cautions(resources, trees, compared, most):
            log.row(doubt)


def question_sources(arms: Mapping[str, TreeReviewConfig]) -> dict[str, str]:
    """Return for each arm the one whose trees it uses.

    Itself; for one that reads whole papers an arm that is equal but reads passages, where the run has one.
    """
    found: dict[str, str] = {}
    for name, config in arms.items():
        same = config.model_copy(update={"reading": "passages"})
        others = [other for other, settings in arms.items() if settings == same]
        found[name] = others[0] if config.reading == "whole paper" and others else name
    return found


def count_all(
    resources: ReviewResources, sources: Mapping[str, str], trees: Mapping[str, FinishedTree],
    log: RunLog[TreeReviewConfig],
) -> list[tuple[Comparison, FinishedTree]]:  # fmt: skip
    """Count every paper the exhaustive way, each with its tree; emit the tokens of all reviews of each arm."""
    whole = [name for name, settings in log.arms.items() if settings.reading == "whole paper"]
    cells = [RunCell(arm, seed, paper) for arm in whole for seed in log.seeds for paper in resources.papers]
    asked_by = {cell.key: trees[RunCell(sources[cell.arm], cell.seed, cell.part).key] for cell in cells}
    work = partial(count_one, resources=resources, trees=asked_by)
    key = ", ".join(f"{arm} asks as {sources[arm]}" for arm in whole)
    rows = [cast(Comparison, row) for row in log.map(cells, work, Comparison, key=key)]
    for arm, settings in log.arms.items():
        for seed in log.seeds:
            if settings.reading == "whole paper":
                tokens = sum(row.tokens_exhaustive for row in rows if (row.arm, row.seed) == (arm, seed))
                ranking = 0
            else:
                own = [trees[RunCell(arm, seed, paper).key] for paper in resources.papers]
                tokens, ranking = sum(tree.tokens for tree in own), sum(tree.ranker_tokens for tree in own)
            log.outcomes("tokens_in_run", RunCell(arm, seed), float(tokens))
            log.outcomes("tokens_all_models_in_run", RunCell(arm, seed), float(tokens + ranking))
    return [(row, asked_by[cell.key]) for cell, row in zip(cells, rows, strict=True)]


def count_one(
    cell: RunCell, log: RunLog[TreeReviewConfig], resources: ReviewResources, trees: Mapping[str, FinishedTree]
) -> Comparison:
    """Count what one paper costs the exhaustive way."""
    config, found = log.arms[cell.arm], trees[cell.key]
    dialogue = resources.dialogue(cell.part, config, cell.arm, cell.seed)
    counted = list(resources.papers).index(cell.part) >= config.exhaustive_papers
    config = config.model_copy(update={"exhaustive_answers": config.exhaustive_answers and not counted})
    written = not why_counted(found, dialogue, config)
    whole = answer_from_whole(cell, log, resources, found) if written else None
    row = compared_with_whole(cell, found, dialogue, config, whole)
    log.row(row)
    where = {"item": cell.part, "cluster": cell.part, "slice": f"paper/{cell.part}"}
    for metric in ("tokens", "tokens_all_models"):
        log.outcomes(metric, cell, float(row.tokens_exhaustive), **where)
    return row


def compare_rankings(resources: ReviewResources, log: RunLog) -> None:
    """Compare every way of ranking on every paper; seeds change nothing, so that the first stands for all."""
    arm = "treereview" if "treereview" in log.arms else next(iter(log.arms))
    for done, paper in enumerate(resources.papers, 1):
        frame = log.once(f"rankings {paper}", pd.DataFrame, partial(try_rankings, resources, paper))
        log.table(SectionHit, frame)
        items = [f"{paper}/paragraph {number}" for number in frame["paragraph"]]
        slices = ["ranking/" + name for name in frame["ranking"]]
        log.outcomes("hit_at_k", RunCell(arm, log.seeds[0]), frame["hit"], items, paper, slices)
        log.progress(done, len(resources.papers), "papers")


def ask(question: FurtherQuestion, parent: "Parent", log: "RunLog") -> None:
    """Rank the paper's chunks for the question and answer it from the best of them."""
    config = TreeReviewConfig.model_validate(parent.spec.settings)
    followed = followed_node(question.node, parent)
    paper, chunks = paper_of_run(question.paper or (str(followed["paper"]) if followed is not None else ""), parent)
    with log.phase("Answer the question"):
        resources = ReviewResources(config, log, {paper.name: paper})
        resources.use_chunks(paper.name, config, chunks)
        dialogue = resources.dialogue(paper.name, config, "", 0)
        tree = QuestionTree(paper.title, Limits(1, (1,)))
        tree.expand(ROOT, [question.question])
        asked = question.question
        if followed is not None:
            asked = f"{question.question} (This follows up on: {followed['question']} {followed['answer']})"[:2000]
        tree.nodes["1"].question = asked
        reply = dialogue.ask(Batch("leaf", ("1",)), tree).replies[0]
    texts = {chunk.number: chunk for chunk in chunks}
    for rank, number in enumerate(reply.read, 1):
        chunk = texts[number]
        log.row(
            FurtherAnswer(
                paper=paper.name, node=question.node, question=question.question, answer=reply.answer, chunk=number,
                rank=rank, score=reply.scores[number], section=paper.paragraphs[chunk.paragraphs[0]].where,
                passage=chunk.text,
            )
        )  # fmt: skip


def followed_node(name: str, parent: "Parent") -> "pd.Series | None":
    """Return the last row of the node that a question follows up on, None where it names none.

    Raises:
        DataError: the run has no such node.
    """
    if not name:
        return None
    rows = parent.table(QuestionNode)
    found = rows[rows["node"] == name]
    if found.empty:
        known = ", ".join(rows["node"].drop_duplicates().head(5))
        raise DataError(f"The run has no question {name[:80]!r}; it has {known} ...", "Copy its name from the tree.")
    return found.iloc[-1]


def paper_of_run(name: str, parent: "Parent") -> tuple[Paper, list[Chunk]]:
    """Return a paper of a finished run and its chunks, from the run's own tables.

    Args:
        name: "" for the run's first paper.

    Raises:
        DataError: the run read no such paper.
    """
    papers = parent.table(PaperRead)
    known = list(papers["paper"])
    wanted = name or (known[0] if known else "")
    if wanted not in known:
        raise DataError(
            f"The run read no paper {name[:80]!r}; it read {', '.join(known) or 'none'}.", "Choose one of them."
        )
    read = papers[papers["paper"] == wanted].iloc[0]
    rows = parent.table(PaperParagraph)
    rows = rows[rows["paper"] == wanted].sort_values("paragraph")
    paragraphs = tuple(
        Paragraph(
            int(row.paragraph), tuple(filter(None, str(row.section).split(" > "))), int(row.inside), str(row.text)
        )
        for row in rows.itertuples()
    )
    paper = Paper(wanted, str(read["title"]), str(read["abstract"]), (), paragraphs)
    chunks = []
    for number, inside in rows.groupby("chunk")["paragraph"]:
        own = [paragraphs[int(at)] for at in inside]
        text = "\n\n".join(labelled(paragraph) for paragraph in own)
        chunks.append(Chunk(int(number), tuple(paragraph.number for paragraph in own), text, len(text) // 4))
    return paper, chunks

"""A further question to a paper that was reviewed: answered from the passages that belong to it."""

from typing import TYPE_CHECKING

import pandas as pd

from engines.treereview.chunks import Chunk, labelled
from engines.treereview.config import FurtherQuestion, TreeReviewConfig
from engines.treereview.material import Desk
from engines.treereview.paper import Paper, Paragraph
from engines.treereview.question_tree import ROOT, Batch, Limits, QuestionTree
from engines.treereview.rows import FurtherAnswer, PaperParagraph, PaperRead, QuestionNode
from workbench.contract import DataError

if TYPE_CHECKING:
    from workbench.contract import Parent, RunLog


def ask(question: FurtherQuestion, parent: "Parent", log: "RunLog") -> None:
    """Rank the paper's chunks for the question and answer it from the best of them."""
    config = TreeReviewConfig.model_validate(parent.spec.settings)
    followed = followed_node(question.node, parent)
    paper, chunks = paper_of_run(question.paper or (str(followed["paper"]) if followed is not None else ""), parent)
    with log.phase("Answer the question"):
        desk = Desk(config, log, {paper.name: paper})
        desk.hold(paper.name, config, chunks)
        dialogue = desk.dialogue(paper.name, config, "", 0)
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
    """The last row of the node that a question follows up on, None where it names none.

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
    """A paper of a finished run and its chunks, from the run's own tables.

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

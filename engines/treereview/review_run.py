"""One paper under one arm: grow its tree, tell what happens as rows, write the review and measure its comments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from engines.treereview.comment_measures import MeasuredComment, gold_met, measured
from engines.treereview.config import TreeReviewConfig
from engines.treereview.dialogue import PaperDialogue
from engines.treereview.drafts import Grown, Orders, Step
from engines.treereview.exports import as_json, as_markdown, as_reviewer_form, form_fields
from engines.treereview.growth import STAGES, Growth, grow, grown
from engines.treereview.material import Desk
from engines.treereview.paper import Paper
from engines.treereview.question_tree import Node, QuestionTree
from engines.treereview.rows import ChunkRelevance, JsonForm, QuestionNode, ReviewComment, ReviewText
from engines.treereview.steering import taken_orders
from workbench.contract import Outcome

if TYPE_CHECKING:
    from workbench.contract import RunCell, RunLog

FALLBACKS = ("repaired", "lenient", "unusable")


@dataclass(frozen=True)
class LogKeeper:
    """Keeps steps and orders in the run folder."""

    log: "RunLog"

    def orders(self, number: int) -> Orders:
        """What the reader asked before step `number`."""
        return cast(Orders, self.log.once(f"orders {number}", Orders, lambda: taken_orders(self.log)))

    def step(self, number: int, ask: Callable[[], Step]) -> Step:
        """The step `number`, asked for unless an earlier attempt kept it."""
        return cast(Step, self.log.once(f"step {number}", Step, ask))


@dataclass(frozen=True)
class Review:
    """Names of one review, for its rows and files."""

    arm: str
    seed: int
    paper: str

    @property
    def name(self) -> str:
        """arm/seed/paper."""
        return f"{self.arm}/{self.seed}/{self.paper}"

    def node(self, number: str) -> str:
        """Name of one of its questions."""
        return f"{self.name}/{number}"

    @property
    def where(self) -> dict[str, Any]:
        """Arm, seed and paper as columns."""
        return {"arm": self.arm, "seed": self.seed, "paper": self.paper}


def grow_one(cell: "RunCell", log: "RunLog", desk: Desk, arms: dict[str, TreeReviewConfig]) -> Grown:
    """Grow one tree, emit its rows and files, and report what was measured."""
    config, review = arms[cell.arm], Review(cell.arm, cell.seed, cell.part)
    dialogue = desk.dialogue(cell.part, config, cell.arm, cell.seed)
    teller = Teller(log, review, dialogue)
    growth = grow(dialogue.paper.title, config.limits, config.batch_nodes, dialogue, LogKeeper(log), teller.tell)
    found = grown(growth)
    for note in (*growth.notes, *dialogue.notes):
        log.note(f"{review.name}: {note}")
    comments, met = _measured(desk, review, found)
    report_review(log, review, growth, comments, dialogue.paper, desk.gold.by_paper.get(review.paper, []))
    for row in form_rows(review, found):
        log.row(row)
    # Under an arm that reads whole papers this growth is only where the questions come from.
    if config.reading == "passages":
        for outcome in outcomes(review, found, comments, met):
            log.row(outcome)
    return found


@dataclass(frozen=True)
class Teller:
    """Tells each change of a tree as rows."""

    log: "RunLog"
    review: Review
    dialogue: PaperDialogue

    def tell(self, tree: QuestionTree, nodes: Sequence[Node], step: Step | None) -> None:
        """Emit the changed nodes, and the relevance of chunks to the leaves among them."""
        for node in nodes:
            self.log.row(node_row(self.review, node))
        if step is not None and step.work == "leaf":
            frame = relevance_frame(self.review, step)
            if len(frame):
                self.log.table(ChunkRelevance, frame)
        live = [node for node in tree.nodes.values() if node.status != "dropped"]
        self.log.progress(sum(node.status == "answered" for node in live), len(live), "questions")


def node_row(review: Review, node: Node) -> QuestionNode:
    """A question as it stands."""
    copied = ("depth", "step", "question", "origin", "status", "pinned", "reasoning", "answer", "form", "prompt_tokens",
              "tokens")  # fmt: skip
    return QuestionNode(
        node=review.node(node.id), parent=None if node.parent is None else review.node(node.parent), number=node.id,
        **review.where, **{name: getattr(node, name) for name in copied},
    )  # fmt: skip


def relevance_frame(review: Review, step: Step) -> pd.DataFrame:
    """`ChunkRelevance` rows of the leaves that a step answered."""
    rows = []
    for reply in step.replies:
        order = np.argsort(-np.asarray(reply.scores), kind="stable")
        ranks = {int(chunk): rank for rank, chunk in enumerate(order, 1)}
        rows += [
            {
                "node": review.node(reply.node), **review.where, "number": reply.node, "chunk": chunk, "score": score,
                "rank": ranks[chunk], "read": chunk in reply.read,
            }
            for chunk, score in enumerate(reply.scores)
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(ChunkRelevance.model_fields))


def _measured(desk: Desk, review: Review, found: Grown) -> tuple[list[MeasuredComment], np.ndarray]:
    """The comments as measured, and which human comments they meet."""
    gold = desk.gold.by_paper.get(review.paper, [])
    vectors = desk.encoder.embed([comment.comment for comment in found.comments])
    human = desk.encoder.embed(gold)
    measures = measured(found.comments, vectors, human, desk.papers[review.paper], desk.config.alike)
    return measures, gold_met(vectors, human, desk.config.similar)


def report_review(
    log: "RunLog", review: Review, growth: Growth, comments: Sequence[MeasuredComment], paper: Paper,
    gold: Sequence[str],
) -> None:  # fmt: skip
    """Emit the review form and the comments as rows, and as files to take away."""
    for name, text in form_fields(growth.review):
        log.row(ReviewText(review=review.name, **review.where, field=name, text=text))
    for number, comment in enumerate(comments, 1):
        log.row(comment_row(review, number, comment, gold))
    stem = f"review-{review.arm}-{review.seed}-{review.paper}"[:110]
    log.artifact(f"{stem}.md").write_text(as_markdown(paper, growth.review, comments, growth.tree), "utf-8")
    log.artifact(f"{stem}.json").write_text(as_json(paper, growth.review, comments, growth.tree), "utf-8")
    log.artifact(f"{stem}.txt").write_text(as_reviewer_form(paper, growth.review, comments), "utf-8")


def comment_row(review: Review, number: int, comment: MeasuredComment, gold: Sequence[str]) -> ReviewComment:
    """A comment as a row; numbers count from 1."""
    return ReviewComment(
        review=review.name, **review.where, number=number, comment=comment.draft.comment,
        evidence=comment.draft.evidence, found=comment.paragraph is not None, paragraph=comment.paragraph,
        anchors="; ".join(comment.anchors), repeats=None if comment.repeats is None else comment.repeats + 1,
        gold="" if comment.gold is None else gold[comment.gold], gold_similarity=comment.gold_similarity,
    )  # fmt: skip


def form_rows(review: Review, found: Grown) -> list[JsonForm]:
    """How often the asked form was kept, by stage; plain answers have none."""
    rows = []
    for stage in (STAGES[work] for work in ("sub-questions", "inner", "review", "comments")):
        forms = found.forms.get(stage)
        if forms:
            counts = {name: forms.get(name, 0) for name in ("valid", *FALLBACKS)}
            asked = sum(counts.values())
            rows.append(JsonForm.model_validate({**review.where, "stage": stage, "asked": asked, **counts}))
    return rows


def outcomes(review: Review, found: Grown, comments: Sequence[MeasuredComment], met: np.ndarray) -> list[Outcome]:
    """What the claims rest on, for one review."""
    by_paper = {
        "tokens": float(found.tokens),
        "nodes": float(found.nodes),
        "distinct_comments": float(sum(comment.repeats is None for comment in comments)),
    }
    rows = [_outcome(review, metric, value, review.paper) for metric, value in by_paper.items()]
    for row in form_rows(review, found):
        rows += [
            _outcome(
                review, "fallback_rate", float(at >= row.valid), f"{review.paper}/{review.arm}/{row.stage} {at + 1}"
            )
            for at in range(row.asked)
        ]
    for number, comment in enumerate(comments, 1):
        item = f"{review.paper}/{review.arm}/{number}"
        rows.append(_outcome(review, "evidence_found", float(comment.paragraph is not None), item))
        rows.append(_outcome(review, "specificity", float(len(comment.anchors)), item))
    rows += [_outcome(review, "gold_met", float(on), f"{review.paper}/human {at + 1}") for at, on in enumerate(met)]
    return rows


def _outcome(review: Review, metric: str, value: float, item: str) -> Outcome:
    return Outcome(
        arm=review.arm, metric=metric, seed=review.seed, value=value, item=item, cluster=review.paper,
        slice=f"paper/{review.paper}",
    )  # fmt: skip

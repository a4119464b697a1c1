"""One paper under one arm: grow its tree, write rows and files of the review, and measure its comments."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from engines.parts.rows import TokenUse
from engines.treereview.comment_measures import MeasuredComment, gold_met, gold_pairs, measured
from engines.treereview.config import TreeReviewConfig
from engines.treereview.dialogue import PaperDialogue
from engines.treereview.growth import STAGES, Dialogue, Growth, finished_tree, grow, taken_orders
from engines.treereview.paper import Paper
from engines.treereview.question_tree import Batch, Limits, Node, QuestionTree
from engines.treereview.replies import FinishedTree, Orders, Reply, Step
from engines.treereview.resources import ReviewResources
from engines.treereview.review_files import as_json, as_markdown, as_reviewer_form, form_fields
from engines.treereview.rows import ChunkRelevance, JsonForm, QuestionNode, ReviewComment, ReviewText
from workbench.contract import RunCell

if TYPE_CHECKING:
    from workbench.contract import RunLog


RANK_STAGE = "Rank chunks"
MOST_BELOW = 1_000
FALLBACKS = ("repaired", "lenient", "cut", "unusable")


@dataclass(frozen=True)
class LogStepStore:
    """Keeps steps and orders in the run folder."""

    log: "RunLog"

    def orders(self, number: int) -> Orders:
        """Return what the reader asked before step `number`."""
        return cast(Orders, self.log.once(f"orders {number}", Orders, lambda: taken_orders(self.log)))

    def step(self, number: int, ask: Callable[[], Step]) -> Step:
        """Return the step `number`, asked for unless an earlier attempt kept it."""
        return cast(Step, self.log.once(f"step {number}", Step, ask))


def node_name(review: RunCell, number: str) -> str:
    """Return the name of a question of a review: arm/seed/paper/number."""
    return f"{review.key}/{number}"


def columns_of(review: RunCell) -> dict[str, Any]:
    """Return arm, seed and paper as columns."""
    return {"arm": review.arm, "seed": review.seed, "paper": review.part}


def grow_one(review: RunCell, log: "RunLog[TreeReviewConfig]", resources: ReviewResources) -> FinishedTree:
    """Grow one tree, emit its rows and files, and report what was measured."""
    config = log.arms[review.arm]
    dialogue = resources.dialogue(review.part, config, review.arm, review.seed)
    with log.phase(f"Growing the tree, {resources.place(review.part)}"):
        growth = _grown(review, log, dialogue, dialogue, config.limits, config.batch_nodes)
    # Under an arm that reads whole papers this growth is only where the questions come from.
    return report_growth(review, log, resources, dialogue, growth, reported=config.reading == "passages")


@dataclass(frozen=True)
class AskedAgain:
    """Asks the questions of a finished tree once more, and answers each that has none below it from the whole paper."""

    dialogue: PaperDialogue
    below: Mapping[str, Sequence[str]]

    def ask(self, batch: Batch, tree: QuestionTree) -> Step:
        """Return the questions as they were asked, and answers as the model gives them."""
        nodes = [tree.nodes[name] for name in batch.nodes]
        if batch.work == "sub-questions":
            replies = [Reply(node=node.id, questions=list(self.below.get(node.question, ()))) for node in nodes]
            return Step(work=batch.work, replies=replies)
        return self.dialogue.leaves_from_whole(nodes) if batch.work == "leaf" else self.dialogue.ask(batch, tree)


def answer_from_whole(
    review: RunCell, log: "RunLog[TreeReviewConfig]", resources: ReviewResources, found: FinishedTree
) -> FinishedTree:
    """Answer the questions of a finished tree from the whole paper, and write the review that comes of it."""
    config = log.arms[review.arm]
    dialogue = resources.dialogue(review.part, config, review.arm, review.seed)
    limits = Limits(config.depth, (MOST_BELOW,), follow_ups=False, most_nodes=found.nodes)
    again = AskedAgain(dialogue, found.below)
    with log.phase(f"Answering from the whole paper, {resources.place(review.part)}"):
        growth = _grown(review, log, dialogue, again, limits, config.batch_nodes)
    return report_growth(review, log, resources, dialogue, growth)


def _grown(
    review: RunCell, log: "RunLog", dialogue: PaperDialogue, asking: Dialogue, limits: Limits, most: int
) -> Growth:
    writer = RowWriter(log, review, dialogue)
    return grow(dialogue.paper.title, limits, most, asking, LogStepStore(log), writer.write)


def report_growth(
    review: RunCell, log: "RunLog[TreeReviewConfig]", resources: ReviewResources, dialogue: PaperDialogue,
    growth: Growth, reported: bool = True,
) -> FinishedTree:  # fmt: skip
    """Emit the rows, files and outcomes of a review that has been written; its tokens only where they are its own."""
    config, found = log.arms[review.arm], finished_tree(growth)
    for note in (*growth.notes, *dialogue.notes):
        log.note(f"{review.key}: {note}")
    comments, overlap = _measured(resources, review, found)
    report_review(log, review, growth, comments, dialogue.paper, resources.gold.by_paper.get(review.part, []))
    for row in form_rows(review, found):
        log.row(row)
    own = () if config.reading == "passages" else ("tokens", "tokens_all_models")
    if reported:
        for metric, values in {**outcomes(review, found, comments), **overlap}.items():
            if metric in own or not values:
                continue
            where = {"cluster": review.part, "slice": f"paper/{review.part}"}
            log.outcomes(metric, review, list(values.values()), list(values), **where)
    return found


@dataclass(frozen=True)
class RowWriter:
    """Writes each change of a tree as rows."""

    log: "RunLog"
    review: RunCell
    dialogue: PaperDialogue

    def write(self, tree: QuestionTree, nodes: Sequence[Node], step: Step | None) -> None:
        """Emit the changed nodes, and the relevance of chunks to the leaves among them."""
        for node in nodes:
            self.log.row(node_row(self.review, node))
        if step is not None and step.work == "leaf":
            frame = relevance_frame(self.review, step)
            if len(frame):
                self.log.table(ChunkRelevance, frame)
            self._rank_use(step)
        live = [node for node in tree.nodes.values() if node.status != "dropped"]
        self.log.progress(sum(node.status == "answered" for node in live), len(live), "questions")

    def _rank_use(self, step: Step) -> None:
        read = sum(reply.ranker_tokens for reply in step.replies)
        if read:
            calls = len(step.replies) * len(self.dialogue.chunks)
            self.log.row(
                TokenUse(
                    stage=RANK_STAGE, arm=self.review.arm, seed=self.review.seed, model=self.dialogue.ranking.model,
                    calls=calls, prompt_tokens=read, completion_tokens=0, computed_tokens=read, reused=0,
                    seconds=step.ranking_seconds,
                )
            )  # fmt: skip


def node_row(review: RunCell, node: Node) -> QuestionNode:
    """Return a question as it stands."""
    copied = ("depth", "step", "question", "origin", "status", "pinned", "reasoning", "answer", "form", "prompt_tokens",
              "tokens")  # fmt: skip
    return QuestionNode(
        node=node_name(review, node.id), parent=None if node.parent is None else node_name(review, node.parent),
        number=node.id,
        **columns_of(review), **{name: getattr(node, name) for name in copied},
    )  # fmt: skip


def relevance_frame(review: RunCell, step: Step) -> pd.DataFrame:
    """Return `ChunkRelevance` rows of the leaves that a step answered."""
    rows = []
    for reply in step.replies:
        order = np.argsort(-np.asarray(reply.scores), kind="stable")
        ranks = {int(chunk): rank for rank, chunk in enumerate(order, 1)}
        rows += [
            {
                "node": node_name(review, reply.node), **columns_of(review), "number": reply.node, "chunk": chunk,
                "score": score,
                "rank": ranks[chunk], "read": chunk in reply.read,
            }
            for chunk, score in enumerate(reply.scores)
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(ChunkRelevance.model_fields))


def _measured(
    resources: ReviewResources, review: RunCell, found: FinishedTree
) -> tuple[list[MeasuredComment], dict[str, dict[str, float]]]:
    """The comments as measured, and how they overlap with human ones."""
    gold = resources.gold.by_paper.get(review.part, [])
    vectors = resources.encoder.embed([comment.comment for comment in found.comments])
    human = resources.encoder.embed(gold)
    measures = measured(found.comments, vectors, human, resources.papers[review.part], resources.config.alike)
    ratings = resources.gold.ratings.get(review.part, [])
    return measures, human_overlap(review, vectors, human, resources.config.similar, found.review.rating, ratings)


def human_overlap(
    review: RunCell, vectors: np.ndarray, human: np.ndarray, similar: float, rating: int | None,
    ratings: Sequence[float],
) -> dict[str, dict[str, float]]:  # fmt: skip
    """Return how a review's comments (C, D) and human ones (G, D) overlap, and the error of its rating, by metric."""
    found: dict[str, dict[str, float]] = {}
    if len(human):
        met, own = gold_met(vectors, human, similar), gold_met(human, vectors, similar)
        pairs = gold_pairs(vectors, human, similar)
        found["gold_met"] = {f"{review.part}/human {at + 1}": float(on) for at, on in enumerate(met)}
        found["gold_precision"] = {f"{review.part}/{review.arm}/{at + 1}": float(on) for at, on in enumerate(own)}
        found["gold_jaccard"] = {review.part: pairs / (len(vectors) + len(human) - pairs)}
    if rating is not None and ratings:
        found["rating_error"] = {review.part: abs(rating - sum(ratings) / len(ratings))}
    return found


def report_review(
    log: "RunLog", review: RunCell, growth: Growth, comments: Sequence[MeasuredComment], paper: Paper,
    gold: Sequence[str],
) -> None:  # fmt: skip
    """Emit the review form and the comments as rows, and as files to take away."""
    for name, text in form_fields(growth.review):
        log.row(ReviewText(review=review.key, **columns_of(review), field=name, text=text))
    for number, comment in enumerate(comments, 1):
        log.row(comment_row(review, number, comment, gold))
    stem = f"review-{review.arm}-{review.seed}-{review.part}"[:110]
    log.artifact(f"{stem}.md").write_text(as_markdown(paper, growth.review, comments, growth.tree), "utf-8")
    log.artifact(f"{stem}.json").write_text(as_json(paper, growth.review, comments, growth.tree), "utf-8")
    log.artifact(f"{stem}.txt").write_text(as_reviewer_form(paper, growth.review, comments), "utf-8")


def comment_row(review: RunCell, number: int, comment: MeasuredComment, gold: Sequence[str]) -> ReviewComment:
    """Return a comment as a row; numbers count from 1."""
    return ReviewComment(
        review=review.key, **columns_of(review), number=number, comment=comment.draft.comment,
        evidence=comment.draft.evidence, found=comment.paragraph is not None, paragraph=comment.paragraph,
        anchors="; ".join(comment.anchors), repeats=None if comment.repeats is None else comment.repeats + 1,
        gold="" if comment.gold is None else gold[comment.gold], gold_similarity=comment.gold_similarity,
    )  # fmt: skip


def form_rows(review: RunCell, found: FinishedTree) -> list[JsonForm]:
    """Return how often the asked form was kept, by stage; plain answers have none."""
    rows = []
    for stage in (STAGES[work] for work in ("sub-questions", "inner", "review", "comments")):
        forms = found.forms.get(stage)
        if forms:
            counts = {name: forms.get(name, 0) for name in ("valid", *FALLBACKS)}
            asked = sum(counts.values())
            rows.append(JsonForm.model_validate({**columns_of(review), "stage": stage, "asked": asked, **counts}))
    return rows


def outcomes(review: RunCell, found: FinishedTree, comments: Sequence[MeasuredComment]) -> dict[str, dict[str, float]]:
    """Return what the claims rest on, for one review: by metric, the value of each item."""
    own = f"{review.part}/{review.arm}"
    forms = {f"{own}/{row.stage} {at + 1}": float(at >= row.valid) for row in form_rows(review, found)
             for at in range(row.asked)}  # fmt: skip
    named = {f"{own}/{number}": comment for number, comment in enumerate(comments, 1)}
    return {
        "tokens": {review.part: float(found.tokens)},
        "tokens_all_models": {review.part: float(found.tokens + found.ranker_tokens)},
        "nodes": {review.part: float(found.nodes)},
        "distinct_comments": {review.part: float(sum(comment.repeats is None for comment in comments))},
        "fallback_rate": forms,
        "answered": {f"{own}/{node}": float(on) for node, on in found.answered.items()},
        "evidence_found": {item: float(comment.paragraph is not None) for item, comment in named.items()},
        "specificity": {item: float(len(comment.anchors)) for item, comment in named.items()},
    }

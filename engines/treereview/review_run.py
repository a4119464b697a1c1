"""One paper under one arm: grow its tree, write rows and files of the review, and measure its comments."""

import json
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from engines.treereview.comment_measures import MeasuredComment, gold_met, measured
from engines.treereview.config import TreeReviewConfig
from engines.treereview.dialogue import PaperDialogue
from engines.treereview.growth import STAGES, Growth, finished_tree, grow, taken_orders
from engines.treereview.paper import Paper
from engines.treereview.prompts import SCORES, as_lines
from engines.treereview.question_tree import ROOT, Node, QuestionTree
from engines.treereview.replies import FinishedTree, Orders, ReviewDraft, Step
from engines.treereview.resources import ReviewResources
from engines.treereview.rows import ChunkRelevance, JsonForm, QuestionNode, ReviewComment, ReviewText
from workbench.contract import RunCell

if TYPE_CHECKING:
    from workbench.contract import RunLog


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
    writer = RowWriter(log, review, dialogue)
    growth = grow(dialogue.paper.title, config.limits, config.batch_nodes, dialogue, LogStepStore(log), writer.write)
    found = finished_tree(growth)
    for note in (*growth.notes, *dialogue.notes):
        log.note(f"{review.key}: {note}")
    comments, met = _measured(resources, review, found)
    report_review(log, review, growth, comments, dialogue.paper, resources.gold.by_paper.get(review.part, []))
    for row in form_rows(review, found):
        log.row(row)
    # Under an arm that reads whole papers this growth is only where the questions come from.
    if config.reading == "passages":
        for metric, values in outcomes(review, found, comments, met).items():
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
        live = [node for node in tree.nodes.values() if node.status != "dropped"]
        self.log.progress(sum(node.status == "answered" for node in live), len(live), "questions")


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
) -> tuple[list[MeasuredComment], np.ndarray]:
    """The comments as measured, and which human comments they meet."""
    gold = resources.gold.by_paper.get(review.part, [])
    vectors = resources.encoder.embed([comment.comment for comment in found.comments])
    human = resources.encoder.embed(gold)
    measures = measured(found.comments, vectors, human, resources.papers[review.part], resources.config.alike)
    return measures, gold_met(vectors, human, resources.config.similar)


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


def outcomes(
    review: RunCell, found: FinishedTree, comments: Sequence[MeasuredComment], met: np.ndarray
) -> dict[str, dict[str, float]]:
    """Return what the claims rest on, for one review: by metric, the value of each item."""
    own = f"{review.part}/{review.arm}"
    forms = {f"{own}/{row.stage} {at + 1}": float(at >= row.valid) for row in form_rows(review, found)
             for at in range(row.asked)}  # fmt: skip
    named = {f"{own}/{number}": comment for number, comment in enumerate(comments, 1)}
    return {
        "tokens": {review.part: float(found.tokens)},
        "nodes": {review.part: float(found.nodes)},
        "distinct_comments": {review.part: float(sum(comment.repeats is None for comment in comments))},
        "fallback_rate": forms,
        "answered": {f"{own}/{node}": float(on) for node, on in found.answered.items()},
        "evidence_found": {item: float(comment.paragraph is not None) for item, comment in named.items()},
        "specificity": {item: float(len(comment.anchors)) for item, comment in named.items()},
        "gold_met": {f"{review.part}/human {at + 1}": float(on) for at, on in enumerate(met)},
    }


OUT_OF = {"soundness": 4, "presentation": 4, "contribution": 4, "rating": 10, "confidence": 5}
LISTS = ("strengths", "weaknesses", "questions")


def form_fields(review: ReviewDraft) -> list[tuple[str, str]]:
    """Return the fields of a review form with their texts, in the form's order."""
    found = [("Summary", review.summary)]
    found += [(name.capitalize(), as_lines(getattr(review, name))) for name in LISTS]
    found += [(name.capitalize(), _score(review, name)) for name in SCORES]
    return found


def _score(review: ReviewDraft, name: str) -> str:
    score = getattr(review, name)
    return "not given" if score is None else f"{score} of {OUT_OF[name]}"


def as_markdown(paper: Paper, review: ReviewDraft, comments: Sequence[MeasuredComment], tree: QuestionTree) -> str:
    """Write review, comments with their evidence, and the questions behind them."""
    parts = [f"# Review of {paper.title}"]
    parts += [f"## {name}\n\n{text or 'Nothing was written.'}" for name, text in form_fields(review)]
    listed = "\n\n".join(_comment(number, comment) for number, comment in enumerate(comments, 1))
    parts.append(f"## Comments\n\n{listed or 'None were written.'}")
    parts.append("## Questions and answers\n\n" + "\n".join(_outline(tree, ROOT)))
    return "\n\n".join(parts) + "\n"


def _comment(number: int, comment: MeasuredComment) -> str:
    lines = [f"{number}. {comment.draft.comment}"]
    if comment.draft.evidence:
        where = "" if comment.paragraph is not None else " (not found in the paper)"
        lines.append(f"   > {comment.draft.evidence}{where}")
    return "\n\n".join(lines)


def _outline(tree: QuestionTree, node: str) -> list[str]:
    lines = []
    for child in (tree.nodes[name] for name in tree.nodes[node].children):
        if child.status != "dropped":
            indent = "  " * (child.depth - 1)
            lines.append(f"{indent}- **{child.id} {child.question}** {' '.join(child.answer.split())}")
            lines += _outline(tree, child.id)
    return lines


def as_reviewer_form(paper: Paper, review: ReviewDraft, comments: Sequence[MeasuredComment]) -> str:
    """Write plain text of 78 columns, as a reviewer pastes it into a form."""
    parts = [f"TITLE\n{textwrap.fill(paper.title, 78)}"]
    parts += [f"{name.upper()}\n{_wrapped(text)}" for name, text in form_fields(review)]
    said = "\n\n".join(_wrapped(f"{at}. {comment.draft.comment}") for at, comment in enumerate(comments, 1))
    return "\n\n".join([*parts, f"DETAILED COMMENTS\n{said}"]) + "\n"


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.fill(line, 78, subsequent_indent="  ") for line in text.splitlines())


def as_json(paper: Paper, review: ReviewDraft, comments: Sequence[MeasuredComment], tree: QuestionTree) -> str:
    """Write everything of one review: the form, the comments with their measures, and the whole tree."""
    body: dict[str, Any] = {
        "paper": {"name": paper.name, "title": paper.title},
        "review": review.model_dump(),
        "comments": [
            {
                **comment.draft.model_dump(),
                "evidence_paragraph": comment.paragraph,
                "anchors": list(comment.anchors),
                "repeats": comment.repeats,
            }
            for comment in comments
        ],
        "tree": [_node(node) for node in tree.below(ROOT)],
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _node(node: Node) -> dict[str, Any]:
    shown = ("id", "parent", "depth", "question", "origin", "status", "pinned", "reasoning", "answer", "form")
    return {
        **{name: getattr(node, name) for name in shown},
        "chunks": list(node.chunks),
        "scores": list(node.scores),
        "tokens": {"read": node.prompt_tokens, "written": node.tokens},
    }

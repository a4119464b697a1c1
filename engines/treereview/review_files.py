"""A review as files to take away: Markdown, the plain text of a reviewer's form, and JSON with the whole tree."""

import json
import textwrap
from collections.abc import Sequence
from typing import Any

from engines.treereview.comment_measures import MeasuredComment
from engines.treereview.paper import Paper
from engines.treereview.prompts import SCORES, as_lines
from engines.treereview.question_tree import ROOT, Node, QuestionTree
from engines.treereview.replies import ReviewDraft

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

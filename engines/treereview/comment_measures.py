"""What can be measured of comments without trusting a judge: distinct, backed by evidence, specific, met by humans."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.treereview.drafts import CommentDraft
from engines.treereview.evidence import Words, anchors, find_quotation, words_of
from engines.treereview.paper import Paper


@dataclass(frozen=True)
class MeasuredComment:
    """A comment with what was measured of it.

    Attributes:
        paragraph: where its evidence stands in the paper, None where it does not.
        anchors: what in it can be looked up in the paper.
        repeats: place of the earlier comment that it repeats.
        gold: place of the human comment nearest to it, and the cosine; None without human comments.
    """

    draft: CommentDraft
    paragraph: int | None
    anchors: tuple[str, ...]
    repeats: int | None
    gold: int | None
    gold_similarity: float


def measured(
    comments: Sequence[CommentDraft], vectors: np.ndarray, gold: np.ndarray, paper: Paper, alike: float
) -> list[MeasuredComment]:
    """Measure each comment.

    Args:
        comments: in their order.
        vectors: unit vectors of their texts, shape (C, D).
        gold: unit vectors of the human comments, shape (G, D); G may be 0.
        paper: what the comments are about.
        alike: cosine from which a comment repeats an earlier one.
    """
    paragraphs = [words_of(paragraph.text) for paragraph in paper.paragraphs]
    abstract = words_of(paper.abstract)
    headings = [section.heading for section in paper.sections]
    text = f"{paper.title}\n{paper.abstract}\n{paper.text}"
    repeated = repeats(vectors, alike)
    near = gold @ vectors.T if len(gold) and len(vectors) else np.zeros((0, len(comments)))
    return [
        MeasuredComment(
            draft=comment,
            paragraph=evidence_at(comment.evidence, paragraphs, abstract),
            anchors=tuple(anchors(comment.comment, text, headings)),
            repeats=repeated[at],
            gold=int(near[:, at].argmax()) if len(near) else None,
            gold_similarity=float(near[:, at].max()) if len(near) else 0.0,
        )
        for at, comment in enumerate(comments)
    ]


def evidence_at(evidence: str, paragraphs: Sequence[Words], abstract: Words) -> int | None:
    """Number of the paragraph that holds a quotation word for word; -1 for the abstract; None where none does."""
    if not evidence.strip():
        return None
    found = next((at for at, words in enumerate(paragraphs) if find_quotation(evidence, words)), None)
    return -1 if found is None and find_quotation(evidence, abstract) else found


def repeats(vectors: np.ndarray, alike: float) -> list[int | None]:
    """For each of C unit vectors (C, D), the first earlier distinct one at a cosine of at least `alike`, or None."""
    distinct: list[int] = []
    found: list[int | None] = []
    for at, vector in enumerate(vectors):
        same = next((other for other in distinct if float(vectors[other] @ vector) >= alike), None)
        found.append(same)
        if same is None:
            distinct.append(at)
    return found


def gold_met(vectors: np.ndarray, gold: np.ndarray, similar: float) -> np.ndarray:
    """For each of G human comments whether some comment says the same, shape (G,), bool.

    Args:
        vectors: unit vectors of the comments, (C, D).
        gold: unit vectors of the human comments, (G, D).
        similar: cosine from which two comments say the same.
    """
    if not len(vectors) or not len(gold):
        return np.zeros(len(gold), dtype=bool)
    return (gold @ vectors.T).max(axis=1) >= similar

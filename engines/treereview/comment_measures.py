"""What is measured of comments without a judge: distinct, backed by evidence, specific, met by human comments."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np

from engines.parts.datasets import path_of, read_records
from engines.parts.files import Words, decoded, find_quotation, words_of
from engines.parts.records import AlsoNamed, Record
from engines.treereview.paper import GOLD, Paper
from engines.treereview.replies import CommentDraft
from workbench.contract import DataError

NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*\s?%?")
NAMED = re.compile(
    r"\b(?:[Tt]able|[Ff]igure|[Ff]ig\.|[Ee]quation|[Ss]ection|[Aa]ppendix|[Aa]lgorithm)\s+[A-Z0-9][\w.]*"
)
TERM = re.compile(r"\b(?:[^\W\d_]+-)*[^\W_]*[A-Z0-9][^\W_]*[A-Z0-9][^\W_]*(?:-[^\W_]+)*\b")


def anchors(comment: str, paper: str, headings: Sequence[str]) -> list[str]:
    """Return what in a comment can be looked up in this paper: numbers, tables, sections, names, headings.

    Only what the paper itself holds counts, so that invented numbers make no comment specific.
    """
    found = [match[0].strip() for pattern in (NAMED, NUMBER, TERM) for match in pattern.finditer(comment)]
    folded = comment.casefold()
    # A heading of one common word ("Results") says nothing about this paper.
    found += [heading for heading in headings if len(heading.split()) > 1 and heading.casefold() in folded]
    there = paper.casefold()
    return [term for term in dict.fromkeys(found) if _holds(there, term.casefold())]


def _holds(text: str, term: str) -> bool:
    return re.search(rf"(?<![^\W_]){re.escape(term)}(?![^\W_])", text) is not None


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
    headings = [section.heading for section in paper.sections]
    text = f"{paper.title}\n{paper.text}"
    repeated = repeats(vectors, alike)
    near = gold @ vectors.T if len(gold) and len(vectors) else np.zeros((0, len(comments)))
    return [
        MeasuredComment(
            draft=comment,
            paragraph=evidence_at(comment.evidence, paragraphs),
            anchors=tuple(anchors(comment.comment, text, headings)),
            repeats=repeated[at],
            gold=int(near[:, at].argmax()) if len(near) else None,
            gold_similarity=float(near[:, at].max()) if len(near) else 0.0,
        )
        for at, comment in enumerate(comments)
    ]


def evidence_at(evidence: str, paragraphs: Sequence[Words]) -> int | None:
    """Return the number of the paragraph that holds a quotation word for word, None for none."""
    if not evidence.strip():
        return None
    return next((at for at, words in enumerate(paragraphs) if find_quotation(evidence, words)), None)


def repeats(vectors: np.ndarray, alike: float) -> list[int | None]:
    """Return for each of C unit vectors (C, D) the first earlier distinct one at a cosine of `alike` or more."""
    distinct: list[int] = []
    found: list[int | None] = []
    for at, vector in enumerate(vectors):
        same = next((other for other in distinct if float(vectors[other] @ vector) >= alike), None)
        found.append(same)
        if same is None:
            distinct.append(at)
    return found


def gold_met(vectors: np.ndarray, gold: np.ndarray, similar: float) -> np.ndarray:
    """Return for each of G human comments whether some comment says the same, shape (G,), bool.

    Args:
        vectors: unit vectors of the comments, (C, D).
        gold: unit vectors of the human comments, (G, D).
        similar: cosine from which two comments say the same.
    """
    if not len(vectors) or not len(gold):
        return np.zeros(len(gold), dtype=bool)
    return (gold @ vectors.T).max(axis=1) >= similar


def gold_pairs(vectors: np.ndarray, gold: np.ndarray, similar: float) -> int:
    """Return how many comments and human comments say the same when each is paired once at most.

    Args:
        vectors: unit vectors of the comments, (C, D).
        gold: unit vectors of the human comments, (G, D).
        similar: cosine from which two comments say the same.
    """
    from scipy.optimize import linear_sum_assignment

    if not len(vectors) or not len(gold):
        return 0
    alike = (gold @ vectors.T) >= similar
    return int(alike[linear_sum_assignment(alike, maximize=True)].sum())


class GoldComment(Record):
    """One comment of a human reviewer."""

    comment: Annotated[str, AlsoNamed("text", "feedback", "weakness", "gold")]
    """What it says."""
    paper: Annotated[str, AlsoNamed("paper_id", "document", "title")] = ""
    """The paper it is about, by the name of its file; may be empty where a run has one paper."""
    reviewer: Annotated[str, AlsoNamed("reviewer_id", "review")] = ""
    """Who wrote it: with two reviewers of a paper, how often they agree is measured too."""
    rating: float | None = None
    """The rating that this reviewer gave the paper, where known."""


@dataclass(frozen=True)
class GoldComments:
    """Human comments by paper, and how many are about none of the run's papers.

    Attributes:
        by_reviewer: the comments of each named reviewer, by paper.
        ratings: of the reviewers, by paper.
    """

    by_paper: Mapping[str, Sequence[str]]
    others: int = 0
    by_reviewer: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    ratings: Mapping[str, Sequence[float]] = field(default_factory=dict)


def gold_comments(ref: str, papers: Sequence[str], alone: bool) -> GoldComments:
    """Read human comments by paper; a comment that names no paper belongs to the only one.

    Args:
        ref: where they are; "" for none.
        papers: names of the run's papers.
        alone: only one paper was named, however many of those named are reviewed.

    Raises:
        DataError: they cannot be read, or none is about these papers.
    """
    if not ref:
        return GoldComments({})
    found = (
        _shipped_comments(ref)
        if ref in GOLD
        else _reviews_json(ref, papers) or list(read_records(ref, GoldComment).rows)
    )
    only = papers[0] if alone else None
    told: dict[str, list[GoldComment]] = {}
    for comment in found:
        paper = comment.paper if comment.paper in papers else only if not comment.paper else None
        if paper:
            told.setdefault(paper, []).append(comment)
    # A run of the shipped settings on another paper keeps their comments, which say nothing about it.
    if not told and ref not in GOLD:
        raise DataError(
            f"None of the {len(found)} comments in {ref} names one of the papers: {', '.join(papers[:10])}.",
            "Add a column paper with the name of the paper's file, without its ending.",
            field="paper",
        )
    return _by_paper(told, others=len(found) - sum(map(len, told.values())))


def _by_paper(told: Mapping[str, Sequence[GoldComment]], others: int) -> GoldComments:
    """Comments merged for a paper stand for it; those of single reviewers then show how often reviewers agree."""
    merged = {
        paper: [each.comment for each in comments if each.comment and not each.reviewer]
        or [each.comment for each in comments if each.comment]
        for paper, comments in told.items()
    }
    ratings = {
        paper: list({each.reviewer: each.rating for each in comments if each.rating is not None}.values())
        for paper, comments in told.items()
    }
    return GoldComments(merged, others, {paper: _of_reviewers(each) for paper, each in told.items()}, ratings)


def _shipped_comments(ref: str) -> list[GoldComment]:
    lines = GOLD[ref].read_text("utf-8").splitlines()
    return [GoldComment(comment=line, paper="subspace_report") for line in lines if line.strip()]


def _of_reviewers(comments: Sequence[GoldComment]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in comments:
        if each.reviewer and each.comment:
            found.setdefault(each.reviewer, []).append(each.comment)
    return found


def _reviews_json(ref: str, papers: Sequence[str]) -> list[GoldComment]:
    """The comments of one JSON object: paper or paper_reviewer -> comments, {major, minor}, or reviews; else none."""
    path = path_of(ref)
    if path.suffix.lower() != ".json":
        return []
    try:
        body = json.loads(decoded(path))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path.name} is no JSON: {str(error)[:200]}.", "Save it again as JSON.") from error
    found: list[GoldComment] = []
    for key, value in body.items() if isinstance(body, dict) else ():
        paper, reviewer = next(((name, key[len(name) + 1 :]) for name in papers
                                if key == name or key.startswith(f"{name}_")), (str(key), ""))  # fmt: skip
        several = isinstance(value, list) and all(isinstance(each, dict) for each in value)
        for number, each in enumerate(value if several else [value], 1):
            found += _review(each, paper, reviewer or (f"{number}" if several else ""))
    return found


def _review(value: Any, paper: str, reviewer: str) -> list[GoldComment]:
    """The comments of one review, and its rating ("6: marginally above" is 6)."""
    fields = value if isinstance(value, dict) else {"comments": value}
    number = re.match(r"\s*(\d+(?:\.\d+)?)", str(fields.get("rating", "")))
    rating = float(number[1]) if number else None
    said: list[str] = []
    for name in ("major", "minor", "comments", "comment", "weaknesses"):
        listed = fields.get(name) or []
        said += [
            each for each in ([listed] if isinstance(listed, str) else listed) if isinstance(each, str) and each.strip()
        ]
    said = said or ([""] if rating is not None else [])
    return [GoldComment(comment=each, paper=paper, reviewer=reviewer, rating=rating) for each in said]

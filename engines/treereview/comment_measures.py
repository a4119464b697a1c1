"""What is measured of comments without a judge: distinct, backed by evidence, specific, met by human comments.

Words are compared as a reader does: letters and digits alone, in any case, across line ends, hyphens and typographic
quotation marks. A quotation with an ellipsis is found when each of its parts is.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from engines.parts.datasets import read_records
from engines.parts.records import AlsoNamed, Record
from engines.treereview.paper import GOLD, Paper
from engines.treereview.replies import CommentDraft
from workbench.contract import DataError

WORD = re.compile(r"[^\W_]+")
ELLIPSIS = re.compile(r"\s*(?:\[?\.{3,}\]?|\[?…\]?)\s*")
LEAST_QUOTED = 4
"""Words: a shorter quotation is found almost anywhere."""
LEAST_SHARED = 6
"""Words that an answer must share with a passage in one run to count as taken from it."""
LEAST_ECHO, MOST_ECHO = 5, 0.8
"""Words in a row that count as repeated, and the share of a text from which it is what the model was told."""
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*\s?%?")
NAMED = re.compile(
    r"\b(?:[Tt]able|[Ff]igure|[Ff]ig\.|[Ee]quation|[Ss]ection|[Aa]ppendix|[Aa]lgorithm)\s+[A-Z0-9][\w.]*"
)
TERM = re.compile(r"\b(?:[^\W\d_]+-)*[^\W_]*[A-Z0-9][^\W_]*[A-Z0-9][^\W_]*(?:-[^\W_]+)*\b")


@dataclass(frozen=True)
class Words:
    """A text as words for comparison, each with its place in the text: (start, end)."""

    words: tuple[str, ...]
    places: tuple[tuple[int, int], ...]


def words_of(text: str) -> Words:
    """Return words for comparison; CJK and other letters without spaces count one by one."""
    words: list[str] = []
    places: list[tuple[int, int]] = []
    for found in WORD.finditer(text):
        for start, end in _pieces(found[0], found.start()):
            words.append(unicodedata.normalize("NFKC", text[start:end]).casefold())
            places.append((start, end))
    return Words(tuple(words), tuple(places))


def _pieces(word: str, at: int) -> Iterator[tuple[int, int]]:
    if any(ord(letter) >= 0x2E80 for letter in word):
        yield from ((at + place, at + place + 1) for place in range(len(word)))
    else:
        yield at, at + len(word)


def find_quotation(quotation: str, text: Words) -> list[tuple[int, int]]:
    """Return places of a quotation in a text, one for each part between ellipses; none where a part is not there."""
    places = []
    for part in ELLIPSIS.split(quotation.strip()):
        words = words_of(part).words
        if not words:
            continue
        at = _find(words, text.words)
        if at < 0:
            return []
        places.append((text.places[at][0], text.places[at + len(words) - 1][1]))
    quoted = sum(len(words_of(part).words) for part in ELLIPSIS.split(quotation))
    return places if quoted >= LEAST_QUOTED else []


def _find(words: Sequence[str], within: Sequence[str]) -> int:
    first, length = words[0], len(words)
    at = -1
    while True:
        try:
            at = within.index(first, at + 1)
        except ValueError:
            return -1
        if within[at : at + length] == tuple(words):
            return at


def shared_runs(answer: str, passage: Words, least: int = LEAST_SHARED) -> list[tuple[int, int]]:
    """Return places of a passage whose words an answer repeats, in runs of at least `least`; no two overlap."""
    said = words_of(answer).words
    grams: dict[tuple[str, ...], list[int]] = {}
    for at in range(len(said) - least + 1):
        grams.setdefault(said[at : at + least], []).append(at)
    runs: list[tuple[int, int]] = []
    at = 0
    while at <= len(passage.words) - least:
        starts = grams.get(passage.words[at : at + least], ())
        length = max((_common(said, start, passage.words, at) for start in starts), default=0)
        if length:
            runs.append((passage.places[at][0], passage.places[at + length - 1][1]))
        at += max(1, length)
    return runs


def _common(first: Sequence[str], a: int, second: Sequence[str], b: int) -> int:
    length = 0
    while a + length < len(first) and b + length < len(second) and first[a + length] == second[b + length]:
        length += 1
    return length


def echoes(text: str, said: str) -> bool:
    """Return whether most of a text stands word for word in what the model was told, in runs of five words or more."""
    words = words_of(text)
    runs = shared_runs(said, words, LEAST_ECHO)
    copied = sum(start < end for start, end in words.places for a, b in runs if a <= start < b)
    return copied >= MOST_ECHO * len(words.words) > 0


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


def marked(text: str, places: Sequence[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    """Yield a text in pieces, each with whether it lies in one of the places (which may overlap)."""
    at = 0
    for start, end in _merged(places):
        if start > at:
            yield text[at:start], False
        yield text[start:end], True
        at = end
    if at < len(text):
        yield text[at:], False


def _merged(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


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


class GoldComment(Record):
    """One comment of a human reviewer."""

    comment: Annotated[str, AlsoNamed("text", "feedback", "weakness", "gold")]
    """What it says."""
    paper: Annotated[str, AlsoNamed("paper_id", "document", "title")] = ""
    """The paper it is about, by the name of its file; may be empty where a run has one paper."""


@dataclass(frozen=True)
class GoldComments:
    """Human comments by paper, and how many are about none of the run's papers."""

    by_paper: Mapping[str, Sequence[str]]
    others: int = 0


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
    if ref in GOLD:
        lines = GOLD[ref].read_text("utf-8").splitlines()
        found = [GoldComment(comment=line, paper="subspace_report") for line in lines if line.strip()]
    else:
        found = list(read_records(ref, GoldComment).rows)
    only = papers[0] if alone else None
    by_paper: dict[str, list[str]] = {}
    for comment in found:
        paper = comment.paper if comment.paper in papers else only if not comment.paper else None
        if paper:
            by_paper.setdefault(paper, []).append(comment.comment)
    # A run of the shipped settings on another paper keeps their comments, which say nothing about it.
    if not by_paper and ref not in GOLD:
        raise DataError(
            f"None of the {len(found)} comments in {ref} names one of the papers: {', '.join(papers[:10])}.",
            "Add a column paper with the name of the paper's file, without its ending.",
            field="paper",
        )
    return GoldComments(by_paper, len(found) - sum(map(len, by_paper.values())))

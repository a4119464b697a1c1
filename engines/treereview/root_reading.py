"""What the root reads of the paper: all of it where that fits, else a digest of every section."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engines.treereview.chunks import CountTokens
from engines.treereview.paper import Paper

SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])")
HEADING_TOKENS = 12
LEAST_OPENING = 8
"""Tokens: a section with a smaller share keeps its heading alone."""


@dataclass(frozen=True)
class RootReading:
    """The paper as the root sees it.

    Attributes:
        whole: nothing was left out.
        tokens: of the whole paper.
    """

    text: str
    whole: bool
    tokens: int


def root_reading(paper: Paper, count: CountTokens, room: int) -> RootReading:
    """The paper in at most about `room` tokens: its text, or a digest that takes the opening of every section.

    In a digest each section gets its share of the room by its length; one whose share is too small keeps its heading.
    Nothing is written anew: every sentence is the paper's own, the last one of a section may be cut short.
    """
    text = paper.text
    tokens = count([text])[0]
    if tokens <= room:
        return RootReading(text, True, tokens)
    sections = _sections(paper)
    lengths = count([" ".join(paragraphs) for _, paragraphs in sections])
    abstract = _opening([paper.abstract], count, room // 5)
    left = max(0, room - count([abstract])[0] - HEADING_TOKENS * len(sections))
    parts = [f"Abstract: {abstract}"]
    for (heading, paragraphs), length in zip(sections, lengths, strict=True):
        share = left * length // max(1, sum(lengths))
        opening = _opening(paragraphs, count, share) if share >= LEAST_OPENING else ""
        parts.append(f"## {heading}\n{opening}".strip())
    return RootReading(_fitting(parts, count, room), False, tokens)


def _sections(paper: Paper) -> list[tuple[str, list[str]]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for paragraph in paper.paragraphs:
        found.setdefault(paragraph.path, []).append(paragraph.text)
    return [(" > ".join(path) or "Opening", paragraphs) for path, paragraphs in found.items()]


def _opening(paragraphs: Sequence[str], count: CountTokens, room: int) -> str:
    """The first sentence of every paragraph, then the second, as far as the room goes, in the paper's order."""
    split = [[part for part in SENTENCE.split(text) if part.strip()] for text in paragraphs]
    order = sorted((nth, at) for at, sentences in enumerate(split) for nth in range(len(sentences)))
    taken: set[tuple[int, int]] = set()
    filled = 0
    lengths = count([split[at][nth] for nth, at in order]) if order else []
    if lengths and lengths[0] > room:
        return _begun(split[order[0][1]][0], lengths[0], room)
    for (nth, at), length in zip(order, lengths, strict=True):
        if filled + length > room:
            break
        taken.add((at, nth))
        filled += length
    kept = [" ".join(split[at][nth] for nth in range(len(split[at])) if (at, nth) in taken) for at in range(len(split))]
    return " ".join(part for part in kept if part)


def _begun(sentence: str, length: int, room: int) -> str:
    words = sentence.split(" ")
    kept = max(1, len(words) * room // length - 1)
    return " ".join(words[:kept]) + " ..." if len(words) > 1 else sentence[: max(1, len(sentence) * room // length)]


def _fitting(parts: Sequence[str], count: CountTokens, room: int) -> str:
    """As many parts as fit, from the beginning; at least one, cut where it alone is too long."""
    lengths = count(list(parts))
    kept: list[str] = []
    filled = 0
    for part, length in zip(parts, lengths, strict=True):
        if filled + length + 2 > room:
            break
        kept.append(part)
        filled += length + 2
    if kept:
        return "\n\n".join(kept)
    letters = max(1, len(parts[0]) * room // max(1, lengths[0]))
    return parts[0][:letters]

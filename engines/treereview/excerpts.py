"""Excerpts of a paper: its chunks and what ranks them, sentences held out of them, and the digest the root reads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from engines.parts.files import ABSTRACT, SENTENCE
from engines.treereview.paper import Paper, Paragraph

JOIN_TOKENS = 2
"""What the blank line between two paragraphs costs, as in the released code."""

CountTokens = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True)
class Chunk:
    """A passage that questions are ranked against and answered from.

    Attributes:
        number: from 0.
        paragraphs: numbers of its paragraphs in the paper.
        text: each paragraph under its section path and its number inside the section.
        tokens: of the text.
    """

    number: int
    paragraphs: tuple[int, ...]
    text: str
    tokens: int


def labelled(paragraph: Paragraph) -> str:
    """Return a paragraph as chunks and prompts show it."""
    return f"[{paragraph.where}]\n{paragraph.text}"


def pack(paper: Paper, count: CountTokens, most: int) -> list[Chunk]:
    """Pack a paper's paragraphs into chunks of at most `most` tokens, greedily and in order, without overlap.

    A paragraph stays whole even where it alone is longer than a chunk.
    """
    texts = [labelled(paragraph) for paragraph in paper.paragraphs]
    groups = pack_lengths(count(texts), most)
    joined = ["\n\n".join(texts[at] for at in group) for group in groups]
    return [
        Chunk(number, tuple(paper.paragraphs[at].number for at in group), text, tokens)
        for number, (group, text, tokens) in enumerate(zip(groups, joined, count(joined), strict=True))
    ]


def pack_lengths(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Return places of `lengths` in groups whose sums, with `JOIN_TOKENS` between neighbours, stay within `most`."""
    groups: list[list[int]] = []
    filled = 0
    for at, length in enumerate(lengths):
        if groups and filled + JOIN_TOKENS + length <= most:
            groups[-1].append(at)
            filled += JOIN_TOKENS + length
        else:
            groups.append([at])
            filled = length
    return groups


FEWEST_WORDS = 8
FEWEST_LEFT = 12
"""Words that must stay in the paragraph."""


@dataclass(frozen=True)
class HeldOut:
    """A sentence looked for, the paragraph it came from, and the chunks that hold text of its section."""

    paragraph: int
    sentence: str
    section: str
    chunks: frozenset[int]


def hold_out(paper: Paper, chunks: Sequence[Chunk], most: int) -> tuple[list[HeldOut], list[str]]:
    """Take at most `most` sentences out of different paragraphs; return them and the chunks' texts without them."""
    draw = np.random.default_rng([0, len(paper.paragraphs)])
    taken: dict[int, str] = {}
    for number in draw.permutation(len(paper.paragraphs)):
        if len(taken) >= most:
            break
        sentence = _one_of(paper.paragraphs[number].text, draw)
        if sentence:
            taken[int(number)] = sentence
    homes = _chunks_by_section(paper, chunks)
    held = [
        HeldOut(at, sentence, " > ".join(paper.paragraphs[at].path), homes[paper.paragraphs[at].path])
        for at, sentence in sorted(taken.items())
    ]
    return held, [_without(paper, chunk, taken) for chunk in chunks]


def _one_of(text: str, draw: np.random.Generator) -> str:
    sentences = [part.strip() for part in SENTENCE.split(text)]
    usable = [
        part
        for part in sentences
        if _long_enough(part, FEWEST_WORDS) and _long_enough(text.replace(part, "", 1), FEWEST_LEFT)
    ]
    return usable[int(draw.integers(len(usable)))] if usable else ""


def _long_enough(text: str, words: int) -> bool:
    return len(text.split()) >= words or sum(ord(letter) >= 0x2E80 for letter in text) >= 2 * words


def _chunks_by_section(paper: Paper, chunks: Sequence[Chunk]) -> dict[tuple[str, ...], frozenset[int]]:
    found: dict[tuple[str, ...], set[int]] = {}
    for chunk in chunks:
        for at in chunk.paragraphs:
            found.setdefault(paper.paragraphs[at].path, set()).add(chunk.number)
    return {path: frozenset(numbers) for path, numbers in found.items()}


def _without(paper: Paper, chunk: Chunk, taken: dict[int, str]) -> str:
    """A chunk's text without the sentences; section paths are left out too, as they may give the section away."""
    return "\n\n".join(paper.paragraphs[at].text.replace(taken.get(at, "\0"), "", 1) for at in chunk.paragraphs)


def chance_of_hit(chunks: int, relevant: int, k: int) -> float:
    """Return the probability that k of `chunks` drawn without replacement hold at least one of `relevant`."""
    k = min(k, chunks)
    return 1.0 - comb(chunks - relevant, k) / comb(chunks, k)


def shown(paper: Paper, held: HeldOut) -> str:
    """Return the paragraph a sentence came from, as chunks show it."""
    return labelled(paper.paragraphs[held.paragraph])


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
    """Return the paper in at most about `room` tokens: its text, or a digest of the openings of its sections.

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
        if paragraph.path != (ABSTRACT,):
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

"""Chunks: whole paragraphs packed in order until a chunk is full, each under its section's path."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    """A paragraph as chunks and prompts show it."""
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
    """Places of `lengths` in groups whose sums, with `JOIN_TOKENS` between neighbours, stay within `most`."""
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


def sections_of(chunk: Chunk, paper: Paper) -> tuple[str, ...]:
    """Section paths that a chunk has paragraphs of, in order."""
    return tuple(dict.fromkeys(" > ".join(paper.paragraphs[at].path) for at in chunk.paragraphs))

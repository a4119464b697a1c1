"""Documents as blocks: headings with their level, and paragraphs; with what of a file they leave out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

NUMBERED = re.compile(
    r"^(?P<number>(?:\d{1,2}(?:\.\d{1,2}){0,3}|[IVX]{1,4}|[A-H](?:\.\d{1,2}){0,2}))(?P<dot>[.:)]?)\s+"
    r"(?P<name>[^\W\d_].{1,90})$"
)


@dataclass(frozen=True)
class Block:
    """A heading (`level` from 1) or a paragraph (`level` 0).

    Attributes:
        title: the heading is the document's title.
        abstract: the paragraph is the abstract, as the markup says.
    """

    text: str
    level: int = 0
    title: bool = False
    abstract: bool = False


@dataclass(frozen=True)
class LeftOut:
    """Text of a file that no block holds: what it is, and its words."""

    what: str
    words: int


@dataclass(frozen=True)
class BlockDocument:
    """A document's blocks.

    Attributes:
        words: of the whole file, as text.
        left_out: what of them no block holds.
        notes: what a reader must know of how it was read.
    """

    blocks: tuple[Block, ...]
    words: int
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


def word_count(text: str) -> int:
    """Return the words of a text; letters of scripts without spaces count one by one."""
    return len(text.split()) + sum(ord(letter) >= 0x2E80 for letter in text)


def levelled(blocks: Sequence[Block]) -> list[Block]:
    """Return blocks whose numbered headings stand as deep as their numbers say: "3.1" below "3".

    Outlines of some converters are flat: every heading has the same level.
    """
    found: list[Block] = []
    base = 0
    for block in blocks:
        number = NUMBERED.match(block.text) if block.level and not block.title else None
        deep = number["number"].count(".") if number else 0
        if number and not deep:
            base = block.level
        level = max(block.level, base + deep) if number and deep and base else block.level
        found.append(block if level == block.level else Block(block.text, level))
    return found

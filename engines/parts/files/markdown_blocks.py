"""Blocks of Markdown, Nougat's .mmd included; code and display equations stay whole.

Ours, line by line: markdown-it takes 20 times as long for the same headings (4.5 s for 50,000), and an unclosed fence
or equation swallows the rest of a file there, as CommonMark says; a paper must not lose its text to a stray mark.
"""

import re
from collections.abc import Iterator, Sequence

from engines.parts.files.blocks import Block, BlockDocument, LeftOut, word_count

ATX = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
SETEXT = re.compile(r"^ {0,3}(=+|-{3,})\s*$")
FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`]*$)|~{3,})")
FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n(?:---|\.\.\.)\s*\n", re.S)
COMMENT = re.compile(r"<!--.*?-->", re.S)
DISPLAYS = {r"\[": r"\]", "$$": "$$"}


def markdown_blocks(text: str) -> BlockDocument:
    """Return blocks of Markdown; front matter and HTML comments are left out and counted."""
    words, left_out = word_count(text), []
    bare = COMMENT.sub("", text.replace("\r\n", "\n"))
    if bare != text:
        left_out.append(LeftOut("HTML comments", words - word_count(bare)))
    front = FRONT_MATTER.match(bare)
    named = re.search(r"^title:\s*[\"']?(.+?)[\"']?\s*$", front[1], re.M) if front else None
    blocks = [Block(named[1], 1, title=True)] if named else []
    if front:
        left_out.append(LeftOut("front matter", word_count(front[0]) - word_count(named[1] if named else "")))
        bare = bare[front.end() :]
    for lines in _stretches(bare.split("\n")):
        blocks += _blocks(lines)
    return BlockDocument(tuple(blocks), words, tuple(each for each in left_out if each.words))


def unfenced(lines: Sequence[str]) -> list[bool]:
    """Return of each line whether it lies outside fenced code; a fence without an end is a line like any other."""
    outside = [True] * len(lines)
    fences = [(at, found[1]) for at, line in enumerate(lines) for found in [FENCE.match(line)] if found]
    opened: tuple[int, str] | None = None
    for at, marks in fences:
        if opened is None:
            opened = (at, marks)
        elif marks[0] == opened[1][0] and len(marks) >= len(opened[1]) and lines[at].strip() == marks:
            outside[opened[0] : at + 1] = [False] * (at + 1 - opened[0])
            opened = None
    return outside


def _stretches(lines: Sequence[str]) -> Iterator[list[str]]:
    """Lines between blank ones; a fence or a display equation is one stretch, blank lines and all."""
    outside, ends = unfenced(lines), _display_ends(lines)
    held: list[str] = []
    closes_at = -1
    for at, line in enumerate(lines):
        closes_at = max(closes_at, ends.get(at, -1) if outside[at] else -1)
        parted = at and outside[at] != outside[at - 1]
        if held and (parted or not (line.strip() or at <= closes_at or not outside[at])):
            yield held
            held = []
        if line.strip() or at <= closes_at or not outside[at]:
            held.append(line)
    if held:
        yield held


def _display_ends(lines: Sequence[str]) -> dict[int, int]:
    r"""Lines that open a display equation, each with the line that closes it; "\[x\], where" closes in its own."""
    found: dict[int, int] = {}
    for opening, closing in DISPLAYS.items():
        after = -1
        for at in range(len(lines) - 1, -1, -1):
            line = lines[at].strip()
            if line.startswith(opening) and closing not in line[2:] and after > at:
                found[at] = after
            after = at if closing in line else after
    return found


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    if FENCE.match(lines[0]) and len(lines) > 1 and FENCE.match(lines[-1]):
        yield Block("\n".join(lines))
        return
    held: list[str] = []
    for line in lines:
        heading, under = ATX.match(line), SETEXT.match(line)
        if heading:
            yield from _paragraph(held)
            held = []
            yield Block(_unmarked(heading[2]), len(heading[1]))
        elif under and len(held) == 1:
            yield Block(_unmarked(held[0]), 1 if under[1][0] == "=" else 2)
            held = []
        else:
            held.append(line)
    yield from _paragraph(held)


def _paragraph(lines: Sequence[str]) -> Iterator[Block]:
    structured = any(re.match(r"\s*([|>]|[-*+] |\d+[.)] )", line) for line in lines)
    text = ("\n" if structured else " ").join(line.rstrip() for line in lines).strip()
    if text:
        yield Block(text)


def _unmarked(heading: str) -> str:
    return re.sub(r"[*_`]{1,3}(\S(?:.*?\S)?)[*_`]{1,3}", r"\1", heading).strip()

"""Blocks of plain text, such as a PDF gives: headings are known by their numbers and usual names."""

import re
from collections import Counter
from collections.abc import Sequence

from engines.parts.files.blocks import NUMBERED, Block

KNOWN = re.compile(
    r"(abstract|introduction|background|related work|preliminaries|methods?|methodology|materials and methods|approach|"
    r"experiments?|experimental (setup|results)|evaluation|results?|results and discussion|discussion|limitations?|"
    r"conclusions?|conclusions? and future work|future work|references|bibliography|acknowledge?ments?|"
    r"appendix|appendices|supplementary materials?|ethics statement|broader impact)",
    re.I,
)
MOST_HEADING_WORDS = 14
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
"""What old fonts leave of ligatures."""
GOES_ON = re.compile(r"\b(and|or|of|the|to|with|an?|in|for|into|as|by|on|is|are|that|which)$", re.I)


STAMPS = re.compile(
    r"^\W*(published as|under review|submitted to|accepted (at|by|to)|to appear in|preprint|arxiv:|proceedings of|"
    r"paper under double.blind|anonymous (authors?|submission|acl submission)|copyright ©|©)|"
    r"\d+(st|nd|rd|th) conference on|conference paper at",
    re.I,
)
"""What a first page bears beside title and authors."""
AUTHORS = re.compile(
    r"@|\b(university|institute|department|school of|laborator(y|ies)|academy|inc\.)\b|[*†‡∗§]$|"
    r"[a-z][\d*†‡∗§]{1,3}(,|\s|$)|^(by|and)\s|\s(and|&)\s+[A-Z]\S*\.?\s+\S+$|^([A-Z]\.\s*)+[A-Z]\w+(,|\s|$)",
    re.I,
)
NAMES = re.compile(r"(?:[A-Z][\w.'’-]*\.?\s*){2,4}(?:,\s*(?:[A-Z][\w.'’-]*\.?\s*){2,4})+$")
MOST_TITLE_LINES, MOST_TITLE_WORDS = 4, 30


def plain_blocks(text: str, title: str = "") -> list[Block]:
    """Return blocks of plain text; the title is that which is known of the document, else its first lines."""
    lines = [CONTROL.sub("", line).strip() for line in text.replace("\r\n", "\n").replace("\f", "\n\n").split("\n")]
    filled = [line for line in lines if line]
    own_title = title_lines(filled, title)
    if own_title:
        at = lines.index(own_title[0])
        lines = [*lines[:at], *lines[at + len(own_title) :]]
    if all(lines) and len(lines) < 30 and 2 * sum(line.endswith((".", "!", "?", "。")) for line in lines) > len(lines):
        # No blank lines, and most of the lines are sentences: a line is a paragraph.
        lines = [part for line in lines for part in (line, "")]
    levels = _in_sequence(lines)
    blocks = [Block(" ".join(own_title), 1, title=True)] if own_title else []
    held: list[str] = []
    for line, level in zip(lines, levels, strict=True):
        if level or not line:
            blocks += _joined(held)
            held = []
        if level:
            blocks.append(Block(line, level))
        elif line:
            held.append(line)
            if _ends_paragraph(held):
                blocks += _joined(held)
                held = []
    return [*blocks, *_joined(held)]


def is_stamp(line: str) -> bool:
    """Return whether a line is what venues and archives print beside title and authors."""
    return STAMPS.search(line) is not None


def title_lines(lines: Sequence[str], known: str = "") -> list[str]:
    """Return the lines of a title among the first ones of a page; none where the text begins at once.

    Args:
        lines: of the text, none empty.
        known: the title as the file names it; taken where the first lines say the same.
    """
    wanted = _letters(known)
    first = next((at for at, line in enumerate(lines[:8]) if not is_stamp(line)), None)
    if first is None or heading_level(lines[first]):
        return []
    taken: list[str] = []
    for line in lines[first : first + MOST_TITLE_LINES]:
        said = _letters(" ".join([*taken, line]))
        if len(wanted) >= 8 and wanted.startswith(said):
            taken.append(line)
            continue
        if len(wanted) >= 8 and taken and _letters(" ".join(taken)) == wanted:
            break
        if heading_level(line) or AUTHORS.search(line) or NAMES.match(line) or line.endswith((".", "。")):
            break
        if taken and not (GOES_ON.search(taken[-1]) or taken[-1].endswith((":", "-", ",")) or line[:1].islower()
                          or (taken[-1].isupper() and line.isupper()) or len(taken[-1]) > 40):  # fmt: skip
            break
        taken.append(line)
    return taken if len(" ".join(taken).split()) <= MOST_TITLE_WORDS else []


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _in_sequence(lines: Sequence[str]) -> list[int]:
    """Levels of lines that look like headings; numbers that do not follow on, such as of footnotes, head nothing.

    A line that stands many times is a running head, wherever it stands.
    """
    levels = [heading_level(line) for line in lines]
    times = Counter(line for line, level in zip(lines, levels, strict=True) if level)
    last = 0
    for at, line in enumerate(lines):
        found = NUMBERED.match(line) if levels[at] else None
        if times[line] >= 3:
            levels[at] = 0
        elif found and found["number"][0].isdigit():
            top, known = int(found["number"].split(".")[0]), KNOWN.fullmatch(found["name"].rstrip(" .:"))
            follows = top == last + 1 or top == last + 2 or (top == last and "." in found["number"])
            levels[at] = levels[at] if follows or known else 0
            last = top if levels[at] else last
    return levels


LONGEST_PARAGRAPH = 180
"""Words: a PDF may have no blank lines, and a longer paragraph of it is split where a line ends a sentence."""


def _ends_paragraph(lines: Sequence[str]) -> bool:
    ended = lines[-1].endswith((".", "!", "?", "。"))
    short = len(lines) > 1 and len(lines[-1]) < 0.7 * max(map(len, lines))
    return ended and (short or sum(len(line.split()) for line in lines) > LONGEST_PARAGRAPH)


def _joined(lines: Sequence[str]) -> list[Block]:
    text = ""
    for line in lines:
        # A word broken at the end of a line is one word.
        broken = text.endswith("-") and line[:1].islower() and text[-2:-1].isalpha()
        text = text[:-1] + line if broken else f"{text} {line}".strip()
    return [Block(text)] if text else []


def heading_level(line: str) -> int:
    """Return the level of a line that looks like a heading, 0 for any other: "2", "2.1 Data", "Results"."""
    if not line or len(line.split()) > MOST_HEADING_WORDS:
        return 0
    if line[0].isupper() and KNOWN.fullmatch(line.rstrip(" .:")):
        return 2
    found = NUMBERED.match(line)
    if not found or line.endswith((",", ";", ".")) or not _heads(found):
        return 0
    return 2 + found["number"].count(".")


def _heads(found: re.Match[str]) -> bool:
    """Whether a numbered line is a heading: no sentence that begins with "I" or "A", no row of a table."""
    number, name = found["number"], found["name"]
    if number.isalpha() and not found["dot"] and (number in ("I", "A") or len(name.split()) > 8):
        return KNOWN.match(name) is not None
    if re.search(r"\.\s", name) or GOES_ON.search(name):
        return False  # an entry of a bibliography, or a line of a list that goes on
    letters = sum(character.isalpha() for character in name)
    few = not number.isdigit() or 0 < int(number) <= 20
    worded = re.match(r"[A-Z]?[a-z]", name[1:]) if number.isalpha() and not found["dot"] else True
    return name[0].isupper() and few and bool(worded) and 3 <= letters >= len(name) / 2

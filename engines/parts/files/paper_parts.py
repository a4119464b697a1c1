"""Title, abstract and references of a paper: found among its blocks, and what is no text of the paper cut away."""

import re
from collections.abc import Sequence

from engines.parts.files.blocks import Block, LeftOut, word_count
from engines.parts.files.plain_blocks import is_stamp

REFERENCES = re.compile(r"references?( and notes)?|bibliography|works cited|literature cited", re.I)
THANKS = re.compile(r"acknowledge?ments?|acknowledgments? and disclosure of funding|funding", re.I)
APPENDIX = re.compile(r"(appendix|appendices|supplement(ary|al)?( materials?)?)\b|[A-Z]\.?\s+appendix\b", re.I)
LETTERED = re.compile(r"[A-Z](\.\d+)*\.?\s+\S")
ENTRY = re.compile(r"^\s*(?:[-*•]\s*)?(?:\[[^\]]{1,40}\]|\(?\d{1,3}[.)\]])|https?://|doi[:.]|arxiv", re.I)
YEAR = re.compile(r"\b(?:19|20)\d\d[a-z]?\b")
NUMBERED = re.compile(r"^(?:section\s+)?(?:[0-9]+(?:\.[0-9]+)*|[IVX]+)[.:)]?\s+(?=\S)", re.I)
OPENING = re.compile(r"\*{0,2}abstract\*{0,2}[\s.:—–-]+(?=\S)", re.I)
KEYWORDS = re.compile(r"\*{0,2}(key\s?words?|index terms|ccs concepts|introduction\b)", re.I)
GOES_ON = re.compile(r"(\b(and|or|of|the|to|with|an?|in|for|into|as|by|on|is|are|via|from)|[:,–—-])$", re.I)
EARLY = 3
"""A section headed "Summary" is the abstract among the first blocks, and a conclusion after them."""
LONGEST_ABSTRACT, LONGEST_THANKS, FEWEST_PROSE = 400, 150, 40
"""Words: what stands under "Abstract" beyond them is an introduction without a heading; what stands under thanks beyond
them, and a paragraph among references from which on it may be text, belong to the paper."""
LONGEST_TITLE, LONGEST_NAMES = 300, 30
ABSTRACT, AFTER = "Abstract", "After the references"
LEAST_OPENING = 20
"""Words: a shorter paragraph that begins with "Abstract" only announces one."""


def title_of(blocks: Sequence[Block]) -> tuple[str, list[Block]]:
    """Return the title, and the other blocks: as marked, the first heading that is no stamp, or the first such line."""
    marked = [at for at, block in enumerate(blocks) if block.title]
    first = [at for at, block in enumerate(blocks) if block.level == 1 and not is_stamp(block.text)]
    leading = [at for at, block in enumerate(blocks[:EARLY]) if block.level and _names_paper(block, blocks[at + 1 :])]
    at = (marked or [place for place in first if place <= 5] or leading or [-1])[0]
    if at >= 0:
        taken, title = {at}, blocks[at].text
        following = blocks[at + 1] if at + 1 < len(blocks) else None
        if following and GOES_ON.search(title) and len(following.text.split()) <= 15 and not ends(following.text):
            taken, title = {at, at + 1}, f"{title} {following.text}"
        return title[:LONGEST_TITLE], [block for place, block in enumerate(blocks) if place not in taken]
    lines = (block.text.split("\n")[0] for block in blocks if not block.level)
    line = next((line for line in lines if not is_stamp(line)), "")
    if len(line.split()) > 25:
        line = " ".join(line.split()[:12]) + " ..."
    return line[:LONGEST_TITLE], list(blocks)


def ends(text: str) -> bool:
    """Return whether a text ends as a sentence does."""
    return text.rstrip().endswith((".", "!", "?", "。"))


def _names_paper(block: Block, rest: Sequence[Block]) -> bool:
    """Whether a heading may be a title: no stamp, number or usual section, and no more than authors right below."""
    plain = plain_heading(block.text)
    below = rest[: next((at for at, each in enumerate(rest) if each.level), len(rest))]
    return (
        plain == block.text.strip(" .:#*_")
        and not is_stamp(block.text)
        and plain.casefold() not in ("abstract", "summary", "introduction", "contents")
        and all(len(each.text.split()) < LONGEST_NAMES for each in below)
    )


def without_references(blocks: Sequence[Block]) -> tuple[list[Block], list[LeftOut]]:
    """Return the blocks without references and acknowledgements, and what was cut; what follows them stays."""
    kept: list[Block] = []
    cut: dict[str, int] = {}
    inside: Block | None = None
    for at, block in enumerate(blocks):
        if inside and _ends_cut(blocks, at, THANKS.fullmatch(plain_heading(inside.text)) is not None, cut[inside.text]):
            if not block.level:
                kept.append(Block(AFTER, inside.level))
            inside = None
        plain = plain_heading(block.text) if at and block.level else ""
        if not inside and (REFERENCES.fullmatch(plain) or THANKS.fullmatch(plain)):
            inside = block
        if inside:
            cut[inside.text] = cut.get(inside.text, 0) + word_count(block.text)
        else:
            kept.append(block)
    return kept, [LeftOut(heading, words) for heading, words in cut.items()]


def _ends_cut(blocks: Sequence[Block], at: int, thanks: bool, cut: int) -> bool:
    """Whether a block after a heading that is cut belongs to the paper again."""
    block = blocks[at]
    if block.level:
        inner = next((each for each in blocks[at + 1 : at + 3] if not each.level), None)
        named = APPENDIX.match(block.text) or LETTERED.match(block.text)
        return bool(thanks or named or inner is None or not _is_entry(inner.text))
    words = len(block.text.split())
    if thanks:
        return cut + words > LONGEST_THANKS
    return words >= FEWEST_PROSE and not _is_entry(block.text)


def _is_entry(text: str) -> bool:
    """Whether a paragraph is an entry of a bibliography, or several."""
    return ENTRY.search(text) is not None or len(YEAR.findall(text)) >= max(1, len(text.split()) / 60)


def plain_heading(heading: str) -> str:
    """Return a heading without its number: "3.1 Method" is "Method"."""
    return NUMBERED.sub("", heading).strip(" .:#*_")


def abstract_of(blocks: Sequence[Block]) -> tuple[list[str], list[Block]]:
    """Return the abstract's paragraphs and the blocks without them; none where none is named."""
    for at, block in enumerate(blocks):
        if block.level and _heads_abstract(block, at):
            end = _abstract_end(blocks, at + 1)
            return [inner.text for inner in blocks[at + 1 : end]], [*blocks[:at], *blocks[end:]]
        if not block.level and block.abstract:
            return [block.text], [*blocks[:at], *blocks[at + 1 :]]
    opening = next((at for at, block in enumerate(blocks[:12]) if not block.level and _names_abstract(block)), None)
    if opening is None:
        return [], list(blocks)
    text = OPENING.sub("", blocks[opening].text).strip()
    return [text], [*blocks[:opening], *blocks[opening + 1 :]]


def _abstract_end(blocks: Sequence[Block], begin: int) -> int:
    """Where an abstract ends: at a heading, at key words, or where more words follow than an abstract has."""
    words = 0
    for at in range(begin, len(blocks)):
        words += word_count(blocks[at].text)
        over = at > begin and (words > LONGEST_ABSTRACT or KEYWORDS.match(blocks[at].text))
        if blocks[at].level or over:
            return at
    return len(blocks)


def _heads_abstract(block: Block, at: int) -> bool:
    heading = plain_heading(block.text).casefold()
    return heading == "abstract" or (heading == "summary" and at <= EARLY)


def _names_abstract(block: Block) -> bool:
    return OPENING.match(block.text) is not None and len(block.text.split()) > LEAST_OPENING

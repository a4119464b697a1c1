"""A paper as the method reads it: title, abstract, table of contents, and paragraphs that know their section.

Design decisions:
- Every paragraph carries the path of headings above it, and its number inside its section: chunks and evidence say
  where they come from without looking anything up.
- References and acknowledgements are cut, an appendix is kept wherever it stands; what was cut is told, not lost in
  silence.
- A paper without headings is one section; a title that no heading gives is the first line.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engines.treereview.blocks import Block
from workbench.contract import DataError

REFERENCES = re.compile(r"references?|bibliography|works cited|literature cited|acknowledge?ments?|funding", re.I)
APPENDIX = re.compile(r"(appendix|appendices|supplement(ary|al)?( materials?)?)\b|[A-Z]\.?\s+appendix\b", re.I)
LETTERED = re.compile(r"[A-Z](\.\d+)*\.?\s+\S")
NUMBERED = re.compile(r"^(?:section\s+)?(?:[0-9]+(?:\.[0-9]+)*|[IVX]+)[.:)]?\s+(?=\S)", re.I)
OPENING = re.compile(r"\*{0,2}abstract\*{0,2}[\s.:—–-]+(?=\S)", re.I)
EARLY = 3
"""A section headed "Summary" is the abstract among the first blocks, and a conclusion after them."""
LEAST_WORDS = 20
"""A text with fewer words is no paper."""
LONGEST_TITLE = 300


@dataclass(frozen=True)
class Section:
    """A heading: its level from 1, and the headings above it and itself, outermost first."""

    heading: str
    level: int
    path: tuple[str, ...]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the body.

    Attributes:
        number: its place in the paper, from 0.
        path: headings above it, outermost first; empty before the first heading.
        inside: its number inside its section, from 1.
    """

    number: int
    path: tuple[str, ...]
    inside: int
    text: str

    @property
    def where(self) -> str:
        """Return the section path in words: "Method > Shift, paragraph 2"."""
        return f"{' > '.join(self.path) or 'Before the first heading'}, paragraph {self.inside}"


@dataclass(frozen=True)
class Paper:
    """A paper, read.

    Attributes:
        name: unique in a run, for tables and file names.
        sections: the outline, without what was cut.
        notes: what a reader must know about the reading.
    """

    name: str
    title: str
    abstract: str
    sections: tuple[Section, ...]
    paragraphs: tuple[Paragraph, ...]
    notes: tuple[str, ...] = ()

    @property
    def contents(self) -> str:
        """Return the table of contents, indented by level."""
        shallowest = min((section.level for section in self.sections), default=1)
        return "\n".join(f"{'  ' * (section.level - shallowest)}- {section.heading}" for section in self.sections)

    @property
    def text(self) -> str:
        """Return the whole body with its headings, as the root reads it."""
        return "\n\n".join(self.parts())

    def parts(self) -> Iterator[str]:
        """Yield headings and paragraphs in order."""
        path: tuple[str, ...] = ()
        for paragraph in self.paragraphs:
            if paragraph.path != path:
                path = paragraph.path
                yield f"{'#' * (len(path) + 1)} {path[-1]}" if path else ""
            yield paragraph.text


@dataclass
class _Body:
    """What is gathered while the blocks are read."""

    sections: list[Section] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    path: list[tuple[int, str]] = field(default_factory=list)
    inside: int = 0

    def open(self, heading: str, level: int) -> None:
        self.path = [*((above, name) for above, name in self.path if above < level), (level, heading)]
        self.sections.append(Section(heading, level, self.names))
        self.inside = 0

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for _, name in self.path)

    def add(self, text: str) -> None:
        self.inside += 1
        self.paragraphs.append(Paragraph(len(self.paragraphs), self.names, self.inside, text))


def read_paper(blocks: Sequence[Block], name: str) -> Paper:
    """Return the paper that a document's blocks make.

    Raises:
        DataError: it has hardly any words.
    """
    words = sum(len(block.text.split()) for block in blocks)
    letters = sum(character.isalpha() for block in blocks for character in block.text)
    # Scripts without spaces have few "words": a paper of theirs is known by its letters.
    if words < LEAST_WORDS and letters < 6 * LEAST_WORDS:
        raise DataError(
            f"{name} has {words} words; a paper has at least {LEAST_WORDS}.",
            "Choose a file that holds the paper's text. A scanned PDF must be put through text recognition first.",
        )
    title, rest = _title(blocks)
    kept, cut = without_references(rest)
    abstract, body = _abstract(kept)
    gathered = _Body()
    for block in body:
        if block.level:
            gathered.open(block.text, block.level)
        else:
            gathered.add(block.text)
    if not gathered.paragraphs:
        gathered.add(abstract or title)
    abstract = abstract or gathered.paragraphs[0].text
    return Paper(
        name, title or name, abstract, tuple(gathered.sections), tuple(gathered.paragraphs), _notes(gathered, cut)
    )


def _title(blocks: Sequence[Block]) -> tuple[str, list[Block]]:
    """The first heading of the highest level, or the first line; and the other blocks."""
    marked = [at for at, block in enumerate(blocks) if block.title]
    first = [at for at, block in enumerate(blocks) if block.level == 1]
    at = (marked or first or [-1])[0]
    if at >= 0 and (marked or at <= 3):
        return blocks[at].text[:LONGEST_TITLE], [block for place, block in enumerate(blocks) if place != at]
    line = next((block.text.split("\n")[0] for block in blocks if not block.level), "")
    if len(line.split()) > 25:
        line = " ".join(line.split()[:12]) + " ..."
    return line[:LONGEST_TITLE], list(blocks)


def without_references(blocks: Sequence[Block]) -> tuple[list[Block], list[str]]:
    """Return the blocks without references and acknowledgements, and the headings cut; an appendix stays."""
    kept: list[Block] = []
    cut: list[str] = []
    cutting = 0
    for at, block in enumerate(blocks):
        if block.level:
            # Sections that follow the references are an appendix when they say so, or are lettered as one.
            after = bool(cut) and (APPENDIX.match(block.text) or LETTERED.match(block.text))
            if cutting and (block.level <= cutting or after):
                cutting = 0
            if not cutting and at and REFERENCES.fullmatch(plain_heading(block.text)):
                cutting = block.level
                cut.append(block.text)
        if not cutting:
            kept.append(block)
    return kept, cut


def plain_heading(heading: str) -> str:
    """Return a heading without its number: "3.1 Method" is "Method"."""
    return NUMBERED.sub("", heading).strip(" .:#*_")


def _abstract(blocks: Sequence[Block]) -> tuple[str, list[Block]]:
    """The abstract and the blocks without it; "" where none is named."""
    for at, block in enumerate(blocks):
        if block.level and _heads_abstract(block, at):
            end = next((stop for stop in range(at + 1, len(blocks)) if blocks[stop].level), len(blocks))
            # A paper of one section headed "Abstract" keeps its text as the body.
            rest = [*blocks[:at], *blocks[end:]]
            found = "\n\n".join(inner.text for inner in blocks[at + 1 : end])
            return found, rest if any(not other.level for other in rest) else [*blocks[:at], *blocks[at + 1 :]]
        if not block.level and block.abstract:
            return block.text, [*blocks[:at], *blocks[at + 1 :]]
    opening = next((at for at, block in enumerate(blocks[:12]) if not block.level and _names_abstract(block)), None)
    if opening is None:
        return "", list(blocks)
    text = OPENING.sub("", blocks[opening].text).strip()
    return text, [*blocks[:opening], *blocks[opening + 1 :]]


def _heads_abstract(block: Block, at: int) -> bool:
    heading = plain_heading(block.text).casefold()
    return heading == "abstract" or (heading == "summary" and at <= EARLY)


def _names_abstract(block: Block) -> bool:
    return OPENING.match(block.text) is not None and len(block.text.split()) > LEAST_WORDS


def _notes(body: _Body, cut: Sequence[str]) -> tuple[str, ...]:
    notes = []
    if cut:
        notes.append(f"Cut, because it holds no claims of the paper: {', '.join(dict.fromkeys(cut))}.")
    if not body.sections:
        notes.append("No headings were found; the paper is read as one section.")
    if len(body.paragraphs) == 1:
        notes.append("The paper is a single paragraph; every question reads all of it.")
    return tuple(notes)

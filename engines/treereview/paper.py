"""A paper as the method reads it: title, abstract, table of contents, and paragraphs that know their section.

Design decisions:
- Every paragraph carries the path of headings above it, and its number inside its section: chunks and evidence say
  where they come from without looking anything up. The abstract is the first section.
- References and acknowledgements are cut, what follows them is kept; every word of the file is read, or told with the
  reason why not.
- A paper without headings is one section; a title that no heading gives is the first line that is no stamp.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from engines.parts.datasets import path_of
from engines.parts.files import (
    ABSTRACT,
    BlockDocument,
    LeftOut,
    abstract_of,
    decoded,
    fitting_pieces,
    inputs_of,
    read_blocks,
    title_of,
    without_references,
    word_count,
)
from workbench.contract import DataError

LEAST_WORDS = 20
"""A text with fewer words is no paper."""


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
        sections: the outline, without the abstract and what was cut.
        notes: what a reader must know about the reading.
        words: of the whole file, as text.
        left_out: what of them is not read, and why.
    """

    name: str
    title: str
    abstract: str
    sections: tuple[Section, ...]
    paragraphs: tuple[Paragraph, ...]
    notes: tuple[str, ...] = ()
    words: int = 0
    left_out: tuple[LeftOut, ...] = ()

    @property
    def words_read(self) -> int:
        """Return the words of title, headings and paragraphs."""
        headings = sum(word_count(section.heading) for section in self.sections)
        return word_count(self.title) + headings + sum(word_count(each.text) for each in self.paragraphs)

    @property
    def unaccounted(self) -> int:
        """Return the words that are neither read nor left out for a reason: marks of the markup, in the main."""
        return max(0, self.words - self.words_read - sum(each.words for each in self.left_out))

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


def read_paper(document: BlockDocument, name: str) -> Paper:
    """Return the paper that a document's blocks make.

    Raises:
        DataError: it has hardly any words.
    """
    blocks = document.blocks
    words = sum(len(block.text.split()) for block in blocks)
    letters = sum(character.isalpha() for block in blocks for character in block.text)
    # Scripts without spaces have few "words": a paper of theirs is known by its letters.
    if words < LEAST_WORDS and letters < 6 * LEAST_WORDS:
        raise DataError(
            f"{name} has {words} words; a paper has at least {LEAST_WORDS}.",
            "Choose a file that holds the paper's text. A scanned PDF must be put through text recognition first.",
        )
    title, rest = title_of(blocks)
    kept, cut = without_references(rest)
    abstract, body = abstract_of(kept)
    gathered = _Body()
    gathered.path = [(1, ABSTRACT)] if abstract else []
    for text in abstract:
        gathered.add(text)
    gathered.path, gathered.inside = [], 0
    for block in body:
        if block.level:
            gathered.open(block.text, block.level)
        else:
            gathered.add(block.text)
    if not gathered.paragraphs:
        gathered.add(title)
    said = "\n\n".join(abstract) or gathered.paragraphs[0].text
    left_out = (*document.left_out, *cut)
    return Paper(
        name, title or name, said, tuple(gathered.sections), tuple(gathered.paragraphs),
        (*document.notes, *_notes(gathered)), document.words, left_out,
    )  # fmt: skip


def _notes(body: _Body) -> Iterator[str]:
    if not body.sections:
        yield "No headings were found; the paper is read as one section."
    if len(body.paragraphs) == 1:
        yield "The paper is a single paragraph; every question reads all of it."


def with_split_paragraphs(paper: Paper, count: Callable[[Sequence[str]], list[int]], most: int) -> Paper:
    """Return a paper whose paragraphs have at most about `most` tokens: longer ones are split at sentences.

    Args:
        count: tokens of texts.
        most: tokens that a model's context leaves for one paragraph.
    """
    lengths = count([each.text for each in paper.paragraphs])
    if max(lengths) <= most:
        return paper
    body = _Body(list(paper.sections))
    split = 0
    for paragraph, length in zip(paper.paragraphs, lengths, strict=True):
        body.inside = 0 if not body.paragraphs or body.paragraphs[-1].path != paragraph.path else body.inside
        body.path = [(0, name) for name in paragraph.path]
        pieces = [paragraph.text] if length <= most else fitting_pieces(paragraph.text, count, most)
        split += len(pieces) > 1
        for piece in pieces:
            body.add(piece)
    note = f"{split} paragraphs longer than the model reads at once were split at sentences."
    return replace(paper, paragraphs=tuple(body.paragraphs), notes=(*paper.notes, note))


SHIPPED = {"subspace-report": Path(__file__).parent / "subspace_report.md"}
"""Papers that need no file."""
GOLD = {"subspace-report-comments": Path(__file__).parent / "subspace_report_comments.txt"}
"""Comments that need no file."""
KINDS = (".pdf", ".md", ".markdown", ".mmd", ".tex", ".latex", ".txt")


def read_papers(
    refs: Sequence[str], progress: Callable[[int, int], None] = lambda done, total: None, most: int | None = None
) -> list[Paper]:
    """Read the papers that references name, each under a name of its own, which later papers do not change.

    Args:
        refs: shipped names, uploads, files or folders.
        progress: called with how many of how many are read.
        most: only the first so many; None for all.

    Raises:
        DataError: nothing there, no paper, or one without text.
    """
    paths = [path for ref in refs for path in paper_paths(ref)][:most]
    papers: list[Paper] = []
    for done, path in enumerate(paths, 1):
        paper = paper_of(path)
        papers.append(replace(paper, name=_unique(paper.name, {other.name for other in papers})))
        progress(done, len(paths))
    return papers


def paper_paths(ref: str) -> list[Path]:
    """Return the files that a reference names: one, or those of a folder in an order drawn from their names.

    The order is that of the names' SHA-256: the same on every machine, and its first files are a fair sample of all,
    where an alphabet would take those of one venue or year first.

    Args:
        ref: a shipped name, an upload, a file or a folder.

    Raises:
        DataError: nothing there, or a folder without papers.
    """
    if ref in SHIPPED:
        return [SHIPPED[ref]]
    path = path_of(ref)
    if not path.is_dir():
        return [path]
    found = [inner for inner in path.iterdir() if inner.suffix.lower() in KINDS and inner.is_file()]
    if not found:
        raise DataError(f"The folder {path.name} holds no paper.", f"Papers end in {', '.join(KINDS)}.")
    return sorted(set(found) - _taken_in(found), key=lambda inner: sha256(inner.name.encode()).digest()) or found


def _taken_in(paths: Sequence[Path]) -> set[Path]:
    r"""The LaTeX sources that another one of the folder takes in by \input: parts of a paper, not papers."""
    sources = [path for path in paths if path.suffix.lower() == ".tex"]
    names = {name for path in sources for name in inputs_of(decoded(path))}
    return {path for path in sources if {path.name, path.stem} & names}


def paper_of(path: Path) -> Paper:
    """Read one file as a paper, named after the file.

    Raises:
        DataError: no paper, or one without text (scanned, encrypted, damaged).
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise DataError(f"{path.name} is no paper; read are {', '.join(KINDS)}.", "Save it as PDF or Markdown.")
    return read_paper(read_blocks(path), name_of(path))


def name_of(path: Path) -> str:
    """Return a short name for tables and file names; the hash of an upload is left out."""
    stem = re.sub(r"-[0-9a-f]{8}$", "", path.stem)
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-._")[:60] or "paper"


def _unique(name: str, taken: set[str]) -> str:
    names = [name, *(f"{name}-{number}" for number in range(2, len(taken) + 2))]
    return next(candidate for candidate in names if candidate not in taken)

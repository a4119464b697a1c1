"""Documents as text: PDF, Markdown, LaTeX and plain text, whole for a reader of papers, or as a table of their parts.

A PDF becomes one row per page, Markdown one per section with its heading, LaTeX (as it is written) and plain text one
per paragraph (one per line where no line is empty).

Sections are found line by line: markdown-it takes 20 times as long for the same headings (4.5 s for 50,000).
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engines.parts.files import pdf_text
from engines.parts.files.markdown_blocks import unfenced
from engines.parts.files.sandboxed_scripts import said_by
from engines.parts.files.text_files import decoded
from engines.parts.records.row_errors import Cells
from workbench.contract.errors import DataError

LARGEST_PDF = 100_000_000
MOST_LINES = 1_000_000
FEWEST_LETTERS = 20
HARDLY, LONGEST_STAMPED = 15, 600
"""Letters of a page that hardly has text, and of one that may be a stamp alone."""
MARKDOWN = (".md", ".markdown", ".mmd")
DOCUMENTS = (".txt", *MARKDOWN, ".tex", ".pdf")
SAVE_AS_TEXT = "Save its text as .txt or .md and upload that."
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
REFUSED = {
    "encrypted": ("is encrypted", "Save it without a password, for example by printing it to a file."),
    "needs cryptography": (
        "is encrypted with AES, which takes the package cryptography to read",
        "Install it (pip install cryptography), or save the file without encryption.",
    ),
    "too large": (
        f"unpacks to more than is read ({pdf_text.MOST_CHARACTERS:,} characters, or one page of 75 MB)",
        "Give the pages that are needed.",
    ),
    "too many pages": (f"has more than {pdf_text.MOST_PAGES:,} pages", "Give the pages that are needed."),
    "damaged": ("is not a sound PDF file", SAVE_AS_TEXT),
}
"""What `pdf_text` refuses: what is the case, and the remedy."""


@dataclass(frozen=True)
class Document:
    """A document's text.

    Attributes:
        parts: pages, sections or paragraphs; (heading or "", text), in order, none empty.
        numbers: of each part, its page, or the line on which it begins; from 1.
        notes: what a reader must know of how it was read.
        title: as a PDF names itself; may be wrong, or that of a template.
    """

    name: str
    parts: tuple[tuple[str, str], ...]
    numbers: tuple[int, ...]
    notes: tuple[str, ...] = ()
    title: str = ""

    @property
    def text(self) -> str:
        """The whole text, its parts divided by empty lines."""
        return "\n\n".join(f"{heading}\n\n{text}" if heading else text for heading, text in self.parts)


def read_document(path: Path) -> Document:
    """Return the text of a PDF, Markdown, LaTeX or plain text file.

    Raises:
        DataError: another kind of file, too large, without text, encrypted or damaged.
    """
    kind = path.suffix.lower()
    if kind not in DOCUMENTS:
        raise DataError(f"{path.name} is a {kind or 'nameless'} file; read are {', '.join(DOCUMENTS)}.", SAVE_AS_TEXT)
    document = _pdf(path) if kind == ".pdf" else _text(path, is_markdown=kind in MARKDOWN)
    if not document.parts:
        raise DataError(f"{path.name} has no text.", "Give a file with at least one line of text.")
    return document


def document_rows(document: Document) -> list[Cells]:
    """Return a document's parts as rows: `text`, and `heading` or `page` where there is one."""
    if document.name.lower().endswith(".pdf"):
        return [(page, {"page": page, "text": text}) for page, (_, text) in _numbered(document)]
    if any(heading for heading, _ in document.parts):
        return [(line, {"heading": heading, "text": text}) for line, (heading, text) in _numbered(document)]
    return [(line, {"text": text}) for line, (_, text) in _numbered(document)]


def _numbered(document: Document) -> list[tuple[int, tuple[str, str]]]:
    return list(zip(document.numbers, document.parts, strict=True))


def _text(path: Path, is_markdown: bool) -> Document:
    text = decoded(path).replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MOST_LINES:
        raise DataError(f"{path.name} has more than {MOST_LINES:,} lines.", "Give a part of it.")
    lines = text.split("\n")
    if is_markdown:
        return _sections(path.name, lines)
    stripped = "\n".join(lines).strip("\n")
    if re.search(r"\n[ \t]*\n", stripped):
        return _paragraphs(path.name, lines)
    rows = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
    return Document(path.name, tuple(("", line) for _, line in rows), tuple(number for number, _ in rows))


def _paragraphs(name: str, lines: list[str]) -> Document:
    parts: list[tuple[int, list[str]]] = []
    open_part = False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            open_part = False
        elif open_part:
            parts[-1][1].append(line.rstrip())
        else:
            parts.append((number, [line.rstrip()]))
            open_part = True
    texts = tuple(("", "\n".join(each)) for _, each in parts)
    return Document(name, texts, tuple(number for number, _ in parts))


def _sections(name: str, lines: list[str]) -> Document:
    sections: list[tuple[int, str, list[str]]] = [(1, "", [])]
    for (number, line), outside in zip(enumerate(lines, 1), unfenced(lines), strict=True):
        heading = HEADING.match(line) if outside else None
        if heading:
            sections.append((number, heading[2], []))
        else:
            sections[-1][2].append(line)
    found = [(number, heading, "\n".join(each).strip()) for number, heading, each in sections]
    kept = [(number, heading, text) for number, heading, text in found if heading or text]
    return Document(name, tuple((heading, text) for _, heading, text in kept), tuple(number for number, *_ in kept))


def _pdf(path: Path) -> Document:
    size = path.stat().st_size
    if size > LARGEST_PDF:
        raise DataError(f"{path.name} has {size:,} bytes, at most {LARGEST_PDF:,} are read.", "Give a part of it.")
    with said_by(pdf_text, path, remedy=f"Give the pages that are needed. {SAVE_AS_TEXT}") as said:
        found = json.loads(said.read())
    if "refused" in found:
        what, remedy = REFUSED[found["refused"]]
        raise DataError(f"{path.name} {what}.", remedy)
    pages = [clean_page(page) for page in found["pages"]]
    filled = [(number, page) for number, page in enumerate(pages, 1) if page]
    own = [sum(map(str.isalpha, page)) for page in without_stamps(pages)]
    if sum(own) < FEWEST_LETTERS:
        raise DataError(
            f"{path.name} has {len(pages)} pages and no text of their own: it seems to be scanned, its pages are "
            "pictures.",
            "Run it through text recognition (such as ocrmypdf), then upload the result.",
        )
    numbers, texts = tuple(number for number, _ in filled), tuple(("", page) for _, page in filled)
    return Document(path.name, texts, numbers, tuple(_pdf_notes(found, own)), str(found["title"]))


def _pdf_notes(found: dict[str, Any], letters: list[int]) -> Iterator[str]:
    empty, bare = letters.count(0), sum(each < HARDLY for each in letters)
    if empty:
        yield f"{empty:,} of {len(letters):,} pages have no text."
    if bare > empty and 2 * bare >= len(letters):
        yield f"{bare:,} of {len(letters):,} pages hardly have text: scanned?"
    if found["broken"]:
        yield f"{found['broken']:,} pages are damaged and were passed over."
    if found["reordered"]:
        yield f"{found['reordered']:,} pages hold two columns that were written line by line; each was read by itself."


def without_stamps(pages: list[str]) -> list[str]:
    """Pages of little text without the lines that stand on every page, numbers apart: stamps of an archive."""
    if len(pages) < 2 or max(map(len, pages)) > LONGEST_STAMPED:
        return pages
    stamps = set[str].intersection(*({faceless(line) for line in page.split("\n")} for page in pages))
    return ["\n".join(line for line in page.split("\n") if faceless(line) not in stamps) for page in pages]


def faceless(line: str) -> str:
    """Return a line without what differs from page to page: its numbers."""
    return re.sub(r"\d+", "#", line).strip()


def clean_page(text: str) -> str:
    """Return a page's text with ligatures resolved and words joined that were parted at the end of a line."""
    resolved = "".join(unicodedata.normalize("NFKC", each) if "\ufb00" <= each <= "\ufb06" else each for each in text)
    joined = re.sub(r"(?<=[a-z])[-\u00ad]\n(?=[a-z])", "", resolved.replace("\0", ""))
    return "\n".join(line.rstrip() for line in joined.split("\n")).strip()

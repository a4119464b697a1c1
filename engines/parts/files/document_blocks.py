"""A paper's file as blocks: PDF, Markdown, LaTeX or plain text; running heads of a PDF are left out and counted."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from engines.parts.files.blocks import BlockDocument, LeftOut, levelled, word_count
from engines.parts.files.documents import faceless, read_document
from engines.parts.files.latex_blocks import latex_blocks
from engines.parts.files.markdown_blocks import markdown_blocks
from engines.parts.files.plain_blocks import plain_blocks
from engines.parts.files.text_files import decoded
from workbench.storage.home import place

Markup = Literal["markdown", "latex", "plain"]
EDGE_LINES = 2
"""Lines at the top and bottom of a page that may be a running head."""


def read_blocks(path: Path) -> BlockDocument:
    r"""Return blocks of a file, numbered headings as deep as their numbers say.

    Args:
        path: of a PDF, or of a text in Markdown, LaTeX or no markup. A LaTeX source takes in files beside it, unless it
            is an upload: uploads lie in one folder, whoever's they are.

    Raises:
        DataError: no text (scanned, empty), encrypted, damaged, too large, or a part of it is missing.
    """
    document = _pdf(path) if path.suffix.lower() == ".pdf" else _text(path)
    return replace(document, blocks=tuple(levelled(document.blocks)))


def markup_of(name: str, text: str) -> Markup:
    """Return which markup a text is in, by its file name, else by what it looks like."""
    ending = name.lower().rsplit(".", 1)[-1]
    if ending in ("md", "mmd", "markdown"):
        return "markdown"
    if ending in ("tex", "latex") or re.search(r"\\(documentclass|begin\{document\}|section\*?\{)", text):
        return "latex"
    return "markdown" if len(re.findall(r"^#{1,4} \S", text, re.M)) >= 2 else "plain"


def _text(path: Path) -> BlockDocument:
    text = decoded(path)
    match markup_of(path.name, text):
        case "markdown":
            return markdown_blocks(text)
        case "latex":
            return latex_blocks(text, None if path.parent == place("uploads") else path.parent)
        case _:
            return BlockDocument(tuple(plain_blocks(text)), word_count(text))


def _pdf(path: Path) -> BlockDocument:
    document = read_document(path)
    pages = [text for _, text in document.parts]
    kept = without_running_lines(pages)
    words, left = word_count("\n".join(pages)), word_count("\n".join(kept))
    left_out = (LeftOut("running heads and page numbers", words - left),) if words > left else ()
    notes = (*document.notes, f"{len(pages)} pages of a PDF; headings are known by their numbers and usual names.")
    return BlockDocument(tuple(plain_blocks("\n".join(kept), document.title)), words, left_out, notes)


def without_running_lines(pages: Sequence[str]) -> list[str]:
    """Return pages without page numbers and lines at the edge of many pages; the first page keeps its own top."""
    split = [page.split("\n") for page in pages]
    edges = Counter(faceless(line) for lines in split for line in {*lines[:EDGE_LINES], *lines[-EDGE_LINES:]})
    # Left and right pages have heads of their own.
    running = {line for line, count in edges.items() if count >= max(3, len(pages) / 4)}
    return ["\n".join(_kept(lines, running, first=not at)) for at, lines in enumerate(split)]


def _kept(lines: Sequence[str], running: set[str], first: bool) -> list[str]:
    last = len(lines) - EDGE_LINES
    return [
        line
        for at, line in enumerate(lines)
        if EDGE_LINES <= at < last
        or not (faceless(line) in running or re.fullmatch(r"[\s\W]*\d+[\s\W]*", line))
        or (first and at < EDGE_LINES and not re.search(r"\d", line))
    ]

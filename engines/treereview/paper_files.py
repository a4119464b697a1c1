"""Papers by reference: the report that ships with the workbench, uploads, files and folders; each read into a Paper."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from engines.parts.datasets import path_of
from engines.parts.files import decoded, read_document
from engines.treereview.blocks import Block, markdown_blocks, markup_of, plain_blocks
from engines.treereview.latex import latex_blocks
from engines.treereview.paper import Paper, read_paper
from workbench.contract import DataError

SHIPPED = {"subspace-report": Path(__file__).parent / "subspace_report.md"}
"""Papers that need no file."""
GOLD = {"subspace-report-comments": Path(__file__).parent / "subspace_report_comments.txt"}
"""Comments that need no file."""
KINDS = (".pdf", ".md", ".markdown", ".mmd", ".tex", ".latex", ".txt")
EDGE_LINES = 2
"""Lines at the top and bottom of a page that may be a running head."""


def read_papers(
    refs: Sequence[str], heard: Callable[[int, int], None] = lambda done, total: None, most: int | None = None
) -> list[Paper]:
    """The papers that references name, each under a name of its own, which papers after it do not change.

    Args:
        refs: shipped names, uploads, files or folders.
        heard: hears how many of how many are read.
        most: only the first so many; None for all.

    Raises:
        DataError: nothing there, no paper, or one without text.
    """
    paths = [path for ref in refs for path in paper_paths(ref)][:most]
    papers: list[Paper] = []
    for done, path in enumerate(paths, 1):
        paper = paper_of(path)
        papers.append(replace(paper, name=_unique(paper.name, {other.name for other in papers})))
        heard(done, len(paths))
    return papers


def paper_paths(ref: str) -> list[Path]:
    """The files that a reference names: one, or those of a folder in an order drawn from their names.

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
    return sorted(found, key=lambda inner: sha256(inner.name.encode()).digest())


def paper_of(path: Path) -> Paper:
    """One file as a paper, named after the file.

    Raises:
        DataError: no paper, or one without text (scanned, encrypted, damaged).
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise DataError(f"{path.name} is no paper; read are {', '.join(KINDS)}.", "Save it as PDF or Markdown.")
    blocks, notes = pdf_blocks(path) if kind == ".pdf" else (text_blocks(path), [])
    paper = read_paper(blocks, name_of(path))
    return replace(paper, notes=(*notes, *paper.notes))


def text_blocks(path: Path) -> list[Block]:
    """Blocks of a file in Markdown, LaTeX or plain text."""
    text = decoded(path)
    match markup_of(path.name, text):
        case "markdown":
            return markdown_blocks(text)
        case "latex":
            return latex_blocks(text)
        case _:
            return plain_blocks(text)


def pdf_blocks(path: Path) -> tuple[list[Block], list[str]]:
    """Blocks of a PDF, without running heads and page numbers, and what a reader must know of them."""
    document = read_document(path)
    pages = without_running_lines([text for _, text in document.parts])
    notes = [*document.notes, f"{len(pages)} pages of a PDF; headings are known by their numbers and usual names."]
    return plain_blocks("\n".join(pages)), notes


def without_running_lines(pages: Sequence[str]) -> list[str]:
    """Pages without page numbers and without lines that stand at the edge of many pages."""
    split = [page.split("\n") for page in pages]
    edges = Counter(_faceless(line) for lines in split for line in {*lines[:EDGE_LINES], *lines[-EDGE_LINES:]})
    # Left and right pages have heads of their own.
    running = {line for line, count in edges.items() if count >= max(3, len(pages) / 4)}
    return ["\n".join(_kept(lines, running)) for lines in split]


def _kept(lines: Sequence[str], running: set[str]) -> list[str]:
    last = len(lines) - EDGE_LINES
    return [
        line
        for at, line in enumerate(lines)
        if EDGE_LINES <= at < last or not (_faceless(line) in running or re.fullmatch(r"[\s\W]*\d+[\s\W]*", line))
    ]


def _faceless(line: str) -> str:
    return re.sub(r"\d+", "#", line).strip()


def name_of(path: Path) -> str:
    """A short name for tables and file names; the hash of an upload is left out."""
    stem = re.sub(r"-[0-9a-f]{8}$", "", path.stem)
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-._")[:60] or "paper"


def _unique(name: str, taken: set[str]) -> str:
    names = [name, *(f"{name}-{number}" for number in range(2, len(taken) + 2))]
    return next(candidate for candidate in names if candidate not in taken)

"""Run as a script, `python pdf_text.py FILE`: the text of a PDF file, page by page, as JSON on standard output.

A PDF is a program of sorts: a small file can unpack to gigabytes or keep a reader busy for ever. So it is read in a
process of its own, which limits its memory and time before it opens the file. The script imports nothing of the
project; `engines.parts.files.documents` starts it and judges what it says.
"""

import json
import logging
import resource
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdf import PdfReader

MEMORY_BYTES = 2_000_000_000
SECONDS = 60
MOST_PAGES = 1_000
MOST_CHARACTERS = 20_000_000
BROKEN_PAGE = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError, ZeroDivisionError)
"""What a reader in Python raises at a page that is not as it should be."""


def page_texts(path: Path) -> dict[str, object]:
    """Return `{"pages": [...], "broken": n, "reordered": n, "title": ...}`, or `{"refused": why}`.

    Why is "encrypted", "needs cryptography", "too large", "too many pages" or "damaged". Pages that cannot be read
    count as broken and have no text.
    """
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError

    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            return {"refused": "encrypted"}
        if len(reader.pages) > MOST_PAGES:
            return {"refused": "too many pages"}
        return _texts(reader)
    except (DependencyError, FileNotDecryptedError) as error:
        return {"refused": "encrypted" if isinstance(error, FileNotDecryptedError) else "needs cryptography"}
    except (LimitReachedError, MemoryError):
        return {"refused": "too large"}
    except (PyPdfError, *BROKEN_PAGE):
        return {"refused": "damaged"}


def _texts(reader: "PdfReader") -> dict[str, object]:
    from pypdf.errors import LimitReachedError, PyPdfError

    pages: list[str] = []
    broken = characters = reordered = 0
    for page in reader.pages:
        try:
            pieces: list[Piece] = []
            text = page.extract_text(visitor_text=partial(_take, pieces))
            columns = in_columns(pieces, float(page.mediabox.width))
            reordered += bool(columns)
            pages.append(columns or text)
        except LimitReachedError:
            return {"refused": "too large"}
        except (PyPdfError, *BROKEN_PAGE):
            broken += 1
            pages.append("")
        characters += len(pages[-1])
        if characters > MOST_CHARACTERS:
            return {"refused": "too large"}
    return {"pages": pages, "broken": broken, "reordered": reordered, "title": _title(reader)}


def _title(reader: "PdfReader") -> str:
    from pypdf.errors import PyPdfError

    try:
        return str((reader.metadata and reader.metadata.title) or "")[:300]
    except (PyPdfError, *BROKEN_PAGE):
        return ""


Piece = tuple[float, float, str]
"""Place of a text from the left and from below, in points, and the text."""
FEWEST_LINES = 8
"""Lines of a page on either side that make two columns of it."""


def _take(pieces: list[Piece], text: str, cm: list[float], tm: list[float], font: object, size: float) -> None:
    if text.strip():
        pieces.append((tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5], text.strip()))


def in_columns(pieces: list[Piece], width: float) -> str:
    """Return the text of a page column by column, where it has two that are written line by line across.

    "" for any other.

    Two columns are many lines that begin at one place of the left and at one place of the right half. Written across
    means that most lines of the right half come right after one of the left half.
    """
    starts = Counter(round(x / 3) * 3 for x, _, _ in pieces)
    left = max((x for x in starts if x < 0.4 * width), key=lambda x: starts[x], default=None)
    right = max((x for x in starts if 0.45 * width < x < 0.7 * width), key=lambda x: starts[x], default=None)
    if left is None or right is None or min(starts[left], starts[right]) < FEWEST_LINES:
        return ""
    on_right = [x > right - 4 for x, _, _ in pieces]
    crossed = sum(on_right[at] and not on_right[at - 1] for at in range(1, len(pieces)))
    if crossed < 0.6 * starts[right]:
        return ""
    bands: list[tuple[list[str], list[str]]] = [([], [])]
    rows = sorted({round(y) for _, y, _ in pieces}, reverse=True)
    for row in rows:
        sides = [[text for x, y, text in sorted(pieces) if round(y) == row and (x > right - 4) == side]
                 for side in (False, True)]  # fmt: skip
        wide = sides[0] and not sides[1] and any(bands[-1])
        # A line that begins on the left and has no partner parts what stands above it from what stands below.
        if wide and rows.index(row) < len(rows) - FEWEST_LINES and not bands[-1][1]:
            bands.append(([], []))
        for held, texts in zip(bands[-1], sides, strict=True):
            held += [" ".join(texts)] if texts else []
    return "\n".join(line for band in bands for held in band for line in held)


def _limit_this_process() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Read the file that the command line names."""
    _limit_this_process()
    logging.disable(logging.CRITICAL)
    found = page_texts(Path(sys.argv[1]))
    # Half of a surrogate pair, which fonts can name, is no text.
    sys.stdout.buffer.write(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))


if __name__ == "__main__":
    main()

"""Run as a script, `python pdf_text.py FILE`: the text of a PDF file, page by page, as JSON on standard output.

A PDF is a program of sorts: a small file can unpack to gigabytes or keep a reader busy for ever. So it is read in a
process of its own, which limits its memory and time before it opens the file. The script imports nothing of the
project; `engines.parts.files.documents` starts it and judges what it says.
"""

import json
import logging
import resource
import sys
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
    """`{"pages": [...], "broken": n}`, or `{"refused": why}`.

    Why is "encrypted", "too large", "too many pages" or "damaged". Pages that cannot be read count as broken and have
    no text.
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
    except (FileNotDecryptedError, DependencyError):
        return {"refused": "encrypted"}
    except (LimitReachedError, MemoryError):
        return {"refused": "too large"}
    except (PyPdfError, *BROKEN_PAGE):
        return {"refused": "damaged"}


def _texts(reader: "PdfReader") -> dict[str, object]:
    from pypdf.errors import LimitReachedError, PyPdfError

    pages: list[str] = []
    broken = characters = 0
    for page in reader.pages:
        try:
            pages.append(page.extract_text())
        except LimitReachedError:
            return {"refused": "too large"}
        except (PyPdfError, *BROKEN_PAGE):
            broken += 1
            pages.append("")
        characters += len(pages[-1])
        if characters > MOST_CHARACTERS:
            return {"refused": "too large"}
    return {"pages": pages, "broken": broken}


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

"""The text of a file: UTF-8 or UTF-16 with its mark, within a limit of size, refused in words where it is neither."""

import codecs
import re
from pathlib import Path

from workbench.contract.errors import DataError

LARGEST_FILE = 200_000_000
GUESSED_BYTES = 50_000
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
ESCAPED = re.compile("[\udc80-\udcff]")
"""Stands for a byte that is not UTF-8 in a text that was read tolerantly."""
BINARY = {
    b"%PDF-": "a PDF file",
    b"PK\x03\x04": "a zip archive (or a spreadsheet)",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"PAR1": "a Parquet file",
}
"""First bytes of files that are no text, and what they are."""


def decoded(path: Path, head: int | None = None, tolerant: bool = False) -> str:
    """Text of a file in UTF-8 or, with its byte order mark, UTF-16.

    Args:
        head: read about that many bytes, up to the end of a line; None reads all.
        tolerant: where at most one line of a hundred holds bytes that are not UTF-8, and the first does not, these
            bytes become the characters that `ESCAPED` finds.

    Raises:
        DataError: larger than allowed, empty, another encoding, or no text at all.
    """
    content = _content(path, head)
    cut = head is not None and path.stat().st_size > head
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "utf-8")
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(content, final=not cut)
    except UnicodeDecodeError as error:
        escaped = _escaped(content, encoding) if tolerant else ""
        if not escaped:
            raise _not_decodable(path, content, encoding, error) from error
        text = escaped
    text = text[: text.rfind("\n") + 1] or text if cut else text
    first_line = text.partition("\n")[0]
    if "\0" in first_line:
        raise DataError(f"{path.name} holds a NUL character in row 1.", "Save the file again as plain UTF-8 text.", 1)
    return text


def _guessed(content: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(content[:GUESSED_BYTES]).best()
    return f" It seems to be written in {best.encoding}." if best and best.encoding not in ("utf_8", "ascii") else ""


def _content(path: Path, head: int | None) -> bytes:
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise DataError(f"{path.name} has {size:,} bytes, at most {LARGEST_FILE:,} are read.", "Give a part of it.")
    with path.open("rb") as file:
        content = file.read(size if head is None else min(size, head))
    if not content.strip():
        raise DataError(f"{path.name} is empty.", "Upload a file with at least one row.")
    packed = next((kind for mark, kind in BINARY.items() if content.startswith(mark)), None)
    if packed:
        raise DataError(f"{path.name} is {packed}, not text.", "Unpack it, or save it as JSONL or CSV in UTF-8.")
    return content


def _escaped(content: bytes, encoding: str) -> str:
    if encoding == "utf-16":
        return ""
    first, _, rest = content.decode(encoding, "surrogateescape").partition("\n")
    lines = rest.split("\n")
    wrong = sum(ESCAPED.search(line) is not None for line in lines)
    return "" if ESCAPED.search(first) or wrong * 100 > len(lines) else f"{first}\n{rest}"


def _not_decodable(path: Path, content: bytes, encoding: str, error: UnicodeDecodeError) -> DataError:
    return DataError(
        f"{path.name} is not {encoding.upper()}: byte {error.start:,} cannot be read.",
        f"Save the file again as UTF-8 (in a spreadsheet: CSV UTF-8).{_guessed(content)}",
        row=content.count(b"\n", 0, error.start) + 1,
    )

"""Small PDF files written by hand: pages of text, pages without any, and streams that unpack to more than they say."""

import zlib
from collections.abc import Sequence
from pathlib import Path


def make_pdf(path: Path, pages: Sequence[str | bytes], encrypted: bool = False) -> Path:
    """Write a PDF of those pages; a text is shown line by line, bytes are the page's compressed content as it is."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    font = 3 + 2 * len(pages)
    for index, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {4 + 2 * index} 0 R "
            f"/Resources << /Font << /F1 {font} 0 R >> >> >>"
        )
        objects.append(zlib.compress(_shown(page)) if isinstance(page, str) else page)
    kids = " ".join(f"{3 + 2 * index} 0 R" for index in range(len(pages)))
    objects[1] = f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>"
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    owner, user = "11" * 32, "22" * 32
    keys = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{owner}> /U <{user}> /P -4 >> /ID [<00> <00>]"
    path.write_bytes(_file(objects, keys if encrypted else ""))
    return path


def _shown(page: str) -> bytes:
    lines = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in page.split("\n")]
    return ("BT /F1 12 Tf 50 750 Td 14 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET").encode("cp1252")


def _file(objects: Sequence[str | bytes], trailer: str) -> bytes:
    content, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, 1):
        offsets.append(len(content))
        body = (
            each.encode()
            if isinstance(each, str)
            else b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(each), each)
        )
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    begin = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    content += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{begin}\n%%EOF".encode()
    return bytes(content)

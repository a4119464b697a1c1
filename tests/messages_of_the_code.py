"""The catalogue of messages as the code has it: what `say`, `say_html`, `say_many` and `noted` are given."""

from collections.abc import Iterator
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from tests.source import ROOT, imports, modules

CATALOGUE = ROOT / "workbench" / "messages" / "benchwright.pot"
KEYWORDS = {"say": None, "say_html": None, "noted": None, "say_many": (1, 2)}
FOLDERS = ("workbench", "engines")

Message = str | tuple[str, ...]


def in_code() -> Iterator[tuple[Message, str]]:
    """Yield every message with the file that says it, in the order of the files."""
    for name, path in sorted(modules().items()):
        if "workbench.messages" in imports(path) and name.split(".")[0] in FOLDERS:
            for _, message, _, _ in extract_from_file("python", path, keywords=KEYWORDS):
                yield message, path.relative_to(ROOT).as_posix()


def in_catalogue() -> set[Message]:
    """Return the messages that the catalogue holds."""
    with CATALOGUE.open("rb") as file:
        return {message.id for message in read_po(file) if message.id}


def write() -> None:
    """Write the catalogue anew."""
    catalogue = Catalog(project="Benchwright", charset="utf-8", header_comment="# Every sentence of the page.")
    for message, where in in_code():
        catalogue.add(message, locations=[(where, None)])
    text = BytesIO()
    write_po(text, catalogue, sort_output=True, omit_header=True, include_lineno=False, width=118)
    CATALOGUE.write_bytes(text.getvalue())


if __name__ == "__main__":
    write()

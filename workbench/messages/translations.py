"""Read a language's translations from its PO file."""

from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path


def read_translations(path: Path) -> GNUTranslations:
    """Return the translations of a PO file; what it lacks is said in English.

    Raises:
        OSError: there is no such file.
        PoFileError: the file is no PO file.
    """
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=path.stem, abort_invalid=True))
    compiled.seek(0)
    return GNUTranslations(compiled)

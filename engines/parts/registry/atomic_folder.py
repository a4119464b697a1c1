"""Folders that take long to make (models, data): made once, whole or not at all, by one process at a time."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock


def atomic_folder(target: Path, proof: str, make: Callable[[Path], None]) -> Path:
    """Return the folder `target`, which `make` fills if it is not there yet.

    Args:
        target: complete if and only if it holds the file `proof`.
        make: fills the empty scratch folder that it is given; the scratch is renamed to `target` only if it returns.
    """
    if (target / proof).is_file():
        return target
    with FileLock(target.with_name(f".{target.name}.lock")):
        if not (target / proof).is_file():
            _make(target, make)
    return target


def _make(target: Path, make: Callable[[Path], None]) -> None:
    prefix = f".make-{target.name}-"
    # Under the lock, scratch of this target can only be what a killed process left.
    for left in target.parent.glob(f"{prefix}*"):
        shutil.rmtree(left)
    with TemporaryDirectory(prefix=prefix, dir=target.parent) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        make(made)
        if target.exists():
            shutil.rmtree(target)
        made.rename(target)

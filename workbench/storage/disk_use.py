"""What a run's folder takes on disk, and what of it can go while record, rows and files stay.

Design decisions:
- Spare are kept computations and checkpoints: a run that goes on without them computes them again, and says so.
- Links are counted and removed as links, never followed.
"""

import os
import shutil
from pathlib import Path

from workbench.contract.runs import RunFolder

SPARE = ("once", "checkpoints")


def folder_use(folder: RunFolder) -> tuple[int, int]:
    """Return (bytes of all files, bytes of those that can be removed); a folder that is gone takes nothing."""
    return _bytes_in(folder.path), sum(_bytes_in(folder.path / name) for name in SPARE)


def remove_spare(folder: RunFolder) -> int:
    """Remove kept computations and checkpoints of a run that is not live; return the bytes that are free again.

    Raises:
        OSError: something cannot be removed.
    """
    freed = 0
    for name in SPARE:
        path = folder.path / name
        if path.is_symlink() or not path.is_dir():
            continue
        freed += _bytes_in(path)
        shutil.rmtree(path)
        path.mkdir()
    return freed


def _bytes_in(path: Path) -> int:
    total, folders = 0, [path]
    while folders:
        try:
            entries = list(os.scandir(folders.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))
            else:
                total += _size(entry)
    return total


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0

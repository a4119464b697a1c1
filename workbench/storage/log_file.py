"""A run's `log.txt`: what the worker printed, cut to a size, shown with secrets masked.

The worker writes straight into the file through an appending descriptor: no pipe that could block it, no reader that
could die. The worker's pulse cuts the file when it has outgrown its limit; the beginning and the end stay. Because the
descriptor appends, the next line lands at the new end.
"""

import fcntl
import os
from pathlib import Path

from workbench.contract.runs import RunFolder
from workbench.storage.masking import masked

LIMIT_BYTES = 8 << 20
KEPT_BYTES = 1 << 20
"""How much of the beginning, and of the end, survives a cut."""
_MARK = b"\n[... some output was left out here ...]\n"


def cut_log(path: Path, limit: int = LIMIT_BYTES, kept: int = KEPT_BYTES) -> bool:
    """Cut a log that is longer than `limit` bytes to its first and last `kept` bytes; true when it was cut."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        if os.fstat(descriptor).st_size <= limit or not _held_alone(descriptor):
            return False
        os.ftruncate(descriptor, _put_end_after_beginning(descriptor, kept))
        return True
    finally:
        os.close(descriptor)


def read_log(folder: RunFolder, tail_bytes: int = 64 << 10) -> str:
    """Return the last `tail_bytes` of the run's log, whole lines, secrets masked; empty where there is none."""
    try:
        with folder.log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = max(0, size - tail_bytes)
            file.seek(start)
            data = file.read(tail_bytes)
    except FileNotFoundError:
        return ""
    if start:
        data = data.partition(b"\n")[2] or data
    return masked(data.decode("utf-8", errors="replace"))


def _held_alone(descriptor: int) -> bool:
    """Whether nobody else cuts this log now: its worker and a supervisor might at once."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _put_end_after_beginning(descriptor: int, kept: int) -> int:
    """Copy the end of a file that grows meanwhile behind its beginning; the length of both.

    The file is cut only afterwards, so that a reader always finds an end; what is written in between is caught up with.
    """
    length = 0
    for _ in range(100):
        size = os.fstat(descriptor).st_size
        piece = _MARK + os.pread(descriptor, kept, size - kept)
        length = kept + os.pwrite(descriptor, piece, kept)
        if os.fstat(descriptor).st_size == size:
            break
    return length

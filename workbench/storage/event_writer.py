"""Appending events to a run's `events.jsonl`: buffered, never torn by a library's output, on disk within 50 ms.

Design decisions:
- The file has a descriptor of its own, opened for appending; standard output can never write into it.
- Lines are built by hand around JSON that pydantic's core writes; an Event model per row would cost ten times more.
- A thread writes what has gathered; a write error is raised by the next call of the method's own thread.
"""

import os
import threading
import time
from pathlib import Path
from typing import Any

from pydantic_core import to_json

FLUSH_SECONDS = 0.01
"""How long a line may wait in memory; half the poll of the reader, so that both stay under 50 ms."""
FLUSH_BYTES = 1 << 20
RESERVE_BYTES = 64 << 10
"""Disk space held back so that a run on a full disk can still say why it failed."""


class EventWriter:
    """The one writer of one attempt of a run.

    Args:
        path: `events.jsonl`; must end in a whole line (see `workbench.storage.replay.read_earlier`).
        seq: number of the next event.
        attempt: number of this attempt, from 1.
    """

    def __init__(self, path: Path, seq: int, attempt: int) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._reserve = path.with_name(".reserve")
        self._reserve.write_bytes(bytes(RESERVE_BYTES))
        self._seq = seq
        self._attempt = attempt
        self._lines: list[bytes] = []
        self._bytes = 0
        self._error: OSError | None = None
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._gathered = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._flush_in_time, name="events", daemon=True)
        self._thread.start()

    @property
    def seq(self) -> int:
        """Number of the next event."""
        return self._seq

    def append(self, kind: bytes, scope: bytes, rest: bytes) -> None:
        """Add one event.

        Args:
            kind: the event's kind, plain letters.
            scope: the scope as a JSON string, quotes included.
            rest: the event's own fields as JSON, starting with a comma, without braces around them; may be empty.

        Raises:
            OSError: an earlier line could not be written (disk full).
        """
        if self._error is not None:
            raise self._error
        with self._lock:
            line = b'{"seq":%d,"attempt":%d,"at":%.4f,"scope":%b,"kind":"%b"%b}\n' % (
                self._seq,
                self._attempt,
                time.time(),
                scope,
                kind,
                rest,
            )
            self._seq += 1
            self._lines.append(line)
            self._bytes += len(line)
            first, full = len(self._lines) == 1, self._bytes >= FLUSH_BYTES
        if full:
            self.flush()
        elif first:
            self._gathered.set()

    def say(self, kind: str, scope: str, **fields: Any) -> None:
        """Add one event of few; `fields` are the event's own.

        Raises:
            OSError: an earlier line could not be written (disk full).
        """
        rest = b"," + to_json(fields)[1:-1] if fields else b""
        self.append(kind.encode(), to_json(scope), rest)

    def flush(self, durable: bool = False) -> None:
        """Write what has gathered; `durable` waits until the disk has it.

        Raises:
            OSError: the file cannot be written.
        """
        with self._writing:
            with self._lock:
                data = b"".join(self._lines)
                self._lines.clear()
                self._bytes = 0
            try:
                self._write(data)
                if durable:
                    os.fsync(self._descriptor)
            except OSError as error:
                self._error = error
                raise

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            written = os.write(self._descriptor, rest)
            rest = rest[written:]

    def _flush_in_time(self) -> None:
        while not self._closed:
            self._gathered.wait()
            self._gathered.clear()
            time.sleep(FLUSH_SECONDS)
            try:
                self.flush()
            except OSError:
                return

    def close(self) -> None:
        """Write the rest durably and close the file.

        Raises:
            OSError: the rest could not be written.
        """
        self._closed = True
        self._gathered.set()
        self._thread.join()
        try:
            self.flush(durable=True)
        finally:
            os.close(self._descriptor)
            self._reserve.unlink(missing_ok=True)

    def recover(self) -> None:
        """After a write error: cut the torn line off and forget what followed it, so that the end may still be told.

        What followed must go too: a scope must not close when rows of it were lost.
        """
        with self._writing, self._lock:
            self._lines.clear()
            self._bytes = 0
            self._reserve.unlink(missing_ok=True)
            end = os.lseek(self._descriptor, 0, os.SEEK_END)
            whole = whole_lines(self._descriptor, end)
            os.ftruncate(self._descriptor, whole)
            self._error = None


def whole_lines(descriptor: int, end: int) -> int:
    """Length of the file's beginning that consists of whole lines, in bytes; `end` is the file's size."""
    block = 1 << 16
    while end > 0:
        start = max(0, end - block)
        with_newline = os.pread(descriptor, end - start, start).rfind(b"\n")
        if with_newline >= 0:
            return start + with_newline + 1
        end = start
    return 0

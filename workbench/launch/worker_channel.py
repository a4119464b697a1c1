"""How the bench tells a waiting worker what to do: one JSON line a run over the socket that is the worker's stdin.

Design decisions:
- The same process serves as cold worker (its assignment is there at once), as spare (it comes later) and as warm worker
  (another follows); there is one way to start a worker.
- The socket closes with the server, however it died: a worker that waits then leaves, one that works goes on.
"""

import contextlib
import json
import os
import select
import socket
from pathlib import Path
from typing import Any

from workbench.contract.runs import RunFolder


class Inbox:
    """The worker's end.

    Args:
        descriptor: the socket's descriptor; it is moved away from stdin, where libraries could read it.
    """

    def __init__(self, descriptor: int = 0) -> None:
        self._socket = socket.socket(fileno=os.dup(descriptor))
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, descriptor)
        os.close(nothing)
        self._text = b""

    def waiting(self) -> bool:
        """Return whether an assignment (or the end) can be read at once."""
        return b"\n" in self._text or bool(select.select([self._socket], [], [], 0)[0])

    def next(self) -> RunFolder | None:
        """Return the folder of the next run to work on; waits for it. None once the bench lets the worker go."""
        while b"\n" not in self._text:
            try:
                piece = self._socket.recv(1 << 16)
            except ConnectionError:
                return None
            if not piece:
                return None
            self._text += piece
        line, _, self._text = self._text.partition(b"\n")
        path = Path(json.loads(line)["folder"])
        return RunFolder(path.parent, path.name)

    def report(self, **what: Any) -> None:
        """Tell the bench how the worker stands; whether anybody listens does not matter."""
        with contextlib.suppress(OSError):
            self._socket.sendall(json.dumps(what).encode() + b"\n")

    def close(self) -> None:
        """Hear no more."""
        self._socket.close()


class Outbox:
    """The bench's end of one worker's socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._socket.setblocking(False)
        self._text = b""

    def assign(self, folder: RunFolder) -> None:
        """Hand a run to the worker.

        Raises:
            OSError: the worker is gone.
        """
        self._socket.sendall(json.dumps({"folder": str(folder.path.resolve())}).encode() + b"\n")

    def reports(self) -> list[dict[str, Any]]:
        """Return what the worker reported since the last call; never waits."""
        with contextlib.suppress(OSError):
            while piece := self._socket.recv(1 << 16):
                self._text += piece
        *lines, self._text = self._text.split(b"\n")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        """Let the worker go once it has nothing to do."""
        self._socket.close()

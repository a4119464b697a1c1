"""The real server as a process, for journeys and attacks: `with live_server(home) as server: server.url`.

`python -m tests.live` serves the toy methods; `("app.py",)` as command serves the installed ones.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.browser.rooms import ROOMS, WORKER
from tests.source import ROOT
from workbench.history import History

TOYS = ("-m", "tests.live")
SECONDS_TO_START = 90


@dataclass(frozen=True)
class LiveServer:
    """A running server.

    Attributes:
        url: without a slash at its end.
        home: its data folder.
        output: file that holds what it printed.
    """

    url: str
    home: Path
    process: subprocess.Popen
    output: Path

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def history(self) -> History:
        """The same history, opened by this process; close it."""
        return History(self.home / "history.db")

    def end(self) -> int:
        """Ask the server to end, wait, and give its exit status."""
        self.process.terminate()
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@contextmanager
def live_server(
    home: Path,
    *arguments: str,
    command: Sequence[str] = TOYS,
    environment: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[LiveServer]:
    """Start a server, on a free port where none is given, and wait until it answers; it ends with the block."""
    port = port or free_port()
    home.mkdir(exist_ok=True)
    output = home / "server.txt"
    surroundings = {**os.environ, "BENCHWRIGHT_HOME": str(home), "BENCHWRIGHT_SPARE": "0", **(environment or {})}
    with output.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, *command, "--port", str(port), *arguments],
            cwd=ROOT, env=surroundings, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    server = LiveServer(f"http://127.0.0.1:{port}", home, process, output)
    try:
        wait_for(server)
        yield server
    finally:
        server.end()


def wait_for(server: LiveServer) -> None:
    """Wait until the server answers; fails with what it printed when it does not."""
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and server.process.poll() is None:
        try:
            if httpx.get(f"{server.url}/healthz", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{server.output.read_text()[-3000:]}")


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


if __name__ == "__main__":
    from tests.rooms import TOOLS
    from workbench.contract.registry import Installed
    from workbench.server.server import main

    sys.exit(main(lambda: Installed(ROOMS, TOOLS), sys.argv[1:], WORKER))

"""Lines of a run's `commands.jsonl`: appended by the bench, taken up by the worker, each once over all attempts."""

import os
import time
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from pydantic_core import from_json, to_json

from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_config
from workbench.contract.run_log import Command
from workbench.contract.schema import Config


class CommandLines:
    """The worker's end.

    Args:
        path: `commands.jsonl`.
        taken: numbers of lines that earlier attempts took up.
    """

    def __init__(self, path: Path, taken: Collection[int]) -> None:
        self._path = path
        self._taken = taken
        self._offset = 0
        self._count = 0
        self._waiting: deque[tuple[int, bytes]] = deque()

    def new(self) -> Iterator[tuple[int, bytes]]:
        """Numbers and texts of whole lines that nobody took up yet, in order; never blocks."""
        self._read()
        while self._waiting:
            number, line = self._waiting.popleft()
            if number not in self._taken:
                yield number, line

    def _read(self) -> None:
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                whole, newline, _ = file.read().rpartition(b"\n")
        except FileNotFoundError:
            return
        lines = whole.split(b"\n") if newline else []
        self._waiting.extend(enumerate(lines, self._count))
        self._offset += len(whole) + len(newline)
        self._count += len(lines)


def read_command(known: Mapping[str, type[Config]], line: bytes) -> Command | None:
    """Return the command that a line asks for, None where it cannot be read or is not known."""
    try:
        asked = from_json(line)
        return Command(asked["name"], read_config(known[asked["name"]], asked["body"]))
    except (ValueError, KeyError, TypeError, ConfigError):
        return None


def append_command(path: Path, name: str, body: Config) -> None:
    """Return the bench's end: add one command, as a single write so that two writers never mix.

    Raises:
        OSError: the file cannot be written.
    """
    line = to_json({"name": name, "body": body, "at": time.time()}) + b"\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)

"""FolderLog: the RunLog that writes into a run folder, and picks up where an earlier attempt stood.

Design decisions:
- A row costs one dictionary look-up, pydantic's own serialisation and one line; no event model is built.
- The stop flag is looked for at most every 100 ms, progress written at most every 100 ms.
- Events of one attempt come from the thread of the method; only progress is also settled by the worker's pulse.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json, to_json

from workbench import fields
from workbench.command_lines import CommandLines
from workbench.engine import Command, RunCell
from workbench.errors import ConfigError, DataError, RunNotFound, RunStopped
from workbench.event_writer import EventWriter
from workbench.keeping import Keepsakes, checksum, sync
from workbench.replay import Earlier
from workbench.runs import RunFolder, RunSpec
from workbench.schema import Config, Row
from workbench.scopes import Scope
from workbench.tables import RowTables
from workbench.tool import Room, Tool

if TYPE_CHECKING:
    import pandas as pd

LOOK_SECONDS = 0.1
"""How often the stop flag is looked for and progress is written, at most."""


class FolderLog:
    """The way out of a method into a run folder; see `workbench.engine.RunLog` for what each call means.

    Args:
        folder: the run's folder.
        engine: the method's card, for its row types, metrics and commands.
        spec: what the run was asked.
        writer: where events go.
        earlier: what earlier attempts of the run did.
    """

    def __init__(
        self, folder: RunFolder, engine: Room, spec: RunSpec, writer: EventWriter, earlier: Earlier | None = None
    ) -> None:
        self.arms: Mapping[str, Config] = {}
        if not isinstance(engine, Tool) and spec.purpose != "ask":
            self.arms = fields.arm_configs(engine, spec)
        self.seeds: Sequence[int] = spec.seeds
        self._folder = folder
        self._engine = engine
        self._writer = writer
        self._earlier = earlier or Earlier()
        self._tables = RowTables(engine, spec)
        self._kept = Keepsakes(folder.path / "once")
        self._scopes = [Scope("", committed=False)]
        self._announced: dict[str, tuple[int, str]] = {}
        self._commands = CommandLines(folder.commands, self._earlier.commands)
        self._stopping = False
        self._look_at = 0.0
        self._progress: tuple[int, int, str] | None = None
        self._progress_at = 0.0
        self._progress_lock = threading.Lock()

    # Rows

    def row(self, row: Row) -> None:
        """Emit one row.

        Raises:
            DataError: its type, arm, metric or seed is not declared.
            RunStopped: the user pressed Stop.
        """
        self._check()
        prefix = self._tables.prefix(row)
        scope = self._scopes[-1]
        if not scope.committed:
            self._writer.append(b"row", scope.json, prefix + row.__pydantic_serializer__.to_json(row))

    def table(self, kind: type[Row], frame: "pd.DataFrame") -> None:
        """Emit many rows at once as a parquet chunk; columns are the fields of `kind`.

        Raises:
            DataError: the type is not declared, or columns lack or are too many.
            RunStopped: the user pressed Stop.
        """
        self._check()
        chunk = self._tables.chunk(kind, frame)
        if self._scopes[-1].committed or chunk.empty:
            return
        name = f"{kind.table()}-{self._writer.seq:08d}.parquet"
        path = self._folder.path / "tables" / name
        path.parent.mkdir(exist_ok=True)
        chunk.to_parquet(path, index=False)
        sync(path)
        self._say("chunk", table=kind.table(), file=name, rows=len(chunk))

    def note(self, text: str) -> None:
        """Tell the reader something that is not an error.

        Raises:
            RunStopped: the user pressed Stop.
        """
        self._check()
        if not self._scopes[-1].committed:
            self._say("note", text=text)

    def record(self, name: str, value: str | float | bool) -> None:
        """Record a fact about the run's surroundings; the last value of a name counts.

        Raises:
            RunStopped: the user pressed Stop.
        """
        self._check()
        self._say("record", name=name, value=value)

    def artifact(self, name: str) -> Path:
        """A path to write a file to; it is announced when its scope closes.

        Raises:
            DataError: the name is not a plain file name.
            RunStopped: the user pressed Stop.
        """
        path = self._named(name, self._folder.artifact)
        path.parent.mkdir(exist_ok=True)
        self._scopes[-1].artifacts.append(name)
        return path

    def checkpoints(self, name: str) -> Path:
        """A folder for what a trainer needs to go on after a kill; names and errors are as for `artifact`."""
        path = self._named(name, self._folder.checkpoints)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _named(self, name: str, place: Callable[[str], Path]) -> Path:
        self._check()
        try:
            return place(name)
        except RunNotFound as error:
            rule = "A letter or digit, then letters, digits, dots, underscores or hyphens, 128 at most."
            raise DataError(str(error), rule) from error

    # Scopes

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Open a phase; its rows are committed when it ends well.

        Raises:
            RunStopped: the user pressed Stop.
        """
        self._check()
        with self._inside(self._scopes[-1].phase_path(name)):
            self._say("phase", name=name)
            yield
        self._writer.flush()

    def progress(self, done: int, total: int, unit: str) -> None:
        """Report progress of the innermost phase; written at most ten times a second.

        Raises:
            RunStopped: the user pressed Stop.
        """
        self._check()
        with self._progress_lock:
            self._progress = (int(done), int(total), unit)
            if done >= total or time.monotonic() >= self._progress_at:
                self._write_progress()

    def cells(self) -> Sequence[RunCell]:
        """Every arm under every seed, arms outermost.

        Raises:
            RunStopped: the user pressed Stop.
        """
        self._check()
        return [RunCell(arm, seed) for arm in self.arms for seed in self.seeds]

    def map(self, cells: Sequence[RunCell], work: Callable[[RunCell, Any], Any], kind: type[Any]) -> list[Any]:
        """Do `work` for each cell in order; results are kept as by `once`.

        Raises:
            StateError: a cell was mapped already in this scope.
            RunStopped: the user pressed Stop.
        """
        return [self._keep(f"cell:{cell.key}", kind, partial(work, cell, self)) for cell in cells]

    def once(self, name: str, kind: type[Any], compute: Callable[[], Any]) -> Any:
        """Compute unless an earlier attempt did.

        Raises:
            StateError: the name was used already in this scope.
            DataError: the value is not of `kind`, or cannot be kept.
            RunStopped: the user pressed Stop.
        """
        return self._keep(f"once:{name}", kind, compute)

    def _keep(self, segment: str, kind: type[Any], compute: Callable[[], Any]) -> Any:
        self._check()
        path = self._scopes[-1].kept_path(segment)
        committed = path in self._earlier.closed
        if committed and (value := self._kept.kept(path, kind)) is not None:
            return value
        if committed:
            self._say("note", text=f"What was kept of {path!r} is missing or damaged; it is computed again.")
        with self._inside(path):
            self._kept.keep(path, kind, compute())
        self._writer.flush(durable=True)
        return self._kept.kept(path, kind)

    @contextmanager
    def _inside(self, path: str) -> Iterator[None]:
        self.settle()
        scope = Scope(path, committed=path in self._earlier.closed)
        self._scopes.append(scope)
        try:
            yield
            self.settle()
            self._announce(scope.artifacts)
            if not scope.committed:
                self._say("closed")
        finally:
            self._scopes.pop()

    # Stop and commands

    def stopping(self) -> bool:
        """Whether the user pressed Stop."""
        if not self._stopping and time.monotonic() >= self._look_at:
            self._stopping = self._folder.stop.exists()
            self._look_at = time.monotonic() + LOOK_SECONDS
        return self._stopping

    def _check(self) -> None:
        if self.stopping():
            raise RunStopped

    def commands(self) -> Iterator[Command]:
        """What the page asked since the last call, each once over all attempts, in order.

        Raises:
            RunStopped: the user pressed Stop.
        """
        self._check()
        for number, line in self._commands.new():
            command = self._command(line)
            if command is None:
                self._say("note", text=f"Command {number} could not be read and was skipped.")
                continue
            self._say("command", number=number, name=command.name)
            yield command

    def _command(self, line: bytes) -> Command | None:
        try:
            asked = from_json(line)
            return Command(asked["name"], fields.read_config(self._engine.commands[asked["name"]], asked["body"]))
        except (ValueError, KeyError, TypeError, ConfigError):
            return None

    # What the worker calls

    def settle(self) -> None:
        """Write progress that was held back."""
        with self._progress_lock:
            self._write_progress()

    def close(self) -> None:
        """Announce the artifacts that are left, whichever way the run ended."""
        self.settle()
        self._announce(self._scopes[0].artifacts)

    def _write_progress(self) -> None:
        if self._progress is not None:
            done, total, unit = self._progress
            self._progress = None
            self._progress_at = time.monotonic() + LOOK_SECONDS
            self._say("progress", done=done, total=total, unit=unit)

    def _announce(self, names: Sequence[str]) -> None:
        for name in dict.fromkeys(names):
            path = self._folder.artifact(name)
            if not path.is_file():
                continue
            saved = (path.stat().st_size, checksum(path))
            if self._announced.get(name) != saved:
                self._announced[name] = saved
                self._say("artifact", name=name, bytes=saved[0], sha256=saved[1])

    def _say(self, kind: str, **what: Any) -> None:
        self._writer.append(
            kind.encode(), self._scopes[-1].json, b"," + to_json(what, inf_nan_mode="constants")[1:-1] if what else b""
        )

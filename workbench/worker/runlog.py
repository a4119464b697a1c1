"""FolderLog: the RunLog that writes into a run folder, and picks up where an earlier attempt stood.

Design decisions:
- A row costs one dictionary look-up, pydantic's own serialisation and one line; no event model is built.
- The stop flag is looked for at most every 100 ms, progress written at most every 100 ms.
- A run that was extended goes through its recipe again: phases are said anew, kept values stay while their key stays.
- Events of one attempt come from the thread of the method; only progress is also settled by the worker's pulse.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from workbench.contract import fields
from workbench.contract.errors import DataError, RunNotFound, RunStopped
from workbench.contract.outcomes import outcome_frame
from workbench.contract.run_log import Command, RunCell
from workbench.contract.runs import RunFolder, RunSpec
from workbench.contract.schema import Config, Outcome, Row
from workbench.contract.tool import Runnable, Tool
from workbench.storage.command_lines import CommandLines, read_command
from workbench.storage.event_writer import EventWriter
from workbench.storage.extensions import read_extensions
from workbench.storage.replay import Earlier
from workbench.worker.once_cache import OnceCache, checksum, sync
from workbench.worker.phase_times import PhaseTimes
from workbench.worker.scopes import Scope
from workbench.worker.tables import RowTables
from workbench.worker.throttled_progress import ThrottledProgress

if TYPE_CHECKING:
    import pandas as pd

    from workbench.contract.outcomes import Names, Values

ROWS_AT_MOST = 64
"""Outcomes of one call that are written as rows; more become a parquet chunk."""
LOOK_SECONDS = 0.1
"""How often the stop flag is looked for, at most."""


class FolderLog:
    """The way out of a method into a run folder; see `workbench.contract.RunLog` for what each call means and raises.

    Args:
        folder: the run's folder.
        engine: the method's card, for its row types, metrics and commands.
        spec: what the run was asked.
        writer: where events go.
        earlier: what earlier attempts of the run did.
    """

    def __init__(
        self, folder: RunFolder, engine: Runnable, spec: RunSpec, writer: EventWriter, earlier: Earlier | None = None
    ) -> None:
        self.arms: Mapping[str, Config] = {}
        if not isinstance(engine, Tool) and spec.purpose != "ask":
            self.arms = fields.arm_configs(engine, spec)
        self.seeds: Sequence[int] = spec.seeds
        self._folder, self._engine, self._writer = folder, engine, writer
        earlier = earlier or Earlier()
        self._closed = earlier.closed
        self._closed.extension = len(read_extensions(folder.path))
        self._tables = RowTables(engine, spec)
        self._kept = OnceCache(folder.path / "once")
        self._scopes = [Scope("", committed=False)]
        self._announced: dict[str, tuple[int, str]] = {}
        self._commands = CommandLines(folder.commands, earlier.commands)
        self._stopping, self._look_at = False, 0.0
        self.times = PhaseTimes()
        self._progress = ThrottledProgress(partial(self._say, "progress"))
        self._reopen(self._closed.reopen_phases())
        self._scopes[0].committed = "" in self._closed

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

    def outcomes(
        self, metric: str, cell: RunCell, values: "Values", item: "Names" = None, cluster: "Names" = None,
        slice: "Names" = "",
    ) -> None:  # fmt: skip
        """Emit outcomes of one metric, of one arm under one seed: a few as rows, many as a chunk.

        Raises:
            DataError: as `outcome_frame`, or metric, arm or seed are not the run's.
            RunStopped: the user pressed Stop.
        """
        frame = outcome_frame(metric, cell, values, item, cluster, slice)
        if len(frame) > ROWS_AT_MOST:
            self.table(Outcome, frame)
            return
        for row in frame.to_dict("records"):
            self.row(Outcome.model_validate(row))

    def note(self, text: str) -> None:
        """Tell the reader something that is not an error."""
        self._check()
        if not self._scopes[-1].committed:
            self._say("note", text=text)

    def record(self, name: str, value: str | float | bool) -> None:
        """Record a fact about the run's surroundings; the last value of a name counts."""
        self._check()
        self._say("record", name=name, value=value)

    def artifact(self, name: str) -> Path:
        """Return a path to write a file to; it is announced when its scope closes.

        Raises:
            DataError: the name is not a plain file name.
            RunStopped: the user pressed Stop.
        """
        path = self._named(name, self._folder.artifact)
        path.parent.mkdir(exist_ok=True)
        self._scopes[-1].artifacts.append(name)
        return path

    def checkpoints(self, name: str) -> Path:
        """Return a folder for what a trainer needs to go on after a kill; names and errors are as for `artifact`."""
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
        """Open a phase; its rows are committed when it ends well."""
        self._check()
        with self.times.timed(name), self._inside(self._scopes[-1].phase_path(name)):
            self._say("phase", name=name)
            yield
        self._writer.flush()

    def progress(self, done: int, total: int, unit: str) -> None:
        """Report progress of the innermost phase; written at most ten times a second."""
        self._check()
        self._progress.report(done, total, unit)

    def cells(self) -> Sequence[RunCell]:
        """Return every arm under every seed, arms outermost."""
        self._check()
        return [RunCell(arm, seed) for arm in self.arms for seed in self.seeds]

    def map(
        self, cells: Sequence[RunCell], work: Callable[[RunCell, Any], Any], kind: type[Any], key: str = ""
    ) -> list[Any]:
        """Do `work` for each cell in order; results are kept as by `once`, all under the one key.

        Raises:
            StateError: a cell was mapped already in this scope.
            RunStopped: the user pressed Stop.
        """
        return [self._keep(f"cell:{cell.key}", kind, partial(work, cell, self), key) for cell in cells]

    def once(self, name: str, kind: type[Any], compute: Callable[[], Any], key: str = "") -> Any:
        """Compute unless an earlier attempt did with this key.

        With another key the value is computed anew, and so is what lies inside, unless it has a key of its own that
        stays: name the training inside of a cell that judges a growing set (key="training"), and it is kept.

        Raises:
            StateError: the name was used already in this scope.
            DataError: the value is not of `kind`, or cannot be kept.
            RunStopped: the user pressed Stop.
        """
        return self._keep(f"once:{name}", kind, compute, key)

    def _keep(self, segment: str, kind: type[Any], compute: Callable[[], Any], key: str) -> Any:
        self._check()
        path = self._scopes[-1].kept_path(segment)
        if self._closed.keeps(path, key):
            if (value := self._kept.kept(path, kind)) is not None:
                return value
            self._say("note", text=f"What was kept of {path!r} is missing or damaged; it is computed again.")
        else:
            self._reopen(self._closed.reopen_around(path))
        with self._inside(path, key):
            self._kept.keep(path, kind, compute())
        self._writer.flush(durable=True)
        return self._kept.kept(path, kind)

    def _reopen(self, paths: Sequence[str]) -> None:
        for path in paths:
            self._writer.say("reopened", path)
        if paths:
            self._writer.flush(durable=True)

    @contextmanager
    def _inside(self, path: str, key: str = "") -> Iterator[None]:
        self.settle()
        scope = Scope(path, committed=path in self._closed)
        self._scopes.append(scope)
        try:
            yield
            self.settle()
            self._announce(scope.artifacts)
            if not scope.committed:
                self._say("closed", **({"key": key} if key else {}))
        finally:
            self._scopes.pop()

    # Stop and commands

    def stopping(self) -> bool:
        """Return whether the user pressed Stop."""
        if not self._stopping and time.monotonic() >= self._look_at:
            self._stopping = self._folder.stop.exists()
            self._look_at = time.monotonic() + LOOK_SECONDS
        return self._stopping

    def _check(self) -> None:
        if self.stopping():
            raise RunStopped

    def commands(self) -> Iterator[Command]:
        """Yield what the page asked since the last call, once over all attempts, in order; raises as `row` does."""
        self._check()
        for number, line in self._commands.new():
            command = read_command(self._engine.commands, line)
            if command is None:
                self._say("note", text=f"Command {number} could not be read and was skipped.")
                continue
            self._say("command", number=number, name=command.name)
            yield command

    # What the worker calls

    def settle(self) -> None:
        """Write progress that was held back."""
        self._progress.settle()

    def finish(self) -> None:
        """Close the log of a run that did all it was asked; what an extended recipe no longer passed is dropped."""
        self._reopen(self._closed.reopen_unpassed())
        self.close()

    def close(self) -> None:
        """Announce the artifacts that are left, whichever way the run ended."""
        self.settle()
        self._announce(self._scopes[0].artifacts)

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

"""The bench: opens runs, queues them, has them worked off, stops, resumes and re-attaches them.

Design decisions:
- A run is a folder and a row before it is a process: what is refused leaves neither behind.
- Starting, stopping, resuming and extending are changes of state, compared and swapped; the supervisor acts on them,
  in whichever process it is. Closing a bench ends no run.
- A pre-flight and a question are runs with slots of their own, so that they never wait behind an hour of training.
"""

import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from workbench.bench.extending import More
from workbench.bench.run_extender import RunExtender
from workbench.bench.supervisor import Supervisor
from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError, HistoryError, RunNotFound, StateError, WorkbenchError
from workbench.contract.fields import arm_configs, read_config
from workbench.contract.registry import engine_named
from workbench.contract.runs import LIVE, RESUMABLE, RunFolder, RunId, RunSpec, new_run_id
from workbench.contract.tool import Runnable, Tool
from workbench.history import History, RunRecord
from workbench.launch import Launcher
from workbench.launch.bench_settings import BenchSettings
from workbench.launch.local import LocalLauncher
from workbench.storage.command_lines import append_command

__all__ = ["Bench", "BenchSettings"]


class Bench:
    """Runs the methods. Safe to use from any thread; several processes may share one data folder.

    Args:
        history: where runs are kept; the caller closes it.
        engines: the methods and tools by name.
        runs_root: where run folders lie.
        settings: slots, threads, niceness, spare worker, grace.
        worker: arguments of python that start a worker (`-m engines`).
    """

    def __init__(
        self,
        history: History,
        engines: Mapping[str, Runnable],
        runs_root: Path,
        settings: BenchSettings | None = None,
        worker: Sequence[str] = ("-m", "engines"),
    ) -> None:
        self.settings = settings or BenchSettings.from_environment()
        self._history = history
        self._engines = engines
        self._root = runs_root
        self._make_root()
        self._launcher: Launcher = LocalLauncher(self.settings, worker, runs_root.parent / "spares")
        self._extender = RunExtender(history, engines, runs_root)
        self._supervisor = Supervisor(history, engines, self._launcher, runs_root, self.settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def attach(self) -> None:
        """Take up every live run of the data folder: those whose worker lives go on, the others end as interrupted."""
        self._supervisor.nudge()

    def close(self) -> None:
        """Supervise no longer and let waiting workers go; runs go on without this process."""
        self._supervisor.close()
        self._launcher.close()

    def start(self, spec: RunSpec, *, owner: str = "", key: str | None = None, title: str = "") -> RunId:
        """Open a run and queue it; the same owner and key give the same run again.

        Raises:
            ConfigError: the spec does not fit its engine, or the title is too long.
            StateError: a question is asked of a run that has not finished.
            RunNotFound: a question is asked of a run that is gone.
            HistoryError: the run folder cannot be made (disk full, no permission).
        """
        self._check(spec)
        folder = self.folder(new_run_id(spec.engine))
        try:
            folder.make(spec)
            run = self._history.open_run(spec, owner=owner, key=key, title=title, run=folder.run)
        except OSError as error:
            shutil.rmtree(folder.path, ignore_errors=True)
            raise self._unwritable(error) from error
        except WorkbenchError:
            shutil.rmtree(folder.path, ignore_errors=True)
            raise
        if run != folder.run:
            shutil.rmtree(folder.path, ignore_errors=True)
        self._supervisor.nudge()
        return run

    def stop(self, run: RunId) -> None:
        """Ask the run to stop; what it has stays. A run that has ended stays as it is.

        Raises:
            RunNotFound: no run has that id.
            HistoryError: the stop flag cannot be written.
        """
        if not self._history.set_state(run, "stopped", expect={"queued"}):
            try:
                self.folder(run).stop.touch()
            except OSError as error:
                raise HistoryError(f"Run {run} cannot be told to stop: {error.strerror}.") from error
            self._history.set_state(run, "stopping", expect={"starting", "running"})
        self._supervisor.nudge()

    def resume(self, run: RunId) -> None:
        """Queue a run that ended early again: the same run, the next attempt, what was kept is not repeated.

        Raises:
            RunNotFound: no run has that id, or its folder is gone.
            StateError: the run is live, finished, deleted, or was made elsewhere.
        """
        record = self._history.record(run)
        if not record.resumable or record.deleted:
            why = "was made elsewhere" if record.origin else "was deleted" if record.deleted else f"is {record.state}"
            raise StateError(f"Run {run} {why}; it cannot be resumed.", "Run it again with the same settings.")
        self._check(record.spec)
        folder = self.folder(run)
        folder.spec()
        folder.stop.unlink(missing_ok=True)
        self._history.set_state(run, "queued", expect=RESUMABLE)
        self._supervisor.nudge()

    def extend(self, run: RunId, more: More) -> None:
        """Queue a finished run with more seeds, items or arms: the same run, what stays is not repeated.

        Raises:
            RunNotFound, ConfigError, StateError: see `workbench.bench.run_extender.RunExtender.extend`.
        """
        self._extender.extend(run, more)
        self._supervisor.nudge()

    def take_back(self, run: RunId) -> None:
        """Queue a run whose extension ended early as it was before; what it had then is kept.

        Raises:
            RunNotFound, StateError: see `workbench.bench.run_extender.RunExtender.take_back`.
        """
        self._extender.take_back(run)
        self._supervisor.nudge()

    def command(self, run: RunId, name: str, body: Mapping[str, Any]) -> None:
        """Steer a live run by one of its engine's commands.

        Raises:
            ConfigError: the engine has no such command, or its body is refused.
            StateError: the run is not live.
            HistoryError: the command cannot be written.
        """
        record = self._history.record(run)
        known = engine_named(record.engine, self._engines).commands
        if name not in known:
            listed = ", ".join(known) or "none"
            raise ConfigError({"command": f"{name[:80]!r} was given; commands of {record.engine}: {listed}."})
        asked = read_config(known[name], body)
        if not record.live:
            raise StateError(f"Run {run} is {record.state}; it takes no commands.", "Steer a run while it is live.")
        try:
            append_command(self.folder(run).commands, name, asked)
        except OSError as error:
            raise HistoryError(f"The command cannot be written: {error.strerror}.", "Free disk space.") from error

    def move(self, run: RunId, before: RunId | None) -> None:
        """Put a waiting run before another one, or at the end of the queue.

        Raises:
            StateError: one of the two does not wait.
        """
        self._history.move(run, before)

    def delete(self, run: RunId) -> None:
        """Hide a run that is not live; the history brings it back until it is purged.

        Raises:
            StateError: the run is live.
        """
        self._history.delete(run)

    def wait(self, run: RunId, timeout: float | None = None) -> RunRecord:
        """Return the run's record once it has ended, or as it is after `timeout` seconds.

        Raises:
            RunNotFound: no run has that id.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while (record := self._history.record(run)).state in LIVE:
            left = 0.2 if deadline is None else min(0.2, deadline - time.monotonic())
            if left <= 0:
                break
            self._supervisor.wait_for_change(left)
        return record

    def folder(self, run: RunId) -> RunFolder:
        """Return the run's folder, there or not.

        Raises:
            RunNotFound: not the id of a run.
        """
        return RunFolder(self._root, run)

    def queue_position(self, run: RunId) -> int | None:
        """Place in the queue, 1 for the next; None for a run that does not wait."""
        waiting = self._history.queue()
        return waiting.index(run) + 1 if run in waiting else None

    def waiting_memory(self) -> int:
        """Resident bytes of workers that are held ready: the spare, and the one that keeps its model warm."""
        return self._launcher.waiting_memory()

    def _make_root(self) -> None:
        try:
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> HistoryError:
        return HistoryError(
            f"No run folder can be made in {self._root}: {error.strerror}.",
            "Free disk space, or set BENCHWRIGHT_HOME to a folder that you may write to.",
        )

    def _check(self, spec: RunSpec) -> None:
        engine = engine_named(spec.engine, self._engines)
        if isinstance(engine, Tool) or spec.purpose == "tool":
            if not isinstance(engine, Tool) or spec.purpose != "tool":
                raise ConfigError({"purpose": f"{engine.title} cannot be run as {spec.purpose!r}."})
            read_config(engine.question, spec.settings)
            return
        if spec.purpose == "ask":
            self._check_question(engine, spec)
            return
        if not spec.arms:
            raise ConfigError({"arms": "No arm was chosen; choose at least one."})
        read_config(engine.config, spec.settings)
        arm_configs(engine, spec)

    def _check_question(self, engine: Engine, spec: RunSpec) -> None:
        if engine.ask is None:
            raise ConfigError({"question": f"{engine.title} takes no follow-up questions."})
        read_config(engine.ask.question, spec.settings)
        if spec.parent is None:
            raise RunNotFound("A question needs a finished run to ask.", "Open a finished run and ask there.")
        parent = self._history.record(spec.parent)
        if parent.state != "finished":
            raise StateError(f"Run {spec.parent} is {parent.state}.", "Ask once it has finished.")

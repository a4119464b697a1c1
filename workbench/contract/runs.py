"""A run as a value (RunSpec) and as a folder on disk (RunFolder)."""

import contextlib
import fcntl
import json
import os
import re
import secrets
import time
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from workbench.contract.errors import RunNotFound

RUN_ID = re.compile(r"^[a-z0-9][a-z0-9_-]{0,63}\Z")
ARTIFACT_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")

RunId = str
State = Literal["queued", "starting", "running", "stopping", "finished", "failed", "stopped", "interrupted"]
Purpose = Literal["run", "preflight", "ask", "tool"]

LIVE: frozenset[State] = frozenset({"queued", "starting", "running", "stopping"})
RESUMABLE: frozenset[State] = frozenset({"failed", "stopped", "interrupted"})

ArmName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]


class RunSpec(BaseModel):
    """Everything needed to repeat a run: the form's result, the worker's input, the history row, the YAML file.

    `settings` holds every field of the engine's Config (of its Question for an ask), so that a later change of a
    default does not change an old run. `own_arms` are the user's arms: overrides of settings by name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
    settings: dict[str, Any]
    arms: tuple[ArmName, ...] = ()
    seeds: Annotated[tuple[Annotated[int, Field(ge=0, lt=2**31)], ...], Field(min_length=1, max_length=1000)] = (0,)
    own_arms: dict[ArmName, dict[str, Any]] = {}
    parent: str | None = None
    purpose: Purpose = "run"


def new_run_id(engine: str) -> RunId:
    """Return a readable id that nobody can guess: date, engine, 40 random bits."""
    day = datetime.now(UTC).strftime("%y%m%d-%H%M")
    return f"{day}-{engine[:24].replace('_', '-')}-{secrets.token_hex(5)}"


class RunFolder:
    """The files of one run. The folder is self-contained: copied elsewhere it can be imported and shown.

    spec.json          the RunSpec
    looks.json         how the run was extended, and what was decided by then; none where it never was
    environment.json   versions, hardware, command line of the first attempt
    events.jsonl       what the run said, appended by the worker alone
    log.txt            standard output and error of the worker
    worker.json        pid and start time of the current worker
    heartbeat          touched by the worker every few seconds
    stop               exists once the user pressed Stop
    commands.jsonl     what the page asked of the live run, appended by the bench
    once/ tables/ artifacts/ checkpoints/
    """

    def __init__(self, root: Path, run: RunId) -> None:
        if not RUN_ID.fullmatch(run):
            raise RunNotFound(f"{run[:80]!r} is not the id of a run.", "Open the run from the History tab.")
        self.run = run
        self.path = root / run

    @property
    def events(self) -> Path:
        """events.jsonl"""
        return self.path / "events.jsonl"

    @property
    def log(self) -> Path:
        """log.txt"""
        return self.path / "log.txt"

    @property
    def stop(self) -> Path:
        """The stop flag."""
        return self.path / "stop"

    @property
    def commands(self) -> Path:
        """commands.jsonl"""
        return self.path / "commands.jsonl"

    @property
    def heartbeat(self) -> Path:
        """The heartbeat file."""
        return self.path / "heartbeat"

    def make(self, spec: RunSpec) -> None:
        """Create the folder and write the spec."""
        for name in ("once", "tables", "artifacts", "checkpoints"):
            (self.path / name).mkdir(parents=True, exist_ok=True)
        write_atomically(self.path / "spec.json", spec.model_dump_json(indent=1))

    def spec(self) -> RunSpec:
        """Read the spec back.

        Raises:
            RunNotFound: the folder or its spec is gone.
        """
        try:
            return RunSpec.model_validate_json((self.path / "spec.json").read_bytes())
        except FileNotFoundError as error:
            raise RunNotFound(f"Run {self.run} has no folder any more.", "It may have been deleted.") from error

    def worker(self) -> tuple[int, float] | None:
        """(pid, start time) of the worker that took the run up last."""
        try:
            body = json.loads((self.path / "worker.json").read_bytes())
            return int(body["pid"]), float(body["started"])
        except (FileNotFoundError, ValueError, KeyError):
            return None

    def name_worker(self, pid: int, started: float) -> None:
        """Write down which process has the run now."""
        with self._held():
            write_atomically(self.path / "worker.json", json.dumps({"pid": pid, "started": started}))

    def forget_worker(self, pid: int) -> None:
        """Take the worker's name away, unless another worker has taken the run up since."""
        with self._held():
            found = self.worker()
            if found is not None and found[0] == pid:
                (self.path / "worker.json").unlink(missing_ok=True)

    def artifact(self, name: str) -> Path:
        """Path of an artifact by its bare name.

        Raises:
            RunNotFound: the name is not one that an artifact can have.
        """
        if not ARTIFACT_NAME.fullmatch(name):
            raise RunNotFound(f"{name[:80]!r} is not the name of an artifact.")
        return self.path / "artifacts" / name

    def checkpoints(self, name: str) -> Path:
        """Folder of a training's checkpoints by its bare name.

        Raises:
            RunNotFound: the name is not one that an artifact can have.
        """
        return self.path / "checkpoints" / self.artifact(name).name

    @contextlib.contextmanager
    def _held(self) -> Generator[None]:
        """Hold the folder's lock, which the kernel releases when its holder dies."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def beat(self) -> None:
        """Tell the bench that the worker lives."""
        self.heartbeat.touch()

    def seconds_since_beat(self) -> float | None:
        """Age of the heartbeat in seconds, None before the first."""
        try:
            return max(0.0, time.time() - self.heartbeat.stat().st_mtime)
        except FileNotFoundError:
            return None


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader or a crash sees the old content or the new, never a part."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with scratch.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    scratch.replace(path)

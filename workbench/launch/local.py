"""Workers on this machine: one process a run, a spare that has imported the heavy libraries, a warm one for questions.

Design decisions:
- Every worker is started the same way and told its run over a socket (`worker_channel`); a spare is a worker
  that has not been told yet, a warm worker one that has finished and still holds its model.
- A worker leads a session of its own: closing the terminal or the server does not end it, and it is stopped as a group.
- Only pre-flights and questions go to a warm worker; a run gets a fresh process, so that runs cannot touch each other.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from workbench.contract.errors import ResourceError
from workbench.contract.runs import RunFolder, RunSpec
from workbench.launch import Handle
from workbench.launch.bench_settings import BenchSettings
from workbench.launch.environment import worker_environment
from workbench.launch.process import lives, memory_bytes, signal_group, start_time
from workbench.launch.worker_channel import Outbox

WARM_SHARE = 0.25
"""A worker that holds more than this share of the machine's memory is not kept warm."""


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    outbox: Outbox
    handle: Handle
    engine: str = ""
    ready: bool = False
    idle_since: float | None = None
    memory: int = 0


class LocalLauncher:
    """See `workbench.launch.Launcher`.

    Args:
        settings: threads, niceness, whether to keep a spare, how long to keep a warm worker.
        worker: arguments of python that start a worker.
        scratch: folder for what spares print before they have a run.
    """

    def __init__(self, settings: BenchSettings, worker: Sequence[str], scratch: Path) -> None:
        self._settings = settings
        self._arguments = tuple(worker)
        self._scratch = scratch
        self._lock = threading.RLock()
        self._spare: _Worker | None = None
        self._workers: dict[Handle, _Worker] = {}

    def start(self, spec: RunSpec, folder: RunFolder) -> Handle:
        """Have a warm, spare or new worker take the run up.

        Raises:
            ResourceError: no process can be started, or the folder cannot be written.
        """
        with self._lock:
            self._listen()
            worker = None
            try:
                worker = self._warm(spec) or self._take_spare() or self._new()
                return self._assign(worker, spec, folder)
            except OSError as error:
                if worker is not None:
                    self._let_go(worker)
                raise ResourceError(
                    f"No worker could be started: {error.strerror or error}.",
                    "Free memory or disk space, then press Resume.",
                ) from error

    def alive(self, handle: Handle) -> bool:
        """Return whether that very worker still lives."""
        with self._lock:
            worker = self._workers.get(handle)
            if worker is not None:
                return worker.process.poll() is None
        return lives(handle.pid, handle.started)

    def owns(self, handle: Handle) -> bool:
        """Return whether this launcher started that worker."""
        with self._lock:
            return handle in self._workers

    def stop(self, handle: Handle, grace: float) -> None:
        """Send SIGTERM to the worker's group, SIGKILL after `grace` seconds; does not wait."""
        if signal_group(handle.pid, handle.started, signal.SIGTERM):
            timer = threading.Timer(grace, signal_group, (handle.pid, handle.started, signal.SIGKILL))
            timer.daemon = True
            timer.start()

    def death(self, handle: Handle) -> str:
        """Return why a dead worker died, in one sentence.

        Empty where nothing is known.
        """
        with self._lock:
            worker = self._workers.get(handle)
            code = worker.process.poll() if worker else None
            if worker is not None and code is not None:
                self._let_go(worker)
        if code == -signal.SIGKILL:
            return "The worker was killed, perhaps because memory ran out."
        if code is not None and code < 0:
            return f"The worker was ended by {signal.Signals(-code).name}; the log may say more."
        return "The worker ended without a word; the log may say more." if code else ""

    def prepare(self) -> None:
        """Reap the dead, let warm workers go after their time, keep one spare if asked."""
        with self._lock:
            self._listen()
            if self._spare is not None and self._spare.process.poll() is not None:
                self._let_go(self._spare)
                self._spare = None
            if self._spare is None and self._settings.spare:
                with contextlib.suppress(OSError):
                    self._spare = self._new()

    def waiting_memory(self) -> int:
        """Resident bytes of the spare and the warm worker, which are held for nothing but speed."""
        with self._lock:
            waiting = [w for w in self._workers.values() if w.idle_since is not None]
            waiting += [self._spare] if self._spare else []
            return sum(memory_bytes(worker.handle.pid) for worker in waiting)

    def spare_ready(self) -> bool:
        """Return whether a spare has imported all it imports ahead of time."""
        with self._lock:
            self._listen()
            return self._spare is not None and self._spare.ready

    def close(self) -> None:
        """Let waiting workers go; those that work go on until their run ends."""
        with self._lock:
            if self._spare is not None:
                self._let_go(self._spare)
                self._spare = None
            for worker in list(self._workers.values()):
                self._let_go(worker)

    def _warm(self, spec: RunSpec) -> _Worker | None:
        if spec.purpose == "run":
            return None
        idle = [w for w in self._workers.values() if w.idle_since is not None and w.engine == spec.engine]
        return idle[0] if idle and idle[0].process.poll() is None else None

    def _take_spare(self) -> _Worker | None:
        spare, self._spare = self._spare, None
        if spare is not None and spare.process.poll() is not None:
            self._let_go(spare)
            return None
        return spare

    def _new(self) -> _Worker:
        ours, theirs = socket.socketpair()
        with contextlib.ExitStack() as closing, theirs, self._output() as output:
            closing.enter_context(ours)
            process = subprocess.Popen(
                [sys.executable, "-P", *self._arguments, *self._options()],
                stdin=theirs.fileno(),
                stdout=output,
                stderr=output,
                env=worker_environment(
                    self._settings.threads, ("workbench", self._arguments[-1]), alone=self._settings.slots == 1
                ),
                start_new_session=True,
            )
            closing.pop_all()
        # Reaps the process whenever it ends, so that it is never a zombie and its exit code is known.
        threading.Thread(target=process.wait, name=f"worker {process.pid}", daemon=True).start()
        handle = Handle(process.pid, start_time(process.pid) or time.time())
        return _Worker(process, Outbox(ours), handle)

    def _output(self) -> "contextlib.AbstractContextManager":
        self._scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        return (self._scratch / f"worker-{os.getpid()}.txt").open("wb")

    def _options(self) -> list[str]:
        limit = self._settings.memory_limit_bytes
        memory = ["--memory", str(limit)] if limit else []
        return ["--niceness", str(self._settings.niceness), *memory]

    def _assign(self, worker: _Worker, spec: RunSpec, folder: RunFolder) -> Handle:
        folder.name_worker(worker.handle.pid, worker.handle.started)
        folder.beat()
        worker.engine, worker.idle_since = spec.engine, None
        self._workers[worker.handle] = worker
        worker.outbox.assign(folder)
        return worker.handle

    def _listen(self) -> None:
        """Hear which workers are ready or idle, reap the dead, let go of those that waited long enough."""
        if self._spare is not None:
            self._spare.ready |= any("ready" in report for report in self._spare.outbox.reports())
        for worker in list(self._workers.values()):
            for report in worker.outbox.reports():
                if "idle" in report:
                    worker.idle_since, worker.memory = time.monotonic(), report["memory_bytes"]
        idle = sorted(
            (w for w in self._workers.values() if w.idle_since is not None), key=lambda w: w.idle_since or 0.0
        )
        for place, worker in enumerate(reversed(idle)):
            if place > 0 or not self._worth_keeping(worker):
                self._let_go(worker)

    def _worth_keeping(self, worker: _Worker) -> bool:
        waited = time.monotonic() - (worker.idle_since or 0.0)
        small = worker.memory <= WARM_SHARE * psutil.virtual_memory().total
        return small and waited < self._settings.warm_minutes * 60

    def _let_go(self, worker: _Worker) -> None:
        worker.outbox.close()
        self._workers.pop(worker.handle, None)

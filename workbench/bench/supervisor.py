"""The thread that starts waiting runs, sees that their workers live, and ends those that should stop.

Design decisions:
- Several processes (server, command line) may supervise one data folder. What must not happen twice (to start a run, to
  declare its worker dead) is done under a file lock that the kernel releases when its holder dies, and by
  compare-and-swap of the run's state.
- All that is known lies on disk: state in the history, worker and stop flag in the run folder. A supervisor that starts
  anew goes on where the last one stood.
"""

import contextlib
import fcntl
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

from workbench.bench.ingest_loop import IngestLoop
from workbench.contract.errors import HistoryError, ResourceError, RunNotFound, RunStopped, WorkbenchError
from workbench.contract.runs import LIVE, Purpose, RunFolder, RunId, State
from workbench.contract.tool import Runnable
from workbench.history import History, RunFilter
from workbench.launch import Handle, Launcher
from workbench.launch.bench_settings import BenchSettings
from workbench.storage.extensions import write_extended
from workbench.storage.log_file import LIMIT_BYTES, cut_log

TICK_SECONDS = 0.25
IDLE_SECONDS = 2.0
SILENT_SECONDS = 3.0
"""A worker that is not ours and not seen is dead when its heartbeat is older; it may live in another container."""
SPARE_DELAY = 8.0
"""A new spare waits until the run that took the last one has begun: importing takes both cores for a while."""
FIRST_SPARE_DELAY = 2.0
TROUBLE = (WorkbenchError, OSError, ValueError)
"""What a run or a disk in a bad state may raise; it must not keep the other runs from going on."""
_WORKING: frozenset[State] = LIVE - {"queued"}
_PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


class Supervisor:
    """Watches over the runs of one data folder.

    Args:
        history: states and queue.
        engines: runs of other engines are left to others.
        launcher: starts and ends workers.
        runs_root: where run folders lie.
        settings: slots, grace.
    """

    def __init__(
        self,
        history: History,
        engines: Mapping[str, Runnable],
        launcher: Launcher,
        runs_root: Path,
        settings: BenchSettings,
    ) -> None:
        self._history = history
        self._engines = engines
        self._launcher = launcher
        self._root = runs_root
        self._settings = settings
        self._deadlines: dict[RunId, float] = {}
        self._kinds: dict[RunId, tuple[str, Purpose]] = {}
        self._spare_at = time.monotonic() + FIRST_SPARE_DELAY
        self._look_at = 0.0
        self._wake = threading.Condition()
        self._woken = self._closed = False
        self.ingest = IngestLoop(history, self._ended)
        self._thread = threading.Thread(target=self._loop, name="supervisor", daemon=True)
        self._thread.start()

    def nudge(self) -> None:
        """Look at the queue and the runs now."""
        with self._wake:
            self._woken = True
            self._wake.notify_all()

    def wait_for_change(self, seconds: float) -> None:
        """Wait until a run ended or was nudged, at most so long."""
        with self._wake:
            self._wake.wait(seconds)

    def close(self) -> None:
        """End the threads; workers go on."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()
        self._thread.join()
        self.ingest.close()

    def _ended(self, run: RunId) -> None:
        self.nudge()

    def _loop(self) -> None:
        while True:
            with self._wake:
                busy = bool(self.ingest.watched())
                self._wake.wait_for(lambda: self._woken or self._closed, TICK_SECONDS if busy else IDLE_SECONDS)
                self._woken = False
                if self._closed:
                    return
            try:
                self._tick()
            except TROUBLE:
                # The history may be busy or the disk full; the next tick tries again.
                time.sleep(TICK_SECONDS)

    def _tick(self) -> None:
        if time.monotonic() >= self._look_at:
            self._find_live()
            self._look_at = time.monotonic() + IDLE_SECONDS
        for folder in self.ingest.watched():
            with contextlib.suppress(*TROUBLE):
                self._look_after(folder)
        self._start_waiting()
        if time.monotonic() >= self._spare_at:
            self._launcher.prepare()

    # Runs that were taken up, by this process or another

    def _find_live(self) -> None:
        for purpose in _PURPOSES:
            if not _WORKING.isdisjoint(self._history.counts(purpose)):
                page = self._history.listing(RunFilter(states=tuple(_WORKING), purpose=purpose), limit=1000)
                for record in page.records:
                    self.ingest.watch(self._folder(record.run))

    def _look_after(self, folder: RunFolder) -> None:
        try:
            record = self._history.record(folder.run)
        except RunNotFound:
            self.ingest.leave(folder.run)
            return
        if record.state not in _WORKING:
            self.ingest.leave(folder.run)
            self._deadlines.pop(folder.run, None)
        elif not self._worker_lives(folder):
            self._conclude(folder)
        elif record.state == "stopping":
            self._escalate(folder)
        cut_log(folder.log, limit=8 * LIMIT_BYTES)

    def _worker_lives(self, folder: RunFolder) -> bool:
        found = folder.worker()
        if found is None:
            return False
        if self._launcher.alive(Handle(*found)):
            return True
        silent = folder.seconds_since_beat()
        return silent is not None and silent < SILENT_SECONDS and not self._launcher.owns(Handle(*found))

    def _conclude(self, folder: RunFolder) -> None:
        """The worker is gone: take up its last words, and if it had none, say what became of the run."""
        with self._alone():
            self._history.ingest(folder.run, folder)
            record = self._history.record(folder.run)
            if record.state not in _WORKING or self._worker_lives(folder):
                return
            if record.state == "stopping":
                error = WorkbenchError("The run did not stop by itself and was ended.", RunStopped().hint)
                self._history.set_state(folder.run, "stopped", expect={"stopping"}, error=error)
            else:
                error = self._reason_of_death(folder)
                self._history.set_state(folder.run, "interrupted", expect={"starting", "running"}, error=error)
        self.nudge()

    def _reason_of_death(self, folder: RunFolder) -> WorkbenchError:
        if shutil.disk_usage(folder.path if folder.path.exists() else self._root).free < 1 << 20:
            return ResourceError("The disk is full.", "Delete old runs or files, then press Resume.")
        found = folder.worker()
        death = self._launcher.death(Handle(*found)) if found else ""
        return WorkbenchError(
            death or "The worker is gone: it was killed, or the machine was restarted.",
            "Press Resume to go on where it stood.",
        )

    def _escalate(self, folder: RunFolder) -> None:
        now = time.monotonic()
        deadline = self._deadlines.setdefault(folder.run, now + self._settings.grace_seconds)
        found = folder.worker()
        if now >= deadline and found is not None:
            patience = min(5.0, self._settings.grace_seconds)
            self._launcher.stop(Handle(*found), patience)
            self._deadlines[folder.run] = now + 2 * patience

    # Runs that wait

    def _start_waiting(self) -> None:
        waiting = self._history.queue()
        self._kinds = {run: kind for run, kind in self._kinds.items() if run in set(waiting)}
        if not any(self._may_start(run) for run in waiting):
            return
        with self._alone():
            for run in waiting:
                if self._may_start(run):
                    self._launch(run)

    def _may_start(self, run: RunId) -> bool:
        if run not in self._kinds:
            try:
                record = self._history.record(run)
            except TROUBLE:
                return False
            self._kinds[run] = (record.engine, record.purpose)
        engine, purpose = self._kinds[run]
        return engine in self._engines and self._room(purpose)

    def _room(self, purpose: Purpose) -> bool:
        if purpose == "run":
            return self._working("run") < self._settings.slots
        beside = sum(self._working(each) for each in _PURPOSES if each != "run")
        return beside < self._settings.side_slots

    def _working(self, purpose: Purpose) -> int:
        counts = self._history.counts(purpose)
        return sum(counts.get(state, 0) for state in _WORKING)

    def _launch(self, run: RunId) -> None:
        if not self._history.set_state(run, "starting", expect={"queued"}):
            return
        folder = self._folder(run)
        try:
            self._write_extension(folder)
            self._launcher.start(folder.spec(), folder)
        except (WorkbenchError, ValueError) as error:
            unread = HistoryError("What the run was asked cannot be read: its spec.json is damaged.", "Run it again.")
            told = error if isinstance(error, WorkbenchError) else unread
            self._history.set_state(run, "failed", expect=_WORKING, error=told)
            return
        self.ingest.watch(folder)
        self._spare_at = time.monotonic() + SPARE_DELAY

    def _write_extension(self, folder: RunFolder) -> None:
        """What an extended run is asked becomes its folder's here alone: until then the folder is as it finished."""
        extensions = self._history.extensions(folder.run)
        if not extensions:
            return
        try:
            write_extended(folder, self._history.record(folder.run).spec, extensions)
        except OSError as error:
            raise HistoryError(f"Run {folder.run} cannot be extended: {error.strerror}.", "Press Resume.") from error

    def _folder(self, run: RunId) -> RunFolder:
        return RunFolder(self._root, run)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of the data folder: nobody else starts a run or declares one dead meanwhile."""
        with (self._root / ".supervised").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

"""The worker process seen from inside: `python -m engines` waits for runs and works them off, one after another.

Design decisions:
- A worker owns its session, its log and its events; it survives the server that started it.
- Here alone stands the broad `except` of the project: whatever a method does wrong ends as an event that says so.
- While it waits for its first run a worker imports the heavy libraries, one by one, and looks up in between.
"""

import argparse
import contextlib
import gc
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import psutil

from workbench.contract.errors import RunStopped
from workbench.contract.facts import PHASE_SECONDS, Fact
from workbench.contract.fields import read_config
from workbench.contract.registry import engine_named
from workbench.contract.runs import RunFolder, RunSpec, write_atomically
from workbench.contract.tool import Runnable, Tool
from workbench.launch.process import start_time
from workbench.launch.worker_channel import Inbox
from workbench.storage.event_writer import EventWriter
from workbench.storage.extensions import read_extensions
from workbench.storage.finished_run import FinishedRun
from workbench.storage.log_file import cut_log
from workbench.storage.replay import Earlier, read_earlier
from workbench.worker.environment_info import environment_info
from workbench.worker.failures import failure_of
from workbench.worker.peak_memory import PeakMemory
from workbench.worker.preflight import preflight
from workbench.worker.runlog import FolderLog

HEAVY = (
    "numpy",
    "pandas",
    "pyarrow.parquet",
    "safetensors.numpy",
    "torch",
    "safetensors.torch",
    "scipy.linalg",
    "transformers",
    "transformers.modeling_utils",
    "transformers.models.auto.modeling_auto",
    "transformers.models.auto.tokenization_auto",
    "transformers.models.llama.modeling_llama",
)
"""What a spare worker imports while it waits, where installed; the bench itself imports none of it."""
PULSE_SECONDS = 0.5
LEAVE_SECONDS = 20.0
"""How long the interpreter may take to leave before it is cut short: a library's forgotten thread must not keep it."""


def serve(engines: Mapping[str, Runnable], arguments: Sequence[str] | None = None) -> None:
    """Wait for runs of these engines and work them off until the bench lets go; the whole of `python -m engines`."""
    options = _options(arguments)
    _settle_process(options.niceness, options.memory)
    inbox = Inbox()
    _import_heavy(inbox)
    inbox.report(ready=True)
    while (folder := inbox.next()) is not None:
        if not work_off(engines, folder):
            break
        gc.collect()
        inbox.report(idle=folder.run, memory_bytes=psutil.Process().memory_info().rss)
    _leave_in_time()


def work_off(engines: Mapping[str, Runnable], folder: RunFolder) -> bool:
    """Work one run off, whatever happens in it; false when the process was told to end (SIGTERM)."""
    _log_into(folder)
    earlier = read_earlier(folder.events)
    writer = EventWriter(folder.events, earlier.seq, earlier.attempt)
    begun = time.monotonic()
    pulse = _Pulse(folder)
    try:
        ended, told_to_end = _outcome(engines, folder, writer, earlier, pulse)
        pulse.end()
        sys.stdout.flush()
        sys.stderr.flush()
        cut_log(folder.log)
        _tell_end(writer, ended, time.monotonic() - begun)
    finally:
        pulse.end()
        with contextlib.suppress(OSError):
            writer.close()
            folder.forget_worker(os.getpid())
    return not told_to_end


def _outcome(
    engines: Mapping[str, Runnable],
    folder: RunFolder,
    writer: EventWriter,
    earlier: Earlier,
    pulse: "_Pulse",
) -> tuple[dict[str, Any], bool]:
    """The closing event of the run, and whether the process was told to end."""
    log = None
    try:
        extension = len(read_extensions(folder.path))
        started = start_time(os.getpid())
        writer.say("started", "", pid=os.getpid(), process_started=started, extension=extension)
        writer.flush(durable=True)
        spec = folder.spec()
        engine = engine_named(spec.engine, engines)
        if not (folder.path / "environment.json").exists():
            write_atomically(folder.path / "environment.json", json.dumps(environment_info(), indent=1))
        pulse.log = log = FolderLog(folder, engine, spec, writer, earlier)
        if spec.purpose == "run":
            log.times.tell = partial(_record_seconds, log)
        with PeakMemory() as peak:
            _call(engine, spec, folder, log)
        if spec.purpose == "run":
            log.record(Fact.PEAK_MEMORY, peak.bytes)
        log.finish()
        return {"kind": "finished"}, False
    except (RunStopped, KeyboardInterrupt, SystemExit) as error:
        _close_quietly(log)
        return {"kind": "stopped"}, isinstance(error, SystemExit)
    except Exception as error:  # noqa: BLE001 - the one place where the unknown becomes a sentence
        sys.excepthook(type(error), error, error.__traceback__)
        _close_quietly(log)
        return {"kind": "failed", **asdict(failure_of(error))}, False


def _call(engine: Runnable, spec: RunSpec, folder: RunFolder, log: FolderLog) -> None:
    if isinstance(engine, Tool):
        engine.load()(read_config(engine.question, spec.settings), log)
        return
    if spec.purpose == "ask":
        if engine.ask is None or spec.parent is None:
            raise ValueError(f"{engine.name} was asked a follow-up question without a run to ask about")
        parent = FinishedRun(RunFolder(folder.path.parent, spec.parent), engine.arms)
        engine.load_ask()(read_config(engine.ask.question, spec.settings), parent, log)
        return
    if spec.purpose == "preflight":
        preflight(engine, spec, log)
    else:
        engine.load()(read_config(engine.config, spec.settings), log)


def _record_seconds(log: FolderLog, phase: str, seconds: float) -> None:
    log.record(PHASE_SECONDS + phase, round(seconds, 3))


def _close_quietly(log: FolderLog | None) -> None:
    if log is not None:
        with contextlib.suppress(OSError):
            log.close()


def _tell_end(writer: EventWriter, ended: dict[str, Any], seconds: float) -> None:
    try:
        writer.say(ended.pop("kind"), "", **ended, seconds=round(seconds, 3))
        writer.flush(durable=True)
    except OSError as error:
        with contextlib.suppress(OSError):
            writer.recover()
            writer.say("failed", "", **asdict(failure_of(error)), seconds=round(seconds, 3))
            writer.flush(durable=True)


class _Pulse:
    """A thread that shows the bench that the worker lives, writes held-back progress and cuts the log."""

    def __init__(self, folder: RunFolder) -> None:
        self.log: FolderLog | None = None
        self._folder = folder
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop the thread and wait for it."""
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(PULSE_SECONDS):
            with contextlib.suppress(OSError):
                self._folder.beat()
                cut_log(self._folder.log)
                if self.log is not None:
                    self.log.settle()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Work off runs of the bench; started by it, not by hand.")
    parser.add_argument("--niceness", type=int, default=0, help="added to the process's niceness")
    parser.add_argument("--memory", type=int, default=0, help="most bytes of memory, 0 for no limit")
    return parser.parse_args(arguments)


def _settle_process(niceness: int, memory: int) -> None:
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        # RLIMIT_DATA counts what is truly private; the address space of torch is many times larger.
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    signal.signal(signal.SIGTERM, _end_by_signal)


def _end_by_signal(number: int, frame: object) -> None:
    # Once is enough: a second signal must not break off the words in which the run says that it was stopped.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + number)


def _import_heavy(inbox: Inbox) -> None:
    for name in HEAVY:
        if inbox.waiting():
            return
        with contextlib.suppress(ImportError):
            if find_spec(name.split(".")[0]) is not None:
                import_module(name)


def _log_into(folder: RunFolder) -> None:
    descriptor = os.open(folder.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    sys.stdout.flush()
    sys.stderr.flush()
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    os.close(descriptor)


def _leave_in_time() -> None:
    timer = threading.Timer(LEAVE_SECONDS, os._exit, (0,))
    timer.daemon = True
    timer.start()

"""A method's recipe worked off in this process, into a run folder of its own, and tables to draw views from."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.bench.extending import More, extended_spec, items_of
from workbench.contract.engine import Engine
from workbench.contract.fields import with_purpose
from workbench.contract.runs import RunFolder, RunSpec
from workbench.contract.views import Tables
from workbench.storage.event_writer import EventWriter
from workbench.storage.extensions import Extension, read_extensions, write_extended
from workbench.storage.finished_run import FinishedRun
from workbench.storage.replay import read_earlier
from workbench.worker.preflight import preflight
from workbench.worker.runlog import FolderLog


def start(
    engine: Engine,
    spec: RunSpec,
    root: Path,
    name: str,
    log_type: type[FolderLog] = FolderLog,
    work: Callable[[Any, Any], None] | None = None,
) -> FinishedRun:
    """Work a spec off, with `work` in place of the method where given; a folder that exists is resumed."""
    folder = RunFolder(root, name)
    if not folder.path.exists():
        folder.make(spec)
    earlier = read_earlier(folder.events)
    writer = EventWriter(folder.events, earlier.seq, earlier.attempt)
    try:
        extension = len(read_extensions(folder.path))
        writer.say("started", "", pid=os.getpid(), process_started=0.0, extension=extension)
        log = log_type(folder, engine, spec, writer, earlier)
        config = None if spec.purpose == "ask" else engine.config.model_validate(spec.settings)
        (work or engine.load())(config, log)
        log.finish()
        writer.say("finished", "", seconds=0.0)
    finally:
        writer.close()
    return FinishedRun(folder, engine.arms)


def probe(engine: Engine, spec: RunSpec, root: Path, name: str) -> FinishedRun:
    """Work the pre-flight of a spec off."""
    asked = with_purpose(spec, "preflight")
    return start(engine, asked, root, name, work=lambda config, log: preflight(engine, asked, log))


def extend(
    engine: Engine,
    root: Path,
    name: str,
    more: More,
    log_type: type[FolderLog] = FolderLog,
    work: Callable[[Any, Any], None] | None = None,
) -> FinishedRun:
    """Give a run that `start` finished more seeds, items or arms, and work it off again from the top."""
    folder = RunFolder(root, name)
    before, extensions = folder.spec(), read_extensions(folder.path)
    spec = extended_spec(engine, before, more, extensions)
    now = Extension(seeds=before.seeds, arms=before.arms, items=items_of(engine, before), looks=more.looks)
    write_extended(folder, spec, (*extensions, now))
    return start(engine, spec, root, name, log_type, work)


def tables(engine: Engine, **frames: pd.DataFrame) -> Tables:
    """The method's tables with these rows, by name; the others are empty."""
    kinds = list(engine.row_types().values())
    by_kind = {kind: frames.get(kind.table(), pd.DataFrame(columns=list(kind.model_fields))) for kind in kinds}
    return Tables(lambda kind: by_kind[kind], kinds)

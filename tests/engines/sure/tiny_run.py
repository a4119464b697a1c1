"""A whole run of the method in seconds: a reader with a planted shortcut, invented questions, a folder of its own."""

import os
from pathlib import Path

import pandas as pd

from engines.sure import ENGINE
from engines.sure.rows import AskedForm
from tests.engines.sure.planted_reader import make_planted_reader, write_questions
from workbench.event_writer import EventWriter
from workbench.fields import read_spec
from workbench.finished_run import FinishedRun
from workbench.home import place
from workbench.replay import read_earlier
from workbench.runlog import FolderLog
from workbench.runs import RunFolder, RunSpec
from workbench.schema import Outcome
from workbench.views import Tables

KINDS = (*ENGINE.rows, Outcome, AskedForm)


def tiny_spec(preset: str = "quick", arms=None, seeds=(0,), **settings) -> RunSpec:
    """A spec on the tiny reader; both are made in the data folder unless they are there."""
    model, data = place("uploads") / "planted-reader", place("uploads") / "holders.jsonl"
    if not model.exists():
        make_planted_reader(model)
    if not data.exists():
        write_questions(data)
    own = {
        "reader": str(model), "data": str(data), "prompting": "plain", "dtype": "float32", "questions": 12,
        "noise_questions": 3, "answer_tokens": 3, "attention_pairs": 3, "oracle_questions": 12, "mending_pairs": 3,
        "held_out_questions": 4, "batch": 2, "rank": 2,
    }  # fmt: skip
    return read_spec(ENGINE, preset=preset, settings={**own, **settings}, arms=arms, seeds=seeds)


def start(spec: RunSpec, root: Path, name: str, log_type: type[FolderLog] = FolderLog, work=None) -> FinishedRun:
    """Work a spec off in this process; a folder that exists is resumed."""
    folder = RunFolder(root, name)
    if not folder.path.exists():
        folder.make(spec)
    earlier = read_earlier(folder.events)
    writer = EventWriter(folder.events, earlier.seq, earlier.attempt)
    try:
        writer.say("started", "", pid=os.getpid(), process_started=0.0)
        log = log_type(folder, ENGINE, spec, writer, earlier)
        config = None if spec.purpose == "ask" else ENGINE.config.model_validate(spec.settings)
        (work or ENGINE.load())(config, log)
        log.close()
        writer.say("finished", "", seconds=0.0)
    finally:
        writer.close()
    return FinishedRun(folder)


def tables(**frames: pd.DataFrame) -> Tables:
    """Tables with these rows, the others empty."""
    by_kind = {kind: frames.get(kind.table(), pd.DataFrame(columns=list(kind.model_fields))) for kind in KINDS}
    return Tables(lambda kind: by_kind[kind], KINDS)

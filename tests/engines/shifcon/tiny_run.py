"""A whole run of the method in a second: a tiny model, ten invented languages, a run folder of its own."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd

from engines.shifcon import ENGINE
from engines.shifcon.config import PairAtLayer
from tests.engines.parts.tiny_model import make_tiny_model
from workbench.event_writer import EventWriter
from workbench.fields import read_spec
from workbench.finished_run import FinishedRun
from workbench.home import place
from workbench.replay import read_earlier
from workbench.runlog import FolderLog
from workbench.runs import RunFolder, RunSpec
from workbench.views import Tables

LANGUAGES = ("en", "fr", "de", "es", "it", "pt", "nl", "sv", "da")
KINDS = (*ENGINE.rows, PairAtLayer)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def write_sentences(path: Path, count: int = 20) -> Path:
    """The same invented sentences in languages that differ by a cipher."""
    random = np.random.default_rng(0)
    ciphers = {language: random.permutation(26) for language in LANGUAGES}
    with path.open("w") as out:
        for at in range(count):
            said = random.integers(0, 26, random.integers(8, 14))
            row = {name: "".join(LETTERS[cipher[letter]] for letter in said) for name, cipher in ciphers.items()}
            out.write(json.dumps({"id": f"s{at}", **row}) + "\n")
    return path


def tiny_spec(preset: str = "quick", arms=None, seeds=(0,), **settings) -> RunSpec:
    """A spec on the tiny model; both are made in the data folder unless they are there."""
    model, data = place("uploads") / "tiny-of-shifcon", place("uploads") / "ciphers.jsonl"
    if not model.exists():
        make_tiny_model(model)
    if not data.exists():
        write_sentences(data)
    own = {"model": str(model), "data": str(data), "languages": LANGUAGES[1:], "dtype": "float32", "angle_rank": 2}
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

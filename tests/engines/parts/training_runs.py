"""A run folder to train in, for tests of training; `python -m` trains there in a process that can be killed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from engines.parts.rows import TaskAnswer, TokenUse, TrainingStep, TunedModel
from engines.parts.training.training import Trained, preference, supervised
from engines.parts.training.training_examples import Example, Preference
from engines.parts.training.training_setup import TrainingSettings
from tests.rooms import ENGINES
from workbench.contract.claims import Metric
from workbench.contract.engine import Arm
from workbench.contract.events import EVENT
from workbench.contract.fields import read_spec
from workbench.contract.runs import RunFolder
from workbench.storage.event_writer import EventWriter
from workbench.storage.home import place
from workbench.storage.replay import read_earlier
from workbench.worker.runlog import FolderLog

COUNTING = ENGINES["counting"]
CORRECT = Metric("correct", "share", "higher", "Share of problems answered rightly.")
ENGINE = replace(
    COUNTING,
    rows=(*COUNTING.rows, TrainingStep, TunedModel, TaskAnswer, TokenUse),
    metrics=(*COUNTING.metrics, CORRECT),
)
WORDS = ("red", "green", "blue", "white", "black", "brown", "grey", "pink")
EXAMPLES = [Example(f"say {word}: ", word) for word in WORDS]
PAIRS = [Preference(f"say {word}: ", word, word[::-1] + "!") for word in WORDS]
SETTINGS = TrainingSettings(
    epochs=3, batch=3, learning_rate=1e-2, longest=60, rank=4, dropout=0.1, dtype="float32", warmup_steps=2
)


def run_folder(name: str) -> RunFolder:
    """The folder of a run of that name in the data folder, made if missing."""
    folder = RunFolder(place("runs"), name)
    if not folder.path.exists():
        folder.make(read_spec(ENGINES["counting"]))
    return folder


@contextmanager
def attempt(folder: RunFolder, seeds: tuple[int, ...] | None = None, arms: tuple[Arm, ...] = ()) -> Iterator[FolderLog]:
    """A log into the folder, as a worker's attempt opens it; `arms` are asked beside those of the method."""
    engine = replace(ENGINE, arms=(*ENGINE.arms, *arms))
    named = tuple(arm.name for arm in engine.arms) if arms else None
    spec = read_spec(engine, seeds=seeds, arms=named) if arms or seeds else read_spec(engine)
    earlier = read_earlier(folder.events)
    writer = EventWriter(folder.events, earlier.seq, earlier.attempt)
    try:
        writer.say("started", "", pid=1, process_started=0.0)
        log = FolderLog(folder, engine, spec, writer, earlier)
        yield log
        log.close()
    finally:
        writer.close()


def trained(kind: str, model: str, folder: RunFolder, settings: TrainingSettings = SETTINGS) -> Trained:
    """Train on the examples or pairs above, in one attempt."""
    with attempt(folder) as log:
        return train(kind, model, log, settings)


def train(kind: str, model: str, log: FolderLog, settings: TrainingSettings = SETTINGS) -> Trained:
    """Train on the examples or pairs above."""
    if kind == "supervised":
        return supervised(model, EXAMPLES, settings, log, "student", arm="method")
    return preference(model, PAIRS, settings, log, "student", arm="method")


def steps_of(folder: RunFolder) -> list[dict]:
    """The training steps that the last attempt said, without what was measured."""
    events = [EVENT.validate_json(line).model_dump() for line in folder.events.read_bytes().splitlines()]
    begun = max(at for at, event in enumerate(events) if event["kind"] == "started")
    rows = [event["row"] for event in events[begun:] if event["kind"] == "row"]
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


if __name__ == "__main__":
    trained("supervised", sys.argv[1], run_folder(sys.argv[2]), replace(SETTINGS, checkpoint_seconds=0.0))

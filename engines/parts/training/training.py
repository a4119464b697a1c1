"""Supervised and preference (DPO) tuning of a causal language model with LoRA, by TRL's trainers, wired to a RunLog.

Design decisions:
- A training is a `RunLog.once`: a finished one is never repeated. A killed one goes on from its last checkpoint, and
  continues exactly as if it had not been killed (weights, optimiser, schedule, order of the data, random numbers).
- The model is loaded for the training alone: the shared models of `models.load_causal` stay as they are.
- The base runs in the dtype that is fastest here, the adapter in float32; there is no autocast and no loss scaling.
- The reference of DPO is the model with the adapter switched off, so that no second copy is kept.
- The trainers are accelerate's, unchanged: under `accelerate launch` the batch is per device and the first process
  alone reports steps and saves the adapter. A process by itself uses one device.

Sources: LoRA (Hu et al., 2021), DPO (Rafailov et al., 2023), TRL.
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from engines.parts.models.adapters import SUFFIX, write_adapter
from engines.parts.models.models import LoadedModel, load_own, resolve_model
from engines.parts.rows.training_step import TrainingStep
from engines.parts.training.training_examples import Encoded, Example, Preference
from engines.parts.training.training_setup import (
    Kind,
    TrainingSettings,
    encoded_for,
    enough_memory,
    make_trainer,
    own_randomness,
)
from workbench.storage.home import place

if TYPE_CHECKING:
    from workbench.contract.run_log import RunLog


class TrainingRecord(BaseModel):
    """What a training left behind in numbers, as it is kept for a resumed run."""

    losses: tuple[float, ...]
    tokens: int
    seconds: float
    examples: int
    dropped: int
    cut: int
    parameters: int


@dataclass(frozen=True)
class Trained:
    """A finished training.

    Attributes:
        path: the adapter file, an artifact of the run.
        ref: the tuned model as a ModelRef, usable in this run and later ones.
        record: losses by step, tokens and seconds of all steps, examples used, left out and cut, trained weights.
    """

    path: Path
    ref: str
    record: TrainingRecord


def supervised(
    model_ref: str, examples: Sequence[Example], settings: TrainingSettings, log: "RunLog", name: str, arm: str = ""
) -> Trained:
    """Tune a model to answer as the examples do: cross-entropy over the tokens of the responses alone.

    Emits a `TrainingStep` per update (of `arm` and the settings' seed), which the method's card must list in `rows`.

    Args:
        name: of the adapter, unique in the run: it is saved as NAME.adapter.zip.

    Raises:
        DataError: no example is usable.
        ModelError: the model cannot be used, has no layer of the asked names, or the training diverged.
        ResourceError: memory ran out.
        RunStopped: the user pressed Stop; a checkpoint was saved.
    """
    return _train("supervised", model_ref, examples, settings, log, (name, arm))


def preference(
    model_ref: str, pairs: Sequence[Preference], settings: TrainingSettings, log: "RunLog", name: str, arm: str = ""
) -> Trained:
    """Tune a model to prefer the chosen responses by DPO, against itself before the training.

    The loss of a pair is -log sigmoid(beta * ((log p(chosen) - log r(chosen)) - (log p(rejected) - log r(rejected)))),
    p being the tuned model and r the reference. Arguments, rows and errors are those of `supervised`.
    """
    return _train("preference", model_ref, pairs, settings, log, (name, arm))


def _train(
    kind: Kind, model_ref: str, data: Sequence[Any], settings: TrainingSettings, log: "RunLog", names: tuple[str, str]
) -> Trained:
    path = log.artifact(f"{names[0]}{SUFFIX}")
    compute = partial(_tuned, kind, model_ref, data, settings, log, (*names, path))
    record = cast(TrainingRecord, log.once(f"train {names[0]}", TrainingRecord, compute))
    run = path.parent.parent
    ref = f"run:{run.name}/{path.name}" if run.parent == place("runs") else str(path)
    return Trained(path, ref, record)


def _tuned(
    kind: Kind,
    model_ref: str,
    data: Sequence[Any],
    settings: TrainingSettings,
    log: "RunLog",
    names: tuple[str, str, Path],
) -> TrainingRecord:
    from engines.parts.training.trainers import Watch, last_checkpoint

    name, arm, path = names
    base = load_own(resolve_model(model_ref), settings.dtype)
    encoded = encoded_for(kind, base, data, settings)
    if encoded.note():
        log.note(encoded.note())
    folder = log.checkpoints(name) / _key(kind, base, encoded, settings)
    checkpoint, earlier = last_checkpoint(folder)
    describe = partial(TrainingStep, arm=arm, seed=settings.seed, adapter=name)
    watch = Watch(log, describe, settings.checkpoint_seconds, earlier)
    with own_randomness(), enough_memory():
        trainer = make_trainer(kind, base, encoded, settings, folder)
        trainer.add_callback(watch)
        trainer.train(resume_from_checkpoint=checkpoint)
    if watch.stopped:
        log.progress(len(watch.steps), trainer.state.max_steps, "steps")  # raises RunStopped
    parameters = write_adapter(path, trainer.model, model_ref, base.fingerprint)
    shutil.rmtree(folder.parent)
    return TrainingRecord(
        losses=tuple(step.loss for step in watch.steps),
        tokens=sum(step.tokens for step in watch.steps),
        seconds=sum(step.seconds for step in watch.steps),
        examples=len(encoded.rows),
        dropped=encoded.dropped,
        cut=encoded.cut,
        parameters=parameters,
    )


def _key(kind: Kind, base: LoadedModel, encoded: Encoded, settings: TrainingSettings) -> str:
    # A checkpoint belongs to the very same training: changed data or settings start anew.
    asked = {**asdict(settings), "checkpoint_seconds": None}
    told = json.dumps([kind, base.fingerprint, base.dtype, asked, encoded.rows], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]

"""Fit parameters to a loss of one's own: contrastive, masked, distilled; what TRL's trainers do not know.

Design decisions:
- The loss is a function of a batch and holds its model; what the model is, and whether it is in training mode, is the
  caller's affair.
- Random numbers of an update are drawn from the settings' seed and the update's number, so that a resumed training
  equals an uninterrupted one to the bit, on every device.
- Where a loss gives a sum and a count, accumulated batches are weighed by their counts: four batches of one example
  then have the gradient of one batch of four, however long the examples are.

Loads torch: inside functions.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel

from engines.parts.rows.training_step import TrainingStep
from engines.parts.training.fit_settings import FitSettings, rate_factor
from engines.parts.training.training_loop import Diverged, LoopSettings, run_updates
from engines.parts.training.training_setup import enough_memory, own_randomness
from engines.parts.training.training_state import TrainingState
from workbench.contract import DataError, ModelError

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

    from workbench.contract import RunLog

Batch = TypeVar("Batch")
Batches = Sequence[Batch] | Callable[[int], Batch]
"""Batches in the order in which they are taken, from the first again after the last; or the batch of a number from 0
on, such as `shuffled` makes."""


@dataclass(frozen=True)
class SummedLoss:
    """A loss as the sum over things that are counted, such as learned tokens."""

    total: "Tensor"
    count: int


class FitRecord(BaseModel):
    """What a fit left behind in numbers.

    Attributes:
        losses: by update, each before its update.
        tokens, seconds: of all updates.
        parameters: how many numbers were trained.
    """

    losses: tuple[float, ...]
    tokens: int
    seconds: float
    parameters: int


def fit(
    named_parameters: Iterable[tuple[str, "Tensor"]],
    batches: Batches[Batch],
    loss: Callable[[Batch], "Tensor | SummedLoss"],
    settings: FitSettings,
    log: "RunLog",
    name: str,
) -> FitRecord:
    """Fit the parameters that need a gradient, in place, and emit a `TrainingStep` per update.

    A killed fit goes on from its last saved state and equals an unbroken one to the bit. Wrap it in a `RunLog.once`
    that keeps what is made of the parameters, so that a finished fit is not repeated.

    Args:
        named_parameters: as of a module; names must be the same in every attempt.
        loss: of a batch: a mean, or a sum with its count.
        name: of the training, unique in the run; `TrainingStep.adapter` of its rows.

    Raises:
        DataError: there is no batch.
        ModelError: no parameter needs a gradient.
        Diverged: a loss or gradient is not a number; the parameters are as after the last good update.
        ResourceError: memory ran out.
        RunStopped: the user pressed Stop; the state was saved.
    """
    parameters = {name: one for name, one in named_parameters if one.requires_grad}
    if not parameters:
        raise ModelError("There is nothing to train: no parameter needs a gradient.", "Unfreeze a layer or add one.")
    take, steps = _taken(batches, settings)
    settings = replace(settings, steps=steps)
    optimiser = make_optimiser(parameters, settings)
    state = TrainingState(parameters, (optimiser,), _key(parameters, settings))
    update = _Updates(list(parameters.values()), optimiser, take, loss, settings, name)
    loop = LoopSettings(steps, (TrainingStep,), settings.save_every, settings.checkpoint_seconds)
    with own_randomness(), enough_memory():
        rows = cast(list[TrainingStep], run_updates(update, state, loop, log, name))
    return _record(rows, parameters)


def _record(rows: Sequence[TrainingStep], parameters: Mapping[str, "Tensor"]) -> FitRecord:
    return FitRecord(
        losses=tuple(row.loss for row in rows),
        tokens=sum(row.tokens for row in rows),
        seconds=sum(row.seconds for row in rows),
        parameters=sum(one.numel() for one in parameters.values()),
    )


def make_optimiser(parameters: Mapping[str, "Tensor"], settings: FitSettings) -> "Optimizer":
    """Make the optimiser of named parameters, each in its group; a group's peak rate is kept as "peak"."""
    import torch

    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in parameters.items():
        group = settings.group_of(name)
        groups.setdefault((group.learning_rate, group.weight_decay), []).append(parameter)
    asked = [{"params": own, "lr": rate, "peak": rate, "weight_decay": d} for (rate, d), own in groups.items()]
    if settings.optimiser == "sgd":
        return torch.optim.SGD(asked, momentum=settings.momentum)
    return torch.optim.AdamW(asked, betas=settings.betas, eps=settings.eps)


@dataclass
class _Updates:
    """Updates by one loss and one optimiser."""

    parameters: "list[Tensor]"
    optimiser: "Optimizer"
    take: Callable[[int], Any]
    loss: Callable[[Any], "Tensor | SummedLoss"]
    settings: FitSettings
    name: str

    def __call__(self, step: int) -> list[TrainingStep]:
        """Do an update; return its row."""
        begun, asked = time.monotonic(), self.settings
        loss, tokens, rate = self._do(step)
        return [
            TrainingStep(
                arm=asked.arm, seed=asked.seed, adapter=self.name, step=step, loss=loss, learning_rate=rate,
                tokens=tokens, seconds=round(time.monotonic() - begun, 6),
            )
        ]  # fmt: skip

    def _do(self, step: int) -> tuple[float, int, float]:
        import torch

        asked, read = self.settings, 0
        seed_update(asked.seed, step)
        self.optimiser.zero_grad()
        total, count = 0.0, 0
        for part in range(asked.accumulate):
            batch = self.take((step - 1) * asked.accumulate + part)
            read += tokens_of(batch)
            value, counted = self._backward(self.loss(batch))
            total, count = total + value, count + counted
        if count:
            total /= count
            self._scale(1 / count)
        factor = rate_factor(step, asked.steps, asked)
        norm = float(torch.nn.utils.clip_grad_norm_(self.parameters, asked.max_grad_norm or float("inf")))
        self._require_finite({"loss": total, "gradient": norm}, step, factor * asked.learning_rate)
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * factor
        self.optimiser.step()
        return total, read, asked.learning_rate * factor

    def _backward(self, found: "Tensor | SummedLoss") -> tuple[float, int]:
        if isinstance(found, SummedLoss):
            found.total.backward()
            return float(found.total.detach()), found.count
        mean = found if self.settings.accumulate == 1 else found / self.settings.accumulate
        mean.backward()
        return float(mean.detach()), 0

    def _scale(self, factor: float) -> None:
        for parameter in self.parameters:
            if parameter.grad is not None:
                parameter.grad.mul_(factor)

    def _require_finite(self, values: Mapping[str, float], step: int, rate: float) -> None:
        import math

        for what, value in values.items():
            if not math.isfinite(value):
                self.optimiser.zero_grad()
                raise Diverged(f"{what} became {value}", step, rate)


def tokens_of(batch: object) -> int:
    """Count the tokens of a batch, padding apart where it has an attention mask; 0 where it has no "input_ids"."""
    found = batch if isinstance(batch, Mapping) else {}
    mask = found.get("attention_mask")
    ids = found.get("input_ids")
    return int(mask.sum()) if mask is not None else ids.numel() if ids is not None else 0


def seed_update(seed: int, step: int) -> None:
    """Seed Python's, numpy's and torch's random numbers for an update."""
    import random

    import numpy as np
    import torch

    drawn = int(np.random.SeedSequence((seed, step)).generate_state(1)[0])
    random.seed(drawn)
    np.random.seed(drawn)
    torch.manual_seed(drawn)


def _taken(batches: Batches[Batch], settings: FitSettings) -> tuple[Callable[[int], Batch], int]:
    if isinstance(batches, Sequence):
        if not batches:
            raise DataError("There is no batch to learn from.", "Use more examples.")
        return lambda at: batches[at % len(batches)], settings.steps or -(-len(batches) // settings.accumulate)
    if not settings.steps:
        raise ValueError("batches by number have no end: give FitSettings.steps")
    return batches, settings.steps


def _key(parameters: Mapping[str, "Tensor"], settings: FitSettings) -> str:
    told = asdict(settings) | {"checkpoint_seconds": None, "save_every": None}
    shapes = {name: list(one.shape) for name, one in parameters.items()}
    return hashlib.sha256(json.dumps([told, shapes]).encode()).hexdigest()[:16]

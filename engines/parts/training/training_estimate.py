"""What a training would take on this machine, from a probe of two real steps on its longest examples."""

import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engines.parts.models.models import load_own, resolve_model
from engines.parts.training.training_setup import (
    Kind,
    TrainingSettings,
    encoded_for,
    enough_memory,
    make_trainer,
    own_randomness,
)

KEPT_CHECKPOINTS = 3
"""Two are kept, and a third is written before the oldest leaves."""

STATES = 3
"""A checkpoint holds each trained weight and its two moments."""


@dataclass(frozen=True)
class TrainingEstimate:
    """What a training would take.

    Attributes:
        seconds: loading the model and all updates.
        memory_bytes: peak memory of the process (of the GPU, where the model lives there).
        disk_bytes: checkpoints while it trains, and the adapter.
        basis: what the probe measured, in words.
    """

    seconds: float
    memory_bytes: int
    disk_bytes: int
    basis: str


def training_estimate(
    model_ref: str, data: Sequence[Any], settings: TrainingSettings, kind: Kind = "supervised"
) -> TrainingEstimate:
    """Time, memory and disk of a training, from its second step on the longest batch (the first warms up).

    The time of a step grows with its padded tokens; memory is that of the longest batch, so it is an upper bound.

    Raises:
        DataError, ModelError, ResourceError: as `training.supervised`.
    """
    begun = time.monotonic()
    base = load_own(resolve_model(model_ref), settings.dtype)
    loading = time.monotonic() - begun
    encoded = encoded_for(kind, base, data, settings)
    lengths = encoded.lengths()
    longest = sorted(range(len(lengths)), key=lambda at: -lengths[at])[: settings.batch]
    # The longest batch twice: two equal steps.
    probe = replace(encoded, rows=[encoded.rows[at] for at in longest * 2])
    asked = replace(settings, max_steps=2, batch=len(longest), accumulate=1)
    with tempfile.TemporaryDirectory() as folder, own_randomness(), enough_memory():
        from engines.parts.training.trainers import StepClock

        clock = StepClock(base.device)
        trainer = make_trainer(kind, base, probe, asked, Path(folder))
        trainer.add_callback(clock)
        trainer.train()
    probed = sum(lengths[at] for at in longest)
    whole = padded_tokens(lengths, settings)
    weights = sum(weight.numel() * 4 for weight in trainer.model.parameters() if weight.requires_grad)
    return TrainingEstimate(
        seconds=loading + clock.seconds[-1] * whole / probed,
        memory_bytes=clock.peak_bytes,
        disk_bytes=weights * (1 + KEPT_CHECKPOINTS * STATES),
        basis=f"a step of {probed:,} tokens in {clock.seconds[-1]:.2f} s, times {whole / probed:,.1f}",
    )


def padded_tokens(lengths: Sequence[int], settings: TrainingSettings) -> float:
    """Tokens that all updates compute, each batch padded to its longest example; the order is drawn by the seed."""
    order = list(lengths)
    random.Random(settings.seed).shuffle(order)
    batches = [order[at : at + settings.batch] for at in range(0, len(order), settings.batch)]
    one_epoch = sum(max(batch) * len(batch) for batch in batches)
    if settings.max_steps:
        return one_epoch / len(batches) * settings.accumulate * settings.max_steps
    return one_epoch * settings.epochs

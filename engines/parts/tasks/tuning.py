"""Tuning of one cell of a run by TRL: an adapter, its row, and the tuned model's reference."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from engines.parts.rows.tuned_model import TunedModel
from engines.parts.training import Example, Preference, Trained, TrainingSettings, preference, supervised

if TYPE_CHECKING:
    from workbench.contract import RunCell, RunLog


def tuned(
    cell: "RunCell", model: str, data: Sequence[Example] | Sequence[Preference], settings: TrainingSettings,
    log: "RunLog", name: str = "",
) -> TunedModel:  # fmt: skip
    """Tune a model on examples (SFT) or on preferences (DPO), emit its `TunedModel` row and return it.

    Args:
        cell: whose training it is; its part begins the adapter's name.
        model: reference of the model to start from.
        name: of the adapter, unique in the run; by default made of the cell ("own-plain-0").

    Raises:
        DataError, ModelError, ResourceError, RunStopped: as `training.supervised`.
    """
    adapter = name or "-".join(filter(None, (cell.part, cell.arm, str(cell.seed))))
    if data and isinstance(data[0], Preference):
        trained = preference(model, cast(Sequence[Preference], data), settings, log, adapter, cell.arm)
    else:
        trained = supervised(model, cast(Sequence[Example], data), settings, log, adapter, cell.arm)
    row = tuned_row(cell, adapter, trained)
    log.row(row)
    return row


def tuned_row(cell: "RunCell", adapter: str, trained: Trained) -> TunedModel:
    """Return a training in numbers."""
    first, last = quarter_means(trained.record.losses)
    return TunedModel(
        arm=cell.arm,
        seed=cell.seed,
        adapter=adapter,
        model=trained.ref,
        parameters=trained.record.parameters,
        examples=trained.record.examples,
        left_out=trained.record.dropped,
        cut=trained.record.cut,
        updates=len(trained.record.losses),
        first_loss=first,
        last_loss=last,
        tokens=trained.record.tokens,
        seconds=trained.record.seconds,
    )


def quarter_means(losses: Sequence[float]) -> tuple[float, float]:
    """Return the means of the first and of the last quarter of the losses; nan where there are none."""
    if not losses:
        return float("nan"), float("nan")
    many = max(1, len(losses) // 4)
    return float(np.mean(losses[:many])), float(np.mean(losses[-many:]))

"""The loop of every training with an update of its own: Stop, saved state, resume, rows, and what diverges.

An update is a function of its number, from 1 on. What it does is its own affair: one loss and one optimiser (`fit`), or
two of each in turn (a bilevel search). It must depend on nothing but its number and the training's state, so that a
training that was killed goes on as if it had not been.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from engines.parts.training.training_state import TrainingState
from workbench.contract import DataError, ModelError, Row

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.contract import RunLog

MANY = 50
"""Rows of one type in a row, from which on they are emitted as a table."""

Update = Callable[[int], Sequence[Row]]
"""Does the update of that number, from 1 on, and returns its rows."""


class Diverged(ModelError):  # noqa: N818 - says what is the case
    """A loss or a gradient is not a number any more; the parameters are as after the last good update.

    Args:
        what: which loss or gradient, with its value.
        step: the update that failed, counted from 1.
        rate: learning rate of that update.
    """

    def __init__(self, what: str, step: int, rate: float) -> None:
        good = f"the state after step {step - 1} is the last good one" if step > 1 else "no step was taken"
        super().__init__(
            f"The {what} at step {step} (learning rate {rate:g}), so the training has diverged; {good}.",
            "Lower the learning rate, lengthen the warm-up, or train in float32.",
        )
        self.good = step - 1


@dataclass(frozen=True)
class LoopSettings:
    """How long a loop is, and how often it saves its state.

    Attributes:
        steps: updates.
        kinds: types of the rows that updates emit.
        save_every: after so many updates; 0 goes by time alone.
        checkpoint_seconds: after this time.
    """

    steps: int
    kinds: tuple[type[Row], ...]
    save_every: int = 0
    checkpoint_seconds: float = 60.0


def run_updates(update: Update, state: TrainingState, settings: LoopSettings, log: "RunLog", name: str) -> list[Row]:
    """Do all updates, or those that an earlier attempt left; return the rows of all of them, which were emitted too.

    A state that cannot be used is left aside, and the log is told why. The state is deleted at the end.

    Args:
        name: of the training, unique in the run.

    Raises:
        Diverged: as the update says.
        RunStopped: the user pressed Stop; the state was saved.
    """
    folder = log.checkpoints(name)
    done, rows = _resumed(state, settings, log, folder)
    emit(rows, log)
    log.progress(done, settings.steps, "steps")
    saved_at = time.monotonic()
    while done < settings.steps:
        found = update(done + 1)
        done += 1
        rows += found
        due = time.monotonic() - saved_at >= settings.checkpoint_seconds
        due = due or (settings.save_every > 0 and done % settings.save_every == 0)
        if (due and done < settings.steps) or log.stopping():
            state.save(folder, done, rows)
            saved_at = time.monotonic()
        emit(found, log)
        log.progress(done, settings.steps, "steps")
    shutil.rmtree(folder)
    return rows


def emit(rows: Sequence[Row], log: "RunLog") -> None:
    """Emit rows in their order, many of one type as a table."""
    import pandas as pd

    for kind, group in groupby(rows, key=type):
        found = list(group)
        if len(found) >= MANY:
            log.table(kind, pd.DataFrame([row.model_dump() for row in found], columns=list(kind.model_fields)))
            continue
        for row in found:
            log.row(row)


def _resumed(state: TrainingState, settings: LoopSettings, log: "RunLog", folder: "Path") -> tuple[int, list[Row]]:
    try:
        found = state.load(folder, settings.kinds)
    except DataError as error:
        log.note(f"The training begins anew: its saved state was not used, since {error}.")
        return 0, []
    return (found.step, found.rows) if found else (0, [])

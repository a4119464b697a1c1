"""Where a run searches and trains: a task on real text with the run's model, or the planted task with a tiny one."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import pandas as pd

from engines.guilomo.allocation import Allocation, layer_of
from engines.guilomo.answering import answers_of, router_rows
from engines.guilomo.arm_allocations import Plain, allocation_rows, arm_allocation
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.final_training import answer_outcomes, trained_on, trained_row
from engines.guilomo.planted_task import (
    NAME,
    loss_outcomes,
    planted_of,
    ready_planted,
    train_planted,
    truth_outcomes,
    truth_rows,
)
from engines.guilomo.rows import TaskAnswer, TrainedArm
from engines.guilomo.searching import Found, Searched
from engines.guilomo.tasks import Task
from engines.parts.dtype import one_thread
from engines.parts.training import TrainingRecord
from workbench.engine import RunCell, RunLog
from workbench.schema import Outcome


class Ground(Protocol):
    """A task that can be searched and trained on."""

    @property
    def name(self) -> str:
        """The task's name."""
        ...

    def threads(self) -> AbstractContextManager[None]:
        """How many threads the work on it is worth."""
        ...

    def ready(self, config: GuilomoConfig, seed: int) -> Searched:
        """A search made ready."""
        ...

    def train(self, cell: RunCell, config: GuilomoConfig, found: Found, log: RunLog) -> TrainedArm:
        """Train and judge one arm under one seed, and tell everything about it."""
        ...


class TextGround:
    """A task on real text."""

    def __init__(self, task: Task) -> None:
        self.task = task

    @property
    def name(self) -> str:
        """The task's name."""
        return self.task.name

    def threads(self) -> AbstractContextManager[None]:
        """As many as there are."""
        return nullcontext()

    def ready(self, config: GuilomoConfig, seed: int) -> Searched:
        """A search with the run's model; errors are those of `text_search.ready_search`."""
        from engines.guilomo.text_search import ready_search

        return ready_search(self.task, config, seed)

    def train(self, cell: RunCell, config: GuilomoConfig, found: Found, log: RunLog) -> TrainedArm:
        """Train an adapter, answer the test problems with it, and watch its routers."""
        names = (self.name, cell.arm, cell.seed)
        allocation = allocated(names, config, found, log)
        trained = trained_on(self.task, names[1:], config, (allocation, found.shapes), log)
        answers = answers_of(self.task, names[1:], trained.ref, config, log)
        log.table(TaskAnswer, answers)
        log.table(Outcome, answer_outcomes(answers))
        for use in router_rows(self.task, names[1:], trained.ref, config):
            log.row(use)
        sizes = (allocation.parameters(found.shapes), found.budget)
        row = trained_row(names, trained.ref, trained.record, sizes, float(answers["right"].mean()))
        log.row(row)
        return row


class PlantedGround:
    """The planted task. Synthetic."""

    name = NAME

    def __init__(self, config: GuilomoConfig) -> None:
        self.planted = planted_of(config)

    def threads(self) -> AbstractContextManager[None]:
        """One: its products are so small that threads would mostly wait."""
        return one_thread()

    def ready(self, config: GuilomoConfig, seed: int) -> Searched:
        """A search with a fresh student."""
        return ready_planted(self.planted, config, seed)

    def train(self, cell: RunCell, config: GuilomoConfig, found: Found, log: RunLog) -> TrainedArm:
        """Train a student, measure it on texts of its own, and compare what was found with the truth."""
        names = (self.name, cell.arm, cell.seed)
        allocation = allocated(names, config, found, log)
        record = train_planted(self.planted, names[1:], config, allocation, log)
        log.table(Outcome, loss_outcomes(record, *names[1:]))
        if config.allocation == "guilomo":
            truth = truth_rows(self.planted, found, (found.way, cell.seed))
            log.table(Outcome, truth_outcomes(truth, *names[1:]))
        whole = TrainingRecord(
            losses=record.losses, tokens=0, seconds=record.seconds, examples=0, dropped=0, cut=0, parameters=0
        )
        sizes = (allocation.parameters(found.shapes), found.budget)
        row = trained_row(names, "", whole, sizes, sum(record.test) / len(record.test))
        log.row(row)
        return row


def allocated(names: tuple[str, str, int], config: GuilomoConfig, found: Found, log: RunLog) -> Allocation | Plain:
    """What an arm gives each layer; tells it.

    Raises:
        ConfigError: as `arm_allocations.arm_allocation`.
    """
    allocation = arm_allocation(config, found.allocation, found.shapes, names[2])
    rows = allocation_rows(names, allocation, found.shapes)
    for row in rows:
        log.row(row)
    if isinstance(allocation, Allocation):
        log.table(Outcome, depth_outcomes(names, allocation))
    return allocation


def depth_outcomes(names: tuple[str, str, int], allocation: Allocation) -> pd.DataFrame:
    """Outcomes "experts": one item a layer's path, under the slice of its depth ("real/12", "planted/0")."""
    task, arm, seed = names
    kind = "planted" if task == NAME else "real"
    rows = [
        {
            "arm": arm, "metric": "experts", "seed": seed, "value": float(count), "item": f"{task}/{path}",
            "cluster": None, "slice": f"{kind}/{layer_of(path)}",
        }
        for path, count in allocation.experts().items()
    ]  # fmt: skip
    return pd.DataFrame(rows)[list(Outcome.model_fields)]

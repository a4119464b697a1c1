"""Where a run searches and trains: a task on real text with the run's model, or the planted task with a tiny one."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol, cast

import pandas as pd
from pydantic import BaseModel

from engines.guilomo.allocation import Allocation, layer_of
from engines.guilomo.answering import UNTRAINED, Answerer, answers_of
from engines.guilomo.arm_allocations import Plain, allocation_rows, arm_allocation
from engines.guilomo.cautions import left_out_cautions, untrained_cautions
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.final_training import ArmTraining, trained_on, trained_row
from engines.guilomo.planted_task import (
    NAME,
    planted_of,
    ready_planted,
    report_divergence,
    report_recovery,
    train_planted,
    truth_rows,
)
from engines.guilomo.searching import Found, Searched
from engines.guilomo.tasks import Task
from engines.parts.models import one_thread
from workbench.contract import Fact, RunCell, RunLog


@dataclass(frozen=True)
class Judged:
    """How many answers were judged on a task, those of the untrained model included.

    Attributes:
        cut: answers that the token limit ended.
        empty: answers without any text.
    """

    answers: int = 0
    cut: int = 0
    empty: int = 0


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

    def train(self, cell: RunCell, config: GuilomoConfig, found: Found, log: RunLog) -> ArmTraining:
        """Train one arm under one seed, and tell what does not depend on the items it is judged on."""
        ...

    def judge(self, trainings: Sequence[ArmTraining], config: GuilomoConfig, log: RunLog) -> Judged:
        """Judge all trainings on the items that the run asks for."""
        ...


class ModelFacts(BaseModel):
    """Size and number format of the model, as it ran."""

    parameters: int
    dtype: str


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

    def train(self, cell: RunCell, config: GuilomoConfig, found: Found, log: RunLog) -> ArmTraining:
        """Train an adapter, which is kept as an artifact."""
        names = (self.name, cell.arm, cell.seed)
        allocation = allocated(names, config, found, log)
        trained = trained_on(self.task, names[1:], config, (allocation, found.shapes), log)
        record = trained.record
        return ArmTraining(
            arm=cell.arm,
            seed=cell.seed,
            model=trained.ref,
            parameters=allocation.parameters(found.shapes),
            budget=found.budget,
            losses=record.losses,
            examples=record.examples,
            left_out=record.dropped,
            seconds=record.seconds,
        )

    def judge(self, trainings: Sequence[ArmTraining], config: GuilomoConfig, log: RunLog) -> Judged:
        """Have every trained model and the untrained one answer the test problems, and watch the routers."""
        from engines.guilomo.router_use import watched_routers

        record_facts(config, trainings, log)
        first = Answerer(self.task, (UNTRAINED, log.seeds[0]), config.model, config, reported=False)
        told = [answers_of(first, log)]
        for trained in trainings:
            asked = Answerer(self.task, (trained.arm, trained.seed), trained.model, config)
            told.append(answers_of(asked, log))
            watched_routers(asked, log)
            log.row(trained_row(self.name, trained, float(told[-1]["right"].mean())))
        answers = pd.concat(told, ignore_index=True)
        for caution in (*untrained_cautions(self.name, answers, log.arms), *left_out_cautions(self.name, trainings)):
            log.row(caution)
        return judged(answers)


def judged(answers: pd.DataFrame) -> Judged:
    """Count answers, those that were cut and those without text; `answers` are rows of `TaskAnswer`."""
    empty = answers["answer"].astype(str).str.strip() == ""
    return Judged(len(answers), int(answers["cut"].sum()), int(empty.sum()))


def record_facts(config: GuilomoConfig, trainings: Sequence[ArmTraining], log: RunLog) -> None:
    """Record size and number format of the model and how long it was trained, of the shortest training."""
    from engines.parts.models import load_causal

    def facts() -> ModelFacts:
        loaded = load_causal(config.model, config.dtype)
        return ModelFacts(parameters=loaded.parameters, dtype=loaded.dtype)

    model = cast(ModelFacts, log.once("model", ModelFacts, facts))
    log.record(Fact.PARAMETERS, model.parameters)
    log.record(Fact.DTYPE, model.dtype)
    log.record(Fact.STEPS, min(len(trained.losses) for trained in trainings))
    log.record(Fact.ITEMS, min(trained.examples for trained in trainings))


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

    def train(self, cell: RunCell, config: GuilomoConfig, found: Found, log: RunLog) -> ArmTraining:
        """Train a student, measure it on texts of its own, and compare what was found with the truth.

        The texts are always the same, so that everything is told here.
        """
        names = (self.name, cell.arm, cell.seed)
        allocation = allocated(names, config, found, log)
        record = train_planted(self.planted, names[1:], config, allocation, log)
        report_divergence(record, cell, log)
        if config.allocation == "guilomo":
            report_recovery(truth_rows(self.planted, found, (found.way, cell.seed)), cell, log)
        trained = ArmTraining(
            arm=cell.arm,
            seed=cell.seed,
            parameters=allocation.parameters(found.shapes),
            budget=found.budget,
            losses=record.losses,
            seconds=record.seconds,
        )
        log.row(trained_row(self.name, trained, sum(record.test) / len(record.test)))
        return trained

    def judge(self, trainings: Sequence[ArmTraining], config: GuilomoConfig, log: RunLog) -> Judged:
        """Nothing is left to judge."""
        return Judged()


def allocated(names: tuple[str, str, int], config: GuilomoConfig, found: Found, log: RunLog) -> Allocation | Plain:
    """What an arm gives each layer; tells it.

    Raises:
        ConfigError: as `arm_allocations.arm_allocation`.
    """
    allocation = arm_allocation(config, found.allocation, found.shapes, names[2])
    rows = allocation_rows(names, allocation, found.shapes)
    for row in rows:
        log.row(row)
    task, cell = names[0], RunCell(*names[1:])
    spent = 100 * allocation.parameters(found.shapes) / found.budget
    log.outcomes("budget_spent", cell, spent, slice=task)
    if isinstance(allocation, Allocation):
        report_depths("planted" if task == NAME else "real", cell, allocation, log)
    return allocation


def report_depths(kind: str, cell: RunCell, allocation: Allocation, log: RunLog) -> None:
    """Report the mean number of experts of a block's layers, under the slice of its depth ("real/12", "planted/0").

    The adapted blocks are all there are, not a sample of blocks: they are no items, and chance lies in the seeds alone.
    """
    counts = pd.Series(allocation.experts(), dtype=float)
    means = counts.groupby(counts.index.map(layer_of)).mean()
    log.outcomes("experts", cell, means, slice=[f"{kind}/{layer}" for layer in means.index])

"""The final training on text: a fresh adapter of the arm's allocation, by the shared trainer, then judged."""

import numpy as np
from pydantic import BaseModel

from engines.guilomo.allocation import Allocation, Shapes
from engines.guilomo.arm_allocations import Plain
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.rows import TrainedArm
from engines.guilomo.tasks import Task, examples_of
from engines.parts.experts import ExpertLayout, ExpertSettings
from engines.parts.training import Trained, TrainingSettings, supervised
from workbench.contract import RunLog


class ArmTraining(BaseModel):
    """A training of one arm under one seed, as it is kept; what it is worth is judged apart."""

    arm: str
    seed: int
    model: str = ""
    """Reference of the tuned model; empty on the planted task, whose model is not kept."""
    parameters: int
    budget: int
    """Parameters of the searched allocation, which every arm should match."""
    losses: tuple[float, ...]
    examples: int = 0
    left_out: int = 0
    """Examples that were too long."""
    seconds: float


def training_settings(
    config: GuilomoConfig, allocation: Allocation | Plain, shapes: Shapes, seed: int
) -> TrainingSettings:
    """How an arm is trained."""
    plain = isinstance(allocation, Plain)
    return TrainingSettings(
        epochs=config.epochs,
        batch=config.batch,
        learning_rate=config.learning_rate,
        longest=config.longest,
        rank=allocation.rank if plain else 1,
        alpha=allocation.alpha if plain else config.alpha,
        dropout=config.dropout,
        targets=tuple(shapes),
        dora=plain and allocation.dora,
        experts=None if plain else ExpertLayout(allocation.ranks, expert_settings(config)),
        dtype=config.dtype,
        seed=seed,
    )


def expert_settings(config: GuilomoConfig) -> ExpertSettings:
    """How experts act in the final training: the balance as switch transformers have it, as released."""
    return ExpertSettings(config.top_k, config.alpha, config.dropout, config.balance, by_experts=True)


def trained_on(
    task: Task, names: tuple[str, int], config: GuilomoConfig, how: tuple[Allocation | Plain, Shapes], log: RunLog
) -> Trained:
    """Train an arm on a task; the adapter is an artifact of the run.

    Args:
        names: arm and seed.
        how: the arm's allocation and the shapes of the adapted layers.

    Raises:
        DataError, ModelError, ResourceError, RunStopped: as `training.supervised`.
    """
    arm, seed = names
    settings = training_settings(config, *how, seed)
    examples = examples_of(task.learned, config)
    return supervised(config.model, examples, settings, log, f"{task.name}-{arm}-{seed}", arm)


def trained_row(task: str, trained: ArmTraining, score: float) -> TrainedArm:
    """Sum a training up in numbers."""
    quarter = max(1, len(trained.losses) // 4)
    return TrainedArm(
        task=task,
        arm=trained.arm,
        seed=trained.seed,
        model=trained.model,
        parameters=trained.parameters,
        budget=trained.budget,
        updates=len(trained.losses),
        first_loss=float(np.mean(trained.losses[:quarter])),
        last_loss=float(np.mean(trained.losses[-quarter:])),
        score=score,
        seconds=trained.seconds,
    )

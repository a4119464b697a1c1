"""The final training on text: a fresh adapter of the arm's allocation, by the shared trainer, then judged."""

import numpy as np
import pandas as pd

from engines.guilomo.allocation import Allocation, Shapes
from engines.guilomo.arm_allocations import Plain
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.rows import TrainedArm
from engines.guilomo.tasks import Task, examples_of
from engines.parts.expert_layout import ExpertLayout, ExpertSettings
from engines.parts.training import Trained, TrainingRecord, supervised
from engines.parts.training_setup import TrainingSettings
from workbench.engine import RunLog
from workbench.schema import Outcome


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


def trained_row(
    names: tuple[str, str, int], model: str, record: TrainingRecord, sizes: tuple[int, int], score: float
) -> TrainedArm:
    """A training in numbers.

    Args:
        names: task, arm, seed.
        sizes: parameters of the arm's allocation, and the budget.
    """
    quarter = max(1, len(record.losses) // 4)
    return TrainedArm(
        task=names[0],
        arm=names[1],
        seed=names[2],
        model=model,
        parameters=sizes[0],
        budget=sizes[1],
        updates=len(record.losses),
        first_loss=float(np.mean(record.losses[:quarter])),
        last_loss=float(np.mean(record.losses[-quarter:])),
        score=score,
        seconds=record.seconds,
    )


def answer_outcomes(answers: pd.DataFrame) -> pd.DataFrame:
    """Rows of `Outcome` "correct" from rows of `TaskAnswer`."""
    frame = pd.DataFrame(
        {
            "arm": answers["arm"],
            "metric": "correct",
            "seed": answers["seed"],
            "value": answers["right"].astype(float),
            "item": answers["task"] + "/" + answers["item"],
            "cluster": None,
            "slice": answers["task"],
        }
    )
    return frame[list(Outcome.model_fields)]

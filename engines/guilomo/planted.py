"""Planted truth: a student must learn low-rank changes whose number and rank per module are known. Synthetic.

A tiny random model is the base. The teacher is the base plus, in each planted module, `n` low-rank deltas of known
rank; the first token of a text names a task, and task t switches delta t mod n on. The student starts at the base and
learns the teacher's next-token distribution. A good search gives more experts to modules with more deltas, and higher
ranks to modules with deltas of higher rank.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PlantedSettings:
    """Size of the task.

    Attributes:
        tasks: task tokens; the most deltas of a module.
        strength: size of a delta relative to its base weight (Frobenius norms).
    """

    layers: int = 2
    hidden: int = 64
    heads: int = 4
    vocabulary: int = 64
    tasks: int = 8
    most_rank: int = 8
    strength: float = 1.0
    length: int = 16
    batch: int = 16
    seed: int = 0


@dataclass(frozen=True)
class Planted:
    """The task.

    Attributes:
        numbers, ranks: deltas and their rank by module path, the truth; modules without deltas have number 0.
    """

    settings: PlantedSettings
    numbers: Mapping[str, int]
    ranks: Mapping[str, int]

    def student(self) -> Any:
        """A fresh copy of the base model."""
        raise NotImplementedError

    def batches(self, count: int, seed: int) -> list[dict[str, Any]]:
        """Batches of "input_ids" [B, T] with the teacher's "targets" [B, T, V] (probabilities)."""
        raise NotImplementedError


def plant(settings: PlantedSettings) -> Planted:
    """Make base, teacher and truth from the seed; the numbers cover 2 .. tasks and the ranks 1 .. most_rank."""
    raise NotImplementedError


def planted_loss(model: Any, batch: Mapping[str, Any]) -> Any:
    """Mean divergence KL(teacher || student) over the positions: 0 where the student equals the teacher."""
    raise NotImplementedError


@dataclass(frozen=True)
class Recovery:
    """Spearman correlation of found with planted numbers and ranks over modules; nan where undefined."""

    numbers: float
    ranks: float


def recovery(planted: Planted, found: Mapping[str, tuple[int, ...]]) -> Recovery:
    """How well found ranks (by module) recover the planted truth; a module's rank is the mean of its experts'."""
    raise NotImplementedError

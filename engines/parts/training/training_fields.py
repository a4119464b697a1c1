"""Settings of a training that a method shows on its page: a room's Config inherits them.

A room writes over a field to give the paper's value, another default or bounds; name, meaning and use stay the same.
"""

from typing import Annotated, Any

from annotated_types import Ge, Gt, Le

from engines.parts.training.fit_settings import FitSettings, Schedule
from engines.parts.training.training_setup import TrainingSettings
from workbench.contract import Config, Probability, Unit


class TrainingFields(Config):
    """How a model is trained, whatever is trained of it."""

    epochs: Annotated[float, Gt(0), Le(1000)] = 1.0
    """Passes over the training examples."""
    batch: Annotated[int, Ge(1), Le(512)] = 8
    """Examples of a forward pass."""
    accumulation: Annotated[int, Ge(1), Le(512)] = 1
    """Forward passes of an update: with more of them a large batch fits into little memory."""
    learning_rate: Annotated[float, Gt(0), Le(1)] = 2e-4
    """Peak learning rate of the training."""
    schedule: Schedule = "linear"
    """How the learning rate moves after the warm-up: it falls linearly, by half a cosine, or stays."""
    warmup_steps: Annotated[int, Ge(0), Le(100_000), Unit("updates")] = 0
    """Updates over which the learning rate rises to its peak."""
    longest: Annotated[int, Ge(8), Le(100_000), Unit("tokens")] = 512
    """Longer examples are left out, and counted."""

    def training_settings(self, seed: int, **more: Any) -> TrainingSettings:
        """Return settings for `supervised`, `preference` and `tuned`; `more` are further fields, or other values."""
        own = {
            "epochs": self.epochs,
            "batch": self.batch,
            "accumulate": self.accumulation,
            "learning_rate": self.learning_rate,
            "schedule": self.schedule,
            "warmup_steps": self.warmup_steps,
            "longest": self.longest,
            "seed": seed,
        }
        return TrainingSettings(**{**own, **more})

    def fit_settings(self, batches: int, seed: int, **more: Any) -> FitSettings:
        """Return settings for `fit`.

        Args:
            batches: of one pass over the examples; they and the epochs give the updates.
        """
        own = {
            "steps": max(1, -(-round(batches * self.epochs) // self.accumulation)),
            "learning_rate": self.learning_rate,
            "schedule": self.schedule,
            "warmup_steps": self.warmup_steps,
            "accumulate": self.accumulation,
            "seed": seed,
        }
        return FitSettings(**{**own, **more})


class LoraFields(TrainingFields):
    """How an adapter of low rank is trained."""

    rank: Annotated[int, Ge(1), Le(256)] = 8
    """Rank of the adapter's update of each layer."""
    alpha: Annotated[int, Ge(1), Le(1024)] = 16
    """The update is scaled by alpha over the rank."""
    dropout: Annotated[Probability, Le(0.9)] = 0.0
    """Of what the adapter reads, while learning."""

    def training_settings(self, seed: int, **more: Any) -> TrainingSettings:
        """Return settings for `supervised`, `preference` and `tuned`; `more` are further fields, or other values."""
        return super().training_settings(
            seed, **{"rank": self.rank, "alpha": self.alpha, "dropout": self.dropout, **more}
        )

"""Training: tuning by TRL, its examples, settings, estimates and saved adapters."""

from engines.parts.training.training import Trained, preference, supervised
from engines.parts.training.training_estimate import TrainingEstimate, training_estimate
from engines.parts.training.training_examples import IGNORED, Encoded, Example, Preference, encode_examples
from engines.parts.training.training_setup import TrainingSettings, enough_memory, own_randomness

__all__ = [
    "IGNORED",
    "Encoded",
    "Example",
    "Preference",
    "Trained",
    "TrainingEstimate",
    "TrainingSettings",
    "encode_examples",
    "enough_memory",
    "own_randomness",
    "preference",
    "supervised",
    "training_estimate",
]

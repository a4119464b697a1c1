"""Training: a loop for every loss of one's own (`fit`), tuning by TRL, examples, settings, estimates, adapters."""

from engines.parts.training.batches import padded_batch, place_of, shuffled
from engines.parts.training.fit import FitRecord, SummedLoss, fit
from engines.parts.training.fit_settings import FitSettings, ParameterGroup, Schedule
from engines.parts.training.token_budget import within_budget
from engines.parts.training.training import Trained, TrainingRecord, preference, supervised
from engines.parts.training.training_estimate import TrainingEstimate, training_estimate
from engines.parts.training.training_examples import IGNORED, Encoded, Example, Preference, encode_examples
from engines.parts.training.training_fields import LoraFields, TrainingFields
from engines.parts.training.training_loop import Diverged, LoopSettings, emit, run_updates
from engines.parts.training.training_setup import TrainingSettings, enough_memory, own_randomness
from engines.parts.training.training_state import TrainingState

__all__ = [
    "IGNORED",
    "Diverged",
    "Encoded",
    "Example",
    "FitRecord",
    "FitSettings",
    "LoopSettings",
    "LoraFields",
    "ParameterGroup",
    "Preference",
    "Schedule",
    "SummedLoss",
    "Trained",
    "TrainingEstimate",
    "TrainingFields",
    "TrainingRecord",
    "TrainingSettings",
    "TrainingState",
    "emit",
    "encode_examples",
    "enough_memory",
    "fit",
    "own_randomness",
    "padded_batch",
    "place_of",
    "preference",
    "run_updates",
    "shuffled",
    "supervised",
    "training_estimate",
    "within_budget",
]

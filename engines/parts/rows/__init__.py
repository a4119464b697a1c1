"""Rows that several methods emit, cheap to import: cards name them."""

from engines.parts.rows.task_answer import TaskAnswer
from engines.parts.rows.token_use import TOKEN_USE, TokenUse
from engines.parts.rows.training_step import TrainingStep
from engines.parts.rows.tuned_model import TunedModel

__all__ = ["TOKEN_USE", "TaskAnswer", "TokenUse", "TrainingStep", "TunedModel"]

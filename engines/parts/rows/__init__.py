"""Rows that several methods emit, cheap to import: cards name them."""

from engines.parts.rows.token_use import TOKEN_USE, TokenUse
from engines.parts.rows.training_step import TrainingStep

__all__ = ["TOKEN_USE", "TokenUse", "TrainingStep"]

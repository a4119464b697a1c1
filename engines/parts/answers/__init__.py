"""Answers compared with gold answers, and the language that they are in."""

from engines.parts.answers.answers import exact_match, final_number, normalised, numbers_equal, option_letter
from engines.parts.answers.languages import is_foreign
from engines.parts.answers.maths_answers import maths_verdicts

__all__ = [
    "exact_match",
    "final_number",
    "is_foreign",
    "maths_verdicts",
    "normalised",
    "numbers_equal",
    "option_letter",
]

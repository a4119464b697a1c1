"""Answers compared with gold answers, and the language that they are in."""

from engines.parts.answers.answers import exact_match, final_number, normalised, numbers_equal, option_letter
from engines.parts.answers.gold_answers import GoldAnswers, Match, comparable
from engines.parts.answers.golds import gold_kind, unmatchable
from engines.parts.answers.languages import is_foreign
from engines.parts.answers.maths_answers import maths_verdicts
from engines.parts.answers.sentences import join_sentences, split_sentences, word_count
from engines.parts.answers.verdicts import final_of, is_right, verdicts

__all__ = [
    "GoldAnswers",
    "Match",
    "comparable",
    "exact_match",
    "final_number",
    "final_of",
    "gold_kind",
    "is_foreign",
    "is_right",
    "join_sentences",
    "maths_verdicts",
    "normalised",
    "numbers_equal",
    "option_letter",
    "split_sentences",
    "unmatchable",
    "verdicts",
    "word_count",
]

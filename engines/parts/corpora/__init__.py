"""Bundled data sets: problems, glosses, plays, messages and parallel sentences, each with its credit."""

from engines.parts.corpora.maths_problems import MathProblem
from engines.parts.corpora.plays import Speech
from engines.parts.corpora.wordnet import Gloss

__all__ = ["Gloss", "MathProblem", "Speech"]

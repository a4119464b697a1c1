"""Candidates ranked within a prompt: labelled pairs, and how well scores order and choose."""

from engines.parts.ranking.pairs import Pairs, pairs_of
from engines.parts.ranking.ranking_measures import (
    FEW,
    NONE,
    Calibration,
    Judged,
    best_column,
    best_single,
    calibration_of,
    chosen_rewards,
    hit_at,
    hits,
    judged,
    judged_draw,
    mean_of,
    pairwise_accuracy,
    regrets,
)

__all__ = [
    "FEW",
    "NONE",
    "Calibration",
    "Judged",
    "Pairs",
    "best_column",
    "best_single",
    "calibration_of",
    "chosen_rewards",
    "hit_at",
    "hits",
    "judged",
    "judged_draw",
    "mean_of",
    "pairs_of",
    "pairwise_accuracy",
    "regrets",
]

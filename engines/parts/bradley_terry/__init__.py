"""Bradley-Terry scores of candidates from a prompt alone: the loss of pairs, a linear head, a tuned backbone."""

from engines.parts.bradley_terry.linear_head import LinearHead, solve_head
from engines.parts.bradley_terry.pair_loss import PairTensors, centred, chances_to_win, expanded_loss, one_pair_loss
from engines.parts.bradley_terry.tuned_scorer import TunedScorer, TuningSettings, open_tuned, tune

__all__ = [
    "LinearHead",
    "PairTensors",
    "TunedScorer",
    "TuningSettings",
    "centred",
    "chances_to_win",
    "expanded_loss",
    "one_pair_loss",
    "open_tuned",
    "solve_head",
    "tune",
]

"""Log-likelihoods of responses and passages, and quality of responses."""

from engines.parts.scoring.passage_prefixes import PassagePrefixes
from engines.parts.scoring.response_quality import QualitySettings, ScoredResponse, open_quality
from engines.parts.scoring.scoring import Scorer, Tell, open_scorer
from engines.parts.scoring.text_features import FEATURES, features_of

__all__ = [
    "FEATURES",
    "PassagePrefixes",
    "QualitySettings",
    "ScoredResponse",
    "Scorer",
    "Tell",
    "features_of",
    "open_quality",
    "open_scorer",
]

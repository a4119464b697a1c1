"""Log-likelihoods of responses and passages, and quality of responses."""

from engines.parts.scoring.passage_prefixes import PassagePrefixes
from engines.parts.scoring.response_quality import QualitySettings, ScoredResponse, open_quality
from engines.parts.scoring.scoring import Scorer, Tell, open_scorer

__all__ = ["PassagePrefixes", "QualitySettings", "ScoredResponse", "Scorer", "Tell", "open_quality", "open_scorer"]

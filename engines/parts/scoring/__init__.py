"""Log-likelihoods of responses and passages."""

from engines.parts.scoring.passage_prefixes import PassagePrefixes
from engines.parts.scoring.scoring import Scorer, Tell, open_scorer

__all__ = ["PassagePrefixes", "Scorer", "Tell", "open_scorer"]

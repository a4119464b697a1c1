"""Sentence embeddings, rankings of passages, and topics of texts."""

from engines.parts.retrieval.embeddings import DEFAULT_ENCODER, Encoder, open_encoder
from engines.parts.retrieval.passage_rankings import ByChance, ByMeaning, ByPerplexity, ByWords, Ranking
from engines.parts.retrieval.retrieval import Bm25, best
from engines.parts.retrieval.topics import spherical_clusters, topic_names

__all__ = [
    "DEFAULT_ENCODER",
    "Bm25",
    "ByChance",
    "ByMeaning",
    "ByPerplexity",
    "ByWords",
    "Encoder",
    "Ranking",
    "best",
    "open_encoder",
    "spherical_clusters",
    "topic_names",
]

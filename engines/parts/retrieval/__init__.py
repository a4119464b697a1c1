"""Sentence embeddings and rankings of passages."""

from engines.parts.retrieval.embeddings import DEFAULT_ENCODER, Encoder, open_encoder
from engines.parts.retrieval.retrieval import Bm25, best

__all__ = ["DEFAULT_ENCODER", "Bm25", "Encoder", "best", "open_encoder"]

"""Which chunks belong to a question: by its perplexity after the chunk, by words, by meaning, or by chance.

The restrictive sentence is ours; the released code has one of the same meaning (the question-aware coarse ranking of
LongLLMLingua, whose length penalty is off there and here).
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engines.parts.retrieval import Bm25, best

if TYPE_CHECKING:
    from engines.parts.retrieval import Encoder
    from engines.parts.scoring import Scorer


RESTRICTION = " The passage above holds the answer to this question."


class Ranking(Protocol):
    """Scores all chunks of one paper for questions.

    Attributes:
        cut: chunks of which only the beginning was read, so far.
    """

    @property
    def cut(self) -> int:
        """Count them."""
        ...

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return relevance, shape (questions, chunks), higher for a better chunk."""
        ...


class ByPerplexity:
    """Mean log-likelihood of the question and the restrictive sentence, given the chunk."""

    def __init__(
        self, chunks: Sequence[str], scorer: "Scorer", progress: Callable[[int, int], None] | None = None
    ) -> None:
        from engines.parts.scoring import PassagePrefixes

        self.progress = progress
        self.prefixes = PassagePrefixes(scorer, chunks, RESTRICTION)

    @property
    def cut(self) -> int:
        """Count chunks that do not fit the model's context beside a question."""
        return self.prefixes.cut

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return nats per token, at most 0."""
        return self.prefixes.relevance(questions, self.progress)


class ByWords:
    """BM25."""

    cut = 0

    def __init__(self, chunks: Sequence[str]) -> None:
        self.index = Bm25(chunks)

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return BM25 scores, at least 0."""
        return np.stack([self.index.scores(question) for question in questions]).astype(np.float64)


class ByMeaning:
    """Cosine of sentence embeddings."""

    def __init__(self, chunks: Sequence[str], encoder: "Encoder") -> None:
        before = encoder.truncated
        self.encoder = encoder
        self.vectors = encoder.embed(chunks)
        self.cut = encoder.truncated - before

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return cosines."""
        return (self.encoder.embed(questions) @ self.vectors.T).astype(np.float64)


class ByChance:
    """A random order for each question; the same question gets the same one."""

    cut = 0

    def __init__(self, chunks: Sequence[str], seed: int) -> None:
        self.count, self.seed = len(chunks), seed

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return uniform numbers."""
        return np.stack([self._drawn(question) for question in questions])

    def _drawn(self, question: str) -> np.ndarray:
        words = list(question.encode())
        return np.random.default_rng([self.seed, *words]).random(self.count)


def top(scores: np.ndarray, k: int) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Return places and scores of the k best chunks, best first."""
    hits = best(scores, k)
    return tuple(hit.passage for hit in hits), tuple(hit.score for hit in hits)

"""Ways to rank the passages of one text for questions: by perplexity, by words, by meaning, by chance.

By perplexity is the question-aware coarse ranking of LongLLMLingua, whose length penalty is off; the restrictive
sentence is ours, where the released code has one of the same meaning.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engines.parts.completions import answer_ids, prompt_ids
from engines.parts.retrieval.retrieval import Bm25

if TYPE_CHECKING:
    from engines.parts.retrieval.embeddings import Encoder
    from engines.parts.scoring import Scorer


ENCODER = "all-minilm-l6-v2"
RESTRICTION = " The passage above holds the answer to this question."


class ByPerplexity:
    """Mean log-likelihood of the question and the restrictive sentence, given the chunk."""

    def __init__(
        self,
        chunks: Sequence[str],
        scorer: "Scorer",
        model: str = "",
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        from engines.parts.scoring import PassagePrefixes

        self.progress, self.model, tokenizer = progress, model, scorer.model.tokenizer
        self._question = lambda question: len(answer_ids(question + RESTRICTION, tokenizer))
        self._chunks = [len(prompt_ids(chunk, tokenizer)) for chunk in chunks]
        self.prefixes = PassagePrefixes(scorer, chunks, RESTRICTION)

    @property
    def cut(self) -> int:
        """Count chunks that do not fit the model's context beside a question."""
        return self.prefixes.cut

    def read(self, questions: Sequence[str], first: bool) -> list[int]:
        """Return the tokens read for each question: its own for every chunk; the first one with those of the chunks."""
        read = [len(self._chunks) * self._question(question) for question in questions]
        return [tokens + (sum(self._chunks) if first and not at else 0) for at, tokens in enumerate(read)]

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return nats per token, at most 0."""
        return self.prefixes.relevance(questions, self.progress)


class Unread:
    """A ranking that no language model reads for."""

    cut, model = 0, ""

    def read(self, questions: Sequence[str], first: bool) -> list[int]:
        """Return the tokens that a model reads for each question: none."""
        return [0] * len(questions)


class ByWords(Unread):
    """BM25."""

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
        self.cut, self.model = encoder.truncated - before, ENCODER
        self._count = lambda texts: [len(ids) for ids in encoder.tokenizer(list(texts))["input_ids"]]
        self._chunks = self._count(chunks)

    def read(self, questions: Sequence[str], first: bool) -> list[int]:
        """Return the tokens that the encoder reads for each question; the first one with those of the chunks."""
        read = self._count(questions)
        return [tokens + (sum(self._chunks) if first and not at else 0) for at, tokens in enumerate(read)]

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return cosines."""
        return (self.encoder.embed(questions) @ self.vectors.T).astype(np.float64)


class ByChance(Unread):
    """A random order for each question; the same question gets the same one."""

    def __init__(self, chunks: Sequence[str], seed: int) -> None:
        self.count, self.seed = len(chunks), seed

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return uniform numbers."""
        return np.stack([self._drawn(question) for question in questions])

    def _drawn(self, question: str) -> np.ndarray:
        words = list(question.encode())
        return np.random.default_rng([self.seed, *words]).random(self.count)


class Ranking(Protocol):
    """Scores all chunks of one paper for questions.

    Attributes:
        cut: chunks of which only the beginning was read, so far.
        model: that ranks; "" where none does.
    """

    model: str

    @property
    def cut(self) -> int:
        """Count them."""
        ...

    def read(self, questions: Sequence[str], first: bool) -> list[int]:
        """Return the tokens that the model reads to rank for each question; chunks are read once, by the `first`."""
        ...

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return relevance, shape (questions, chunks), higher for a better chunk."""
        ...

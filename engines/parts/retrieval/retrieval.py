"""Which passages belong to a question: by words (BM25), by meaning (dense), or by how well they foretell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from engines.parts.retrieval.embeddings import Encoder
from workbench.contract.errors import DataError

if TYPE_CHECKING:
    from engines.parts.scoring.scoring import Scorer

WORD = r"(?u)\b\w+\b"


@dataclass(frozen=True)
class Hit:
    """A passage found: its position, and its score, which is higher for a better one."""

    passage: int
    score: float


def best(scores: np.ndarray, k: int) -> list[Hit]:
    """Return the k highest scores, best first, equal ones in the order of the passages.

    Args:
        scores: shape (N,).
        k: at least 1; all where there are fewer.
    """
    order = np.argsort(-np.asarray(scores, np.float64), kind="stable")[:k]
    return [Hit(int(at), float(scores[at])) for at in order]


class Bm25:
    """Okapi BM25 in Lucene's form over passages: lower-case words, none left out.

    Raises:
        DataError: there are no passages.
    """

    def __init__(self, passages: Sequence[str], k1: float = 1.5, b: float = 0.75) -> None:
        import bm25s

        _require_passages(passages)
        self.count = len(passages)
        self._index = bm25s.BM25(method="lucene", k1=k1, b=b)
        words = _words(passages)
        self._known = {word for passage in words for word in passage}
        if self._known:
            self._index.index(words, show_progress=False)

    def scores(self, query: str) -> np.ndarray:
        """Score of every passage, shape (N,); zeros where no word of the query is known."""
        words = [word for word in _words([query])[0] if word in self._known]
        if not words:
            return np.zeros(self.count, np.float32)
        return self._index.get_scores(words)

    def search(self, query: str, k: int) -> list[Hit]:
        """Return the k best passages, best first."""
        return best(self.scores(query), k)


class Dense:
    """Cosine similarity of embeddings, exact.

    Raises:
        DataError: there are no passages.
    """

    def __init__(self, passages: Sequence[str], encoder: Encoder) -> None:
        _require_passages(passages)
        self.encoder = encoder
        self.vectors = encoder.embed(passages)

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """For each query the k best passages, best first."""
        similarities = self.encoder.embed(queries) @ self.vectors.T
        return [best(row, k) for row in similarities]


def perplexity_ranking(
    scorer: "Scorer", passages: Sequence[str], questions: Sequence[str], restriction: str = ""
) -> np.ndarray:
    """Return the relevance of each passage to each question, shape (questions, passages), higher for a better one.

    The score is minus the mean negative log-likelihood per token of the question (and a fixed restrictive sentence,
    as in TreeReview's released code) right after the passage. All questions share what was computed for a passage.

    Raises:
        DataError: there are no passages, or one is too long with a question.
        ModelError: the model gives no finite numbers.
    """
    _require_passages(passages)
    asked = [question + restriction for question in questions]
    scored = scorer.score([(passage, question) for passage in passages for question in asked])
    means = np.array([entry.mean for entry in scored]).reshape(len(passages), len(asked))
    return means.T


def hit_at(ranking: Sequence[int], relevant: set[int], k: int) -> float:
    """hit@k: 1 where a relevant passage is among the first k, else 0."""
    return float(any(passage in relevant for passage in ranking[:k]))


def reciprocal_rank(ranking: Sequence[int], relevant: set[int]) -> float:
    """1 / rank of the first relevant passage, 0 without one; its mean over questions is the MRR."""
    return next((1 / rank for rank, passage in enumerate(ranking, start=1) if passage in relevant), 0.0)


def ndcg_at(ranking: Sequence[int], relevant: set[int], k: int) -> float:
    """nDCG@k with relevance 0 or 1 and a discount of log2(rank + 1); 0 where nothing is relevant."""
    gains = [1 / np.log2(rank + 1) for rank, passage in enumerate(ranking[:k], start=1) if passage in relevant]
    ideal = [1 / np.log2(rank + 1) for rank in range(1, min(k, len(relevant)) + 1)]
    return float(sum(gains) / sum(ideal)) if ideal else 0.0


def _words(texts: Sequence[str]) -> list[list[str]]:
    import bm25s

    found = bm25s.tokenize(list(texts), token_pattern=WORD, stopwords=[], return_ids=False, show_progress=False)
    return cast(list[list[str]], found)


def _require_passages(passages: Sequence[str]) -> None:
    if not passages:
        raise DataError("There are no passages to search.", "Give a data set with at least one passage.")

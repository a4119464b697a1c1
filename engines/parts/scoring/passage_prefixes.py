"""Passages whose keys and values stay in memory, so that each further question costs its own tokens alone.

Design decisions:
- The score is that of `retrieval.perplexity_ranking`; only what is computed again differs.
- Keys and values are kept within a budget of memory; passages beyond it are read anew for every batch of questions.
- A model whose cache cannot hold a shared prefix is scored the usual way.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from engines.parts.completions.prompts import answer_ids, prompt_ids
from engines.parts.prefixes.shared_prefix import SharedPrefix
from workbench.contract.errors import DataError, ModelError

if TYPE_CHECKING:
    from engines.parts.scoring.scoring import Scorer

MOST_BYTES = 2_000_000_000
"""Of keys and values kept, all passages together."""
READ_TOKENS = 16_384
"""Most keys that a batch of questions behind a passage reads, the passage's included."""


class PassagePrefixes:
    """Scores how well each of some passages foretells questions.

    Args:
        scorer: of the model that ranks.
        passages: at least one.
        restriction: a fixed sentence that is read, and scored, after every question.
        most_bytes: of memory for keys and values.

    Attributes:
        cut: passages of which only the beginning fits the model's context beside a question.

    Raises:
        DataError: there are no passages.
    """

    def __init__(
        self, scorer: "Scorer", passages: Sequence[str], restriction: str = "", most_bytes: int = MOST_BYTES
    ) -> None:
        if not passages:
            raise DataError("There are no passages to search.", "Give a text with at least one paragraph.")
        self.scorer, self.restriction, self.most_bytes = scorer, restriction, most_bytes
        self.cut = 0
        self._ids = [prompt_ids(passage, scorer.model.tokenizer) for passage in passages]
        self._prefixes: dict[int, SharedPrefix] = {}
        self._bytes = 0

    def relevance(self, questions: Sequence[str], tell: Callable[[int, int], None] | None = None) -> np.ndarray:
        """Return the relevance of each passage to each question, shape (questions, passages), higher for a better one.

        The score is the mean log-likelihood per token of the question and the restriction right after the passage.

        Args:
            questions: none of them empty.
            tell: hears how many passages of how many are done.

        Raises:
            DataError: a question is empty, or leaves no room for a passage in the model's context.
            ModelError: the model gives no finite numbers.
        """
        tokenizer = self.scorer.model.tokenizer
        asked = [answer_ids(question + self.restriction, tokenizer) for question in questions]
        if not all(asked):
            raise DataError("A question to rank passages by is empty.", "Ask at least one word.")
        if not asked:
            return np.zeros((0, len(self._ids)))
        self._fit(max(map(len, asked)))
        columns = []
        for at in range(len(self._ids)):
            columns.append(self._column(at, asked))
            if tell:
                tell(at + 1, len(self._ids))
        found = np.stack(columns, axis=1)
        if not np.isfinite(found).all():
            raise ModelError(
                "The ranking model gives no finite log-probability.", "Choose another model to rank, or rank by BM25."
            )
        return found

    def _fit(self, longest: int) -> None:
        room = self.scorer.model.context - longest
        if room < 1:
            raise DataError(
                f"A question has {longest:,} tokens; the model reads {self.scorer.model.context:,} at once.",
                "Ask a shorter question.",
            )
        for at, ids in enumerate(self._ids):
            if len(ids) > room:
                self._ids[at] = ids[:room]
                self._prefixes.pop(at, None)
                self.cut += 1

    def _column(self, at: int, asked: Sequence[Sequence[int]]) -> np.ndarray:
        if not self.scorer.shares:
            scored = self.scorer.score_ids([(self._ids[at], question) for question in asked])
            return np.array([entry.mean for entry in scored])
        with torch.inference_mode():
            prefix = self._prefix(at)
            rows = max(1, READ_TOKENS // (prefix.length + max(map(len, asked))))
            parts = [self._means(prefix, asked[start : start + rows]) for start in range(0, len(asked), rows)]
        return np.concatenate(parts)

    def _prefix(self, at: int) -> SharedPrefix:
        if at in self._prefixes:
            return self._prefixes[at]
        prefix = self.scorer.prefix().extended(list(self._ids[at]))
        # Of its states only the last one predicts anything here.
        prefix.states = prefix.states[-1:].clone()
        if self._bytes + prefix.bytes <= self.most_bytes:
            self._prefixes[at] = prefix
            self._bytes += prefix.bytes
        return prefix

    def _means(self, prefix: SharedPrefix, asked: Sequence[Sequence[int]]) -> np.ndarray:
        """Return the mean log-probability of each question's tokens after the prefix."""
        longest = max(map(len, asked))
        padded = torch.tensor([[*ids, *[0] * (longest - len(ids))] for ids in asked])
        states = prefix.states[None].expand(len(asked), -1, -1)
        if longest > 1:
            states = torch.cat([states, prefix.read(padded[:, :-1])], dim=1)
        device = states.device
        lengths = torch.tensor([len(ids) for ids in asked], device=device)
        inside = torch.arange(longest, device=device)[None] < lengths[:, None]
        values = torch.zeros(inside.shape, dtype=torch.float64, device=device)
        targets = padded.to(device)[inside]
        values[inside] = self.scorer.head.log_probabilities(states[inside], targets).to(torch.float64)
        return (values.sum(1) / lengths).cpu().numpy()

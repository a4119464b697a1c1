"""Answers that are JSON of a given shape: at each token, only those are allowed that some valid value goes on with.

llguidance keeps the grammar. Between the parts of a value there is one space and nowhere else any, since small models
fill free white space without end. What a schema asks beyond its grammar (lenient) is for a validator to check later.
"""

import threading
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from workbench.contract.errors import ConfigError, ModelError

LAYOUT: Any = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": ", "lenient": True}


class SchemaGrammar:
    """A JSON schema, compiled for the tokens of one model.

    Args:
        schema: JSON text, an object.
        vocabulary: number of logits.
        ends: token ids that end an answer.

    Raises:
        ConfigError: it is no JSON schema, or one that no grammar can hold.
        ModelError: the tokenizer is of a kind that cannot be constrained.
    """

    def __init__(self, schema: str, tokenizer: Any, vocabulary: int, ends: frozenset[int]) -> None:
        from llguidance import LLMatcher

        self.vocabulary = vocabulary
        self._tokens = _tokens_of(tokenizer, vocabulary, ends)
        try:
            self._grammar = LLMatcher.grammar_from_json_schema(schema, overrides=LAYOUT)
        except ValueError as error:
            raise _unusable(str(error)) from error
        wrong, said = LLMatcher.validate_grammar_with_warnings(self._grammar, self._tokens)
        if wrong:
            raise _unusable(said[0])

    def guide(self) -> "SchemaGuide":
        """Return a guide for one answer."""
        from llguidance import LLMatcher

        return SchemaGuide(LLMatcher(self._tokens, self._grammar))


class SchemaGuide:
    """Follows one answer through the grammar."""

    def __init__(self, matcher: Any) -> None:
        self._matcher = matcher

    def allow(self, bits: np.ndarray) -> None:
        """Write which tokens may come next, one bit each, int32, shape (vocabulary / 32,).

        Raises:
            ModelError: the schema is too complex to follow.
        """
        self._matcher.unsafe_compute_mask_ptr(bits.ctypes.data, bits.nbytes)
        if self._matcher.is_error():
            raise ModelError(
                f"The shape of the answer cannot be followed: {self._matcher.get_error()[:200]}",
                "Ask for a simpler schema: fewer alternatives, shorter limits, no large patterns.",
            )

    def take(self, token: int) -> bool:
        """Go on by a token; whether the value is complete and cannot go on."""
        self._matcher.consume_token(token)
        return bool(self._matcher.is_stopped())


def constrained(logits: Tensor, guides: Sequence[SchemaGuide]) -> Tensor:
    """Logits with -inf at every token that the guide of its row forbids, shape (B, V)."""
    rows, vocabulary = logits.shape
    bits = np.zeros((rows, -(-vocabulary // 32)), np.int32)
    for row, guide in zip(bits, guides, strict=True):
        guide.allow(row)
    allowed = np.unpackbits(bits.view(np.uint8), axis=1, bitorder="little")[:, :vocabulary]
    return logits.masked_fill(torch.from_numpy(allowed == 0).to(logits.device), -torch.inf)


_TOKENS: "weakref.WeakKeyDictionary[Any, dict[tuple[int, frozenset[int]], Any]]" = weakref.WeakKeyDictionary()
_LOCK = threading.Lock()
# Reading a vocabulary takes a second or two, so it is kept as long as its tokenizer.


def _tokens_of(tokenizer: Any, vocabulary: int, ends: frozenset[int]) -> Any:
    from llguidance.hf import from_tokenizer
    from transformers import PreTrainedTokenizerFast

    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise ModelError(
            f"The tokenizer {type(tokenizer).__name__} cannot be held to a shape: it is no fast tokenizer.",
            "Save it again with a tokenizer.json, or ask for JSON without a schema.",
        )
    with _LOCK:
        kept = _TOKENS.setdefault(tokenizer, {})
        key = (vocabulary, ends)
        if key not in kept:
            kept[key] = from_tokenizer(tokenizer, n_vocab=vocabulary, eos_token=sorted(ends) or None)
        return kept[key]


def _unusable(said: str) -> ConfigError:
    line = said.strip().splitlines()[0][:200] if said.strip() else "no reason was given"
    return ConfigError({"schema": f"This JSON schema cannot be used: {line}."}, "Correct the schema of the answer.")

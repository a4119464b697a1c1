"""Tokens as text while an answer grows: a piece for each token, and the pieces joined are the answer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

UNFINISHED = "\N{REPLACEMENT CHARACTER}"
"""What the bytes of a character decode to before the last one is there."""
BEFORE = 4
"""Tokens of the prompt that an answer is decoded after, so that a space at its beginning is not lost."""


class GrowingText:
    """Decodes the tokens of one answer, one at a time, looking at a few of them only.

    Args:
        before: token ids of the prompt.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", before: Sequence[int]) -> None:
        self._tokenizer = tokenizer
        self._ids = list(before[-BEFORE:])
        self._start, self._told = 0, len(self._ids)

    def piece(self, token: int) -> str:
        """Return the text that a token adds: "" for a special token, and until a character is whole."""
        self._ids.append(token)
        new = self._untold()
        if not new or new.endswith(UNFINISHED):
            return ""
        self._start, self._told = self._told, len(self._ids)
        return new

    def rest(self) -> str:
        """Return the text that the last tokens leave behind: the replacement mark for an unfinished character."""
        return self._untold()

    def _untold(self) -> str:
        known = decoded(self._tokenizer, self._ids[self._start : self._told])
        return decoded(self._tokenizer, self._ids[self._start :])[len(known) :]


def decoded(tokenizer: "PreTrainedTokenizerBase", ids: Sequence[int]) -> str:
    """Decode token ids to their text, special tokens left out, nothing tidied."""
    return str(tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False))

"""Whether a text contains an answer: the check behind Golden and Noise, right and wrong.

The normalisation is SQuAD's (`engines.parts.answers.normalised`), done in a few passes of C instead of one of Python
for each letter. Answers are normalised once, texts that were seen before not again.
"""

import string
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from engines.parts.answers import normalised

Match = Literal["words", "substring"]
"""An answer must stand as whole words, or may be part of a word (as in the paper: "art" in "party")."""

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_TAGS = str.maketrans("<>", "  ")
_ARTICLES = frozenset(("a", "an", "the"))
KEPT_TEXTS = 4096
FIRST_WIDE = "\u2e80"
"""From here on are scripts that put no space between words."""


def fast_normalised(text: str) -> str:
    """Equal to `normalised`: lower case, without punctuation, articles and spare spaces."""
    if not text.isascii():
        return normalised(text)
    words = text.lower().translate(_NO_PUNCTUATION).split()
    return " ".join([word for word in words if word not in _ARTICLES])


@lru_cache(maxsize=KEPT_TEXTS)
def searchable(text: str) -> str:
    """A text normalised so that answers can be looked for; the angle brackets of tags part words ("<p>Oslo</p>")."""
    return fast_normalised(text.translate(_TAGS))


class GoldAnswers:
    """The answers that count as right for one question.

    Answers that normalise to nothing ("the", "?!") can be found nowhere and are left out; `usable` says whether any is
    left.
    """

    def __init__(self, answers: Iterable[str], match: Match = "words") -> None:
        golds = dict.fromkeys(fast_normalised(answer) for answer in answers)
        self._needles = [_needle(gold, match) for gold in golds if gold]

    @property
    def usable(self) -> bool:
        """Whether any answer can be found at all."""
        return bool(self._needles)

    def within(self, text: str) -> bool:
        """Whether the text contains one of the answers."""
        said = f" {searchable(text)} "
        return any(needle in said for needle in self._needles)


def _needle(gold: str, match: Match) -> str:
    # Scripts without spaces have no whole words to ask for.
    return f" {gold} " if match == "words" and max(gold) < FIRST_WIDE else gold

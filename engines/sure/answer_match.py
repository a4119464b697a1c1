"""Whether a text contains an answer: the check behind Golden and Noise, right and wrong.

The normalisation is SQuAD's (`engines.parts.answers`), done in a few passes over bytes instead of one of
Python for each letter. Answers are normalised once, texts that were seen before not again.
"""

import re
import string
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from engines.parts.answers import normalised

Match = Literal["words", "substring"]
"""An answer must stand as whole words, or may be part of a word (as in the paper: "art" in "party")."""

_PUNCTUATION = string.punctuation.encode()
_SPACES = b" \t\n\v\f\r\x1c\x1d\x1e\x1f"
_TO_SPACE = bytes.maketrans(_SPACES, b" " * len(_SPACES))
_TAGS_TO_SPACE = bytes.maketrans(_SPACES + b"<>", b" " * (len(_SPACES) + 2))
_BUT_TAGS = bytes(mark for mark in _PUNCTUATION if mark not in b"<>")
_KNOWN = _PUNCTUATION + _SPACES + (string.ascii_lowercase + string.digits).encode()
_ARTICLE = re.compile(" (?:a|an|the)(?= )")
KEPT_TEXTS = 4096
FIRST_WIDE = "\u2e80"
"""From here on are scripts that put no space between words."""


def fast_normalised(text: str) -> str:
    """Equal to `normalised`: lower case, without punctuation, articles and spare spaces."""
    return _words_of(text, _TO_SPACE, _PUNCTUATION).strip()


@lru_cache(maxsize=KEPT_TEXTS)
def searchable(text: str) -> str:
    """A text normalised so that answers can be looked for, with a space at either end.

    The angle brackets of tags part words ("<p>Oslo</p>").
    """
    return _words_of(text, _TAGS_TO_SPACE, _BUT_TAGS)


def _words_of(text: str, spaces: bytes, dropped: bytes) -> str:
    lower = text.lower().encode("utf-8", "surrogatepass")
    other = lower.translate(None, _KNOWN)
    # Letters and digits of any script are parts of words; any other mark or space is left to the plain way.
    if other and not other.decode("utf-8", "surrogatepass").isalnum():
        marks = "<>" if dropped is _BUT_TAGS else ""
        return f" {normalised(text.translate(dict.fromkeys(map(ord, marks), ' ')))} "
    said = b" %b " % lower.translate(spaces, dropped)
    while b"  " in said:
        said = said.replace(b"  ", b" ")
    return _ARTICLE.sub("", said.decode("utf-8"))


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
        said = searchable(text)
        return any(needle in said for needle in self._needles)


def _needle(gold: str, match: Match) -> str:
    # Scripts without spaces have no whole words to ask for.
    return f" {gold} " if match == "words" and max(gold) < FIRST_WIDE else gold

"""Words of texts compared as a reader does: quotations, shared runs of words, and what merely repeats another text.

Letters and digits alone count, in any case, across line ends, hyphens and typographic quotation marks. A quotation with
an ellipsis is found when each of its parts is.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WORD = re.compile(r"[^\W_]+")
ELLIPSIS = re.compile(r"\s*(?:\[?\.{3,}\]?|\[?…\]?)\s*")
LEAST_QUOTED = 4
"""Words: a shorter quotation is found almost anywhere."""
LEAST_SHARED = 6
"""Words that an answer must share with a passage in one run to count as taken from it."""
LEAST_ECHO, MOST_ECHO = 5, 0.8
"""Words in a row that count as repeated, and the share of a text from which it is what the model was told."""


@dataclass(frozen=True)
class Words:
    """A text as words for comparison, each with its place in the text: (start, end)."""

    words: tuple[str, ...]
    places: tuple[tuple[int, int], ...]


def words_of(text: str) -> Words:
    """Return words for comparison; CJK and other letters without spaces count one by one."""
    words: list[str] = []
    places: list[tuple[int, int]] = []
    for found in WORD.finditer(text):
        for start, end in _pieces(found[0], found.start()):
            words.append(unicodedata.normalize("NFKC", text[start:end]).casefold())
            places.append((start, end))
    return Words(tuple(words), tuple(places))


def _pieces(word: str, at: int) -> Iterator[tuple[int, int]]:
    if any(ord(letter) >= 0x2E80 for letter in word):
        yield from ((at + place, at + place + 1) for place in range(len(word)))
    else:
        yield at, at + len(word)


def find_quotation(quotation: str, text: Words) -> list[tuple[int, int]]:
    """Return places of a quotation in a text, one for each part between ellipses; none where a part is not there."""
    places = []
    for part in ELLIPSIS.split(quotation.strip()):
        words = words_of(part).words
        if not words:
            continue
        at = _find(words, text.words)
        if at < 0:
            return []
        places.append((text.places[at][0], text.places[at + len(words) - 1][1]))
    quoted = sum(len(words_of(part).words) for part in ELLIPSIS.split(quotation))
    return places if quoted >= LEAST_QUOTED else []


def _find(words: Sequence[str], within: Sequence[str]) -> int:
    first, length = words[0], len(words)
    at = -1
    while True:
        try:
            at = within.index(first, at + 1)
        except ValueError:
            return -1
        if within[at : at + length] == tuple(words):
            return at


def shared_runs(answer: str, passage: Words, least: int = LEAST_SHARED) -> list[tuple[int, int]]:
    """Return places of a passage whose words an answer repeats, in runs of at least `least`; no two overlap."""
    said = words_of(answer).words
    grams: dict[tuple[str, ...], list[int]] = {}
    for at in range(len(said) - least + 1):
        grams.setdefault(said[at : at + least], []).append(at)
    runs: list[tuple[int, int]] = []
    at = 0
    while at <= len(passage.words) - least:
        starts = grams.get(passage.words[at : at + least], ())
        length = max((_common(said, start, passage.words, at) for start in starts), default=0)
        if length:
            runs.append((passage.places[at][0], passage.places[at + length - 1][1]))
        at += max(1, length)
    return runs


def _common(first: Sequence[str], a: int, second: Sequence[str], b: int) -> int:
    length = 0
    while a + length < len(first) and b + length < len(second) and first[a + length] == second[b + length]:
        length += 1
    return length


def echoes(text: str, said: str) -> bool:
    """Return whether most of a text stands word for word in what the model was told, in runs of five words or more."""
    words = words_of(text)
    runs = shared_runs(said, words, LEAST_ECHO)
    copied = sum(start < end for start, end in words.places for a, b in runs if a <= start < b)
    return copied >= MOST_ECHO * len(words.words) > 0


def marked(text: str, places: Sequence[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    """Yield a text in pieces, each with whether it lies in one of the places (which may overlap)."""
    at = 0
    for start, end in _merged(places):
        if start > at:
            yield text[at:start], False
        yield text[start:end], True
        at = end
    if at < len(text):
        yield text[at:], False


def _merged(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged

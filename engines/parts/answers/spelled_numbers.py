"""Numbers in English words: "nine", "twenty-three", "one hundred and five"."""

import re

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = {word: at for at, word in enumerate(_SMALL.split())}
_VALUES |= {word: 10 * at for at, word in enumerate(_TENS.split(), start=2)}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
MOST_WORDS = 40


def spelled_number(text: str) -> int | None:
    """Return the whole number that a text begins with in words; None where it begins with another word.

    "minus" or "negative" before it makes it negative. Words beyond the number are passed over.
    """
    words = re.findall(r"[a-z]+|\d+", text[:400].lower())[:MOST_WORDS]
    sign = -1 if words and words[0] in ("minus", "negative") else 1
    words = words[1:] if sign < 0 else words
    total, group, read = 0, 0, 0
    for at, word in enumerate(words):
        if word in _VALUES:
            group += _VALUES[word]
        elif word == "hundred" and group:
            group *= 100
        elif word in _SCALES and group:
            total, group = total + group * _SCALES[word], 0
        elif not (word == "and" and read and at + 1 < len(words) and words[at + 1] in _VALUES):
            break
        read += 1
    return sign * (total + group) if read else None

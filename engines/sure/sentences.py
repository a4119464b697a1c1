"""Sentences of a document, split the same way each time, and put in another order."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np

ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st sr jr vs etc no fig vol ca cf e.g i.e u.s u.k jan feb aug sept oct nov dec".split()  # noqa: SIM905
)
"""Words whose full stop ends no sentence."""

_CLOSING = r"[\"'”’)\]]*"
_ENDING = re.compile(
    rf"[.!?…]+{_CLOSING}(?=\s+[\"'“‘(\[]*[^\W\d_a-z])|[.!?…]+{_CLOSING}(?=\s+\d)|[。！？]+[」』”]*|\n+"
)
_WIDE_END = ("。", "！", "？", "」", "』", "”")


def split_sentences(text: str) -> list[str]:
    """The sentences of a text in order, without the space around them; nothing but space is lost.

    A sentence ends at ".", "!", "?" or "…" before space and a capital or digit, at the full-width marks of Chinese and
    Japanese, and at a line break; not after an abbreviation or an initial.
    """
    found, begins = [], 0
    for ending in _ENDING.finditer(text):
        if ending[0].startswith(".") and _abbreviated(text[begins : ending.start()]):
            continue
        found.append(text[begins : ending.end()].strip())
        begins = ending.end()
    return [sentence for sentence in (*found, text[begins:].strip()) if sentence]


def _abbreviated(before: str) -> bool:
    word = before.rsplit(maxsplit=1)[-1] if before.split() else ""
    return word.lower().lstrip("(\"'") in ABBREVIATIONS or (len(word) == 1 and word.isupper())


def join_sentences(sentences: Sequence[str]) -> str:
    """Sentences as one paragraph; no space after the full-width marks of scripts that have none."""
    parts = [sentence if sentence.endswith(_WIDE_END) else f"{sentence} " for sentence in sentences]
    return "".join(parts).rstrip()


def reversed_order(text: str) -> str:
    """The sentences last to first; the text itself where there is only one."""
    sentences = split_sentences(text)
    return join_sentences(sentences[::-1]) if len(sentences) > 1 else text


def random_order(text: str, seed: int = 0) -> str:
    """The sentences in a random order that is not the old one; it depends on the text and the seed alone."""
    sentences = split_sentences(text)
    if len(set(sentences)) < 2:
        return text
    digest = hashlib.sha256(f"{seed} {text}".encode("utf-8", "replace")).digest()
    draw = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    while True:
        shuffled = [sentences[at] for at in draw.permutation(len(sentences))]
        if shuffled != sentences:
            return join_sentences(shuffled)


def in_order(text: str, order: Sequence[int]) -> str:
    """The sentences in a given order (numbers from 1); the text itself where that is no order of all of them."""
    sentences = split_sentences(text)
    if sorted(order) != list(range(1, len(sentences) + 1)):
        return text
    return join_sentences([sentences[number - 1] for number in order])

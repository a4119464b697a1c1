"""Sentences of a text, split and joined the same way each time, and its words counted whatever its script."""

import re
from collections.abc import Sequence

from engines.parts.answers.gold_answers import SPACELESS

ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st sr jr vs etc no fig vol ca cf e.g i.e u.s u.k jan feb aug sept oct nov dec".split()  # noqa: SIM905
)
"""Words whose full stop ends no sentence."""
_CLOSING = r"[\"'”’)\]]*"
_ENDING = re.compile(
    rf"[.!?…]+{_CLOSING}(?=\s+[\"'“‘(\[]*[^\W\d_a-z])|[.!?…]+{_CLOSING}(?=\s+\d)|[。！？]+[」』”]*|\n+"
)
_WORD = re.compile(rf"[{SPACELESS}]|[^\s{SPACELESS}]+")
_WIDE_END = ("。", "！", "？", "」", "』", "”")


def split_sentences(text: str) -> list[str]:
    """Split a text into its sentences in order, without the space around them; nothing but space is lost.

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
    """Join sentences into one paragraph; no space after the full-width marks of scripts that have none."""
    parts = [sentence if sentence.endswith(_WIDE_END) else f"{sentence} " for sentence in sentences]
    return "".join(parts).rstrip()


def word_count(text: str) -> int:
    """Count words; of scripts that put no space between words each letter."""
    return len(_WORD.findall(text))

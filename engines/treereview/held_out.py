"""Does a ranking find where a sentence came from? Sentences are taken out of the paper, and looked for as questions.

Every paragraph gives at most one sentence, and all of them are taken out of the chunks at once, so that no ranking sees
the words it looks for; the chunks stay the same for every question. A ranking hits when one of its first k chunks holds
text of the sentence's own section. Chance is exact: the probability that k chunks drawn at random hold one of them.

The draw depends on the paper alone, not on a run's seeds: one that changed with them would make a ranking, which has no
chance in it, look as if it had. It is prefix-stable: 24 sentences hold the same 12, but each one more is taken out of
the chunks too, so that ranks of the 12 may change.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from engines.treereview.chunks import Chunk, labelled
from engines.treereview.paper import Paper

SENTENCE = re.compile(r"(?<=[.!?。！？])\s+(?=\S)|(?<=[。！？])")
FEWEST_WORDS = 8
FEWEST_LEFT = 12
"""Words that must stay in the paragraph."""


@dataclass(frozen=True)
class HeldOut:
    """A sentence looked for, the paragraph it came from, and the chunks that hold text of its section."""

    paragraph: int
    sentence: str
    section: str
    chunks: frozenset[int]


def hold_out(paper: Paper, chunks: Sequence[Chunk], most: int) -> tuple[list[HeldOut], list[str]]:
    """At most `most` sentences, drawn from different paragraphs, and the chunks' texts without them."""
    draw = np.random.default_rng([0, len(paper.paragraphs)])
    taken: dict[int, str] = {}
    for number in draw.permutation(len(paper.paragraphs)):
        if len(taken) >= most:
            break
        sentence = _one_of(paper.paragraphs[number].text, draw)
        if sentence:
            taken[int(number)] = sentence
    homes = _chunks_by_section(paper, chunks)
    held = [
        HeldOut(at, sentence, " > ".join(paper.paragraphs[at].path), homes[paper.paragraphs[at].path])
        for at, sentence in sorted(taken.items())
    ]
    return held, [_without(paper, chunk, taken) for chunk in chunks]


def _one_of(text: str, draw: np.random.Generator) -> str:
    sentences = [part.strip() for part in SENTENCE.split(text)]
    usable = [
        part
        for part in sentences
        if _long_enough(part, FEWEST_WORDS) and _long_enough(text.replace(part, "", 1), FEWEST_LEFT)
    ]
    return usable[int(draw.integers(len(usable)))] if usable else ""


def _long_enough(text: str, words: int) -> bool:
    return len(text.split()) >= words or sum(ord(letter) >= 0x2E80 for letter in text) >= 2 * words


def _chunks_by_section(paper: Paper, chunks: Sequence[Chunk]) -> dict[tuple[str, ...], frozenset[int]]:
    found: dict[tuple[str, ...], set[int]] = {}
    for chunk in chunks:
        for at in chunk.paragraphs:
            found.setdefault(paper.paragraphs[at].path, set()).add(chunk.number)
    return {path: frozenset(numbers) for path, numbers in found.items()}


def _without(paper: Paper, chunk: Chunk, taken: dict[int, str]) -> str:
    """A chunk's text without the sentences; section paths are left out too, as they may give the section away."""
    return "\n\n".join(paper.paragraphs[at].text.replace(taken.get(at, "\0"), "", 1) for at in chunk.paragraphs)


def chance_of_hit(chunks: int, relevant: int, k: int) -> float:
    """Probability that k of `chunks` drawn without replacement hold at least one of `relevant`."""
    k = min(k, chunks)
    return 1.0 - comb(chunks - relevant, k) / comb(chunks, k)


def shown(paper: Paper, held: HeldOut) -> str:
    """The paragraph a sentence came from, as chunks show it."""
    return labelled(paper.paragraphs[held.paragraph])

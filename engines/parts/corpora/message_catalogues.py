"""Parallel sentences from the gettext catalogues of Django: short messages of a web application in about 100 languages.

A message is the same in two languages when catalogue, context and English text agree. Kept are messages that are text:
without placeholders, with letters and words enough; markup is taken off. Fuzzy and obsolete translations and copies of
the English are left out. Of messages with plural forms the last form (the general plural) is taken.
"""

import hashlib
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from engines.parts.registry.packages import ProgressCallback, RegistryPackage, member_bytes, no_progress, opened

if TYPE_CHECKING:
    import polib

DJANGO = RegistryPackage(
    "Django",
    "5.2.19",
    "5965d974a5218a2b68a11dd1276434707f23886525c23f0598eccedaf4f4ca00",
    8_319_631,
    "BSD-3-Clause",
)
LICENCE_MEMBER = "django-5.2.19.dist-info/licenses/LICENSE"
CATALOGUE = re.compile(
    r"^(django/(?:[a-z_]+/)*)locale/([A-Za-z]{2,3}(?:_[A-Za-z]{2,8})*)/LC_MESSAGES/(django|djangojs)\.po$"
)
FORMATTING = re.compile(r"</?(?:strong|em|b|i|a|code|p|span|br)\b[^<>]*>", re.IGNORECASE)
NOT_TEXT = re.compile(r"%\([^)]*\)|%[a-zA-Z%]|\{[^{}]*\}|</?[a-zA-Z]")
"""Placeholders, and tags that are spoken of rather than used."""
FEWEST_WORDS, FEWEST_LETTERS, FEWEST_TRANSLATED_LETTERS = 3, 12, 4
CATALOGUE_LIMIT = 2_000_000
ROWS = "rows.jsonl"


def write_messages(wheel: Path, target: Path, report: ProgressCallback = no_progress) -> None:
    """Align Django's catalogues into `rows.jsonl` of `target`: one line a message, its id and texts by language.

    Raises:
        DataError: the wheel is damaged or lacks a catalogue it lists.
    """
    rows: dict[str, dict[str, str]] = {}
    with opened(wheel) as archive:
        members = sorted(name for name in archive.namelist() if CATALOGUE.match(name))
        for done, member in enumerate(members):
            report("django-messages: align", done, len(members))
            _add_catalogue(rows, member, member_bytes(archive, member, CATALOGUE_LIMIT).decode("utf-8"))
        (target / "LICENSE").write_bytes(member_bytes(archive, LICENCE_MEMBER, CATALOGUE_LIMIT))
    lines = [json.dumps({"id": key, "texts": texts}, ensure_ascii=False) for key, texts in _without_repeats(rows)]
    (target / ROWS).write_text("\n".join(lines) + "\n", "utf-8")
    report("django-messages: align", len(members), len(members))


def _add_catalogue(rows: dict[str, dict[str, str]], member: str, text: str) -> None:
    import polib

    found = CATALOGUE.match(member)
    if not found or found[2].startswith("en"):
        return
    catalogue = found[1].removeprefix("django/").rstrip("/").replace("/", ".") + ("" if found[3] == "django" else ".js")
    for entry in polib.pofile(text):
        if entry.obsolete or entry.fuzzy:
            continue
        english, translated = clean_pair(*_pair(entry))
        if english:
            digest = hashlib.sha256(f"{entry.msgctxt or ''}\0{entry.msgid}".encode()).hexdigest()[:8]
            row = rows.setdefault(f"{catalogue}#{digest}", {"en": english})
            row[found[2]] = translated


def _pair(entry: "polib.POEntry") -> tuple[str, str]:
    if entry.msgid_plural:
        forms = entry.msgstr_plural
        return entry.msgid_plural, forms[max(forms)] if forms else ""
    return entry.msgid, entry.msgstr


def clean_pair(english: str, translated: str) -> tuple[str, str]:
    """Both texts without markup and line breaks; two empty strings where the pair is not text in two languages."""
    english, translated = plain(english), plain(translated)
    if NOT_TEXT.search(english) or NOT_TEXT.search(translated):
        return "", ""
    if len(english.split()) < FEWEST_WORDS or letters(english) < FEWEST_LETTERS:
        return "", ""
    if letters(translated) < FEWEST_TRANSLATED_LETTERS or translated.casefold() == english.casefold():
        return "", ""
    return english, translated


def plain(text: str) -> str:
    """Return a message as one line of text: tags taken off, entities resolved, white space single."""
    return " ".join(html.unescape(FORMATTING.sub("", text)).split())


def letters(text: str) -> int:
    """Number of letters of any script."""
    return sum(character.isalpha() for character in text)


def _without_repeats(rows: dict[str, dict[str, str]]) -> Iterator[tuple[str, dict[str, str]]]:
    # A message that two catalogues share would be its own nearest neighbour in retrieval; the fuller row stays.
    kept: dict[str, str] = {}
    for key in sorted(rows, key=lambda key: (-len(rows[key]), key)):
        kept.setdefault(rows[key]["en"].casefold(), key)
    for key in sorted(kept.values()):
        yield key, {language: rows[key][language] for language in sorted(rows[key])}

"""Say sentences of the page in the reader's language.

Design decisions:
- A message is its English sentence: code stays readable, a language that lacks it falls back to English, and the usual
  tools for PO files work. `benchwright.pot` is the catalogue; `.ci/messages` writes it from the code.
- What is put into a sentence is named (`{left}`), so that a language may order it its own way.
- A declaration (the title of a setting, the help of an arm) is said where it is shown: `say(setting.title)`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations
from pathlib import Path

from markupsafe import Markup

from workbench.messages.translations import read_translations

FOLDER = Path(__file__).parent
LANGUAGE = "en"
_chosen: ContextVar[str] = ContextVar("language", default=LANGUAGE)


def say(message: str, /, **values: object) -> str:
    """Return a message in the reader's language, its named gaps (`{left}`) filled."""
    found = _catalogue(_chosen.get()).gettext(message) if message else ""
    return found.format(**values) if values else found


def say_many(one: str, many: str, n: int, /, **values: object) -> str:
    """Return the form of a message that goes with a count: `say_many("{n} seed", "{n} seeds", 3)`."""
    return _catalogue(_chosen.get()).ngettext(one, many, n).format(n=f"{n:,}", **values)


def say_html(message: str, /, **values: object) -> Markup:
    """Return a message as HTML: the sentence and plain values escaped, values that are HTML as they stand."""
    return Markup(Markup.escape(say(message))).format(**values)


def noted(message: str) -> str:
    """Put a message into the catalogue that is said later: a constant, the word of a state."""
    return message


def language() -> str:
    """Return the language that sentences are said in: "en", "zh"."""
    return _chosen.get()


def languages() -> tuple[str, ...]:
    """Return every language that sentences can be said in, English first."""
    return (LANGUAGE, *sorted(path.stem for path in FOLDER.glob("*.po")))


@contextmanager
def in_language(name: str) -> Iterator[None]:
    """Say everything within in a language; one that is unknown is English."""
    before = _chosen.set(name if name in languages() else LANGUAGE)
    try:
        yield
    finally:
        _chosen.reset(before)


@cache
def _catalogue(name: str) -> NullTranslations:
    return NullTranslations() if name == LANGUAGE else read_translations(FOLDER / f"{name}.po")

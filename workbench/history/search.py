"""Full-text search: what is findable of a run, and how typed words become a query that cannot fail."""

import re
import sqlite3

# Thai, Lao, Burmese, Khmer, Chinese, Japanese, Korean: scripts whose words are not set apart by spaces.
_UNSPACED = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff])")
_WORDS_LIMIT = 32


def index_run(connection: sqlite3.Connection, number: int) -> None:
    """Make what is said of a run findable; call after each change of title, note or tags."""
    title, note, engine, run, spec = connection.execute(
        "SELECT title, note, engine, run, spec FROM runs JOIN specs USING (number) WHERE number = ?", (number,)
    ).fetchone()
    tags = " ".join(tag for (tag,) in connection.execute("SELECT tag FROM tags WHERE number = ?", (number,)))
    texts = [_searchable(text) for text in (title, note, tags, engine, run, spec)]
    connection.execute("DELETE FROM search WHERE rowid = ?", (number,))
    connection.execute(
        "INSERT INTO search (rowid, title, note, tags, engine, run, settings) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (number, *texts),
    )


def match_query(text: str) -> str | None:
    """Return the typed words as an FTS5 query.

    Each a quoted beginning of words, all of them wanted; None finds nothing.

    Quoting makes operators, brackets and column names plain words; words without a letter or digit say nothing.
    """
    words = [word for word in clean(text).split() if any(map(str.isalnum, word))]
    quoted = ['"' + _searchable(word).strip().replace('"', '""') + '"*' for word in words[:_WORDS_LIMIT]]
    return " ".join(quoted) or None


def clean(text: str) -> str:
    """Return the text without what a database or a page chokes on: lone surrogates and control characters."""
    whole = text.encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() or letter in "\n\t" else " " for letter in whole)


def _searchable(text: str) -> str:
    return _UNSPACED.sub(r" \1 ", text)

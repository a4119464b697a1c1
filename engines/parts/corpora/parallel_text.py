"""The same sentences in several languages: which columns are languages, which rows are complete, which are drawn."""

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from engines.parts.files.table_files import RawTable
from engines.parts.records.record_types import Record
from engines.parts.records.splits import drawn_keys
from workbench.contract.errors import DataError
from workbench.contract.vocabulary import Language

LANGUAGE: TypeAdapter[str] = TypeAdapter(Language)
NUMBERS = "numbers"
LEAST_REPEATED = 10
"""A column of at least so many cells in which each text occurs so many times on average holds labels."""


class ParallelSentences(Record):
    """The same sentence in several languages, as bundled sets hold it; a language may be missing.

    A researcher's own table has one column per language instead: `parallel_sentences` of `engines.parts.datasets` reads
    both, complete in the languages that are asked for.
    """

    texts: dict[str, str]
    """The sentence by language tag."""


@dataclass(frozen=True)
class SentenceTable:
    """Sentences as their source holds them: a language may be missing in a row.

    Attributes:
        rows: (stable id, cells by language); cells are whatever the source holds.
        row_is_line: ids are line numbers of a file, for error messages.
        doubtful: columns named like a language whose cells are no sentences, and what they are instead.
    """

    name: str
    licence: str
    languages: tuple[str, ...]
    rows: list[tuple[str, dict[str, Any]]]
    notes: tuple[str, ...] = ()
    row_is_line: bool = False
    doubtful: Mapping[str, str] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Languages and how many rows each has text in, most first."""
        found = Counter(dict.fromkeys(self.languages, 0))
        for _, cells in self.rows:
            found.update(language for language in self.languages if _is_filled(cells.get(language)))
        return dict(found.most_common())


@dataclass(frozen=True)
class ParallelText:
    """Sentences that are there in every asked language.

    Attributes:
        rows: one text per language each, no gaps.
        ids: one per row, stable for the same source.
        licence: empty where it is not known.
        notes: what was left out, in sentences for the reader.
    """

    languages: tuple[str, ...]
    rows: list[dict[str, str]]
    ids: list[str]
    source: str
    licence: str
    notes: tuple[str, ...]


def table_of_file(raw: RawTable, name: str) -> SentenceTable:
    """Return a file's table with the columns that are languages: named by a tag, and holding sentences.

    Raises:
        DataError: a row that cannot be read, or fewer than two columns of a language.
    """
    raw.require_sound()
    tagged = [column for column in raw.columns if is_language(column)]
    kinds = {column: not_sentences([cells.get(column) for _, cells in raw.rows]) for column in tagged}
    doubtful = {column: kind for column, kind in kinds.items() if kind}
    languages = tuple(column for column in tagged if column not in doubtful)
    others = [_named(column, doubtful) for column in raw.columns if column not in languages]
    if len(languages) < 2:
        raise DataError(
            f"{name} has {len(languages)} language columns ({_listed(languages)}); other columns: {_joined(others)}.",
            "Name at least two columns by language tags, such as en, fr, zh_Hans.",
            row=1,
        )
    notes = (f"Columns that are no language were ignored: {_joined(others)}.",) if others else ()
    rows = [(str(line), cells) for line, cells in raw.rows]
    return SentenceTable(name, "", languages, rows, notes, row_is_line=True, doubtful=doubtful)


def not_sentences(cells: Sequence[Any]) -> str:
    """Say what the filled cells of a column are if they are no sentences: numbers, identifiers, few labels; else ""."""
    filled = [cell for cell in cells if cell is not None and str(cell).strip()]
    texts = [cell.strip() if isinstance(cell, str) else "0" for cell in filled if isinstance(cell, str | int | float)]
    if not texts or len(texts) < len(filled):
        return ""
    if not any(letter.isalpha() for text in texts for letter in text):
        return NUMBERS
    if all(text.isascii() and len(text.split()) == 1 and any(map(str.isdigit, text)) for text in texts):
        return "identifiers"
    few = len(texts) >= LEAST_REPEATED and len(set(texts)) * LEAST_REPEATED <= len(texts)
    return f"{len(set(texts))} labels" if few else ""


def _named(column: str, doubtful: Mapping[str, str]) -> str:
    return f"{column} ({doubtful[column]})" if column in doubtful else _listed([column])


def is_language(name: str) -> bool:
    """Return whether a column's name is a language tag."""
    try:
        LANGUAGE.validate_python(name)
    except ValidationError:
        return False
    return True


def in_languages(table: SentenceTable, languages: Sequence[str], limit: int | None, seed: int) -> ParallelText:
    """Return the rows that are complete in all asked languages, at most `limit` of them, in the table's order.

    Raises:
        DataError: a language that the table lacks, a cell that is not text, or no complete row.
    """
    columns = _asked_columns(table, languages)
    asked = [f"{name} ({table.doubtful[name]})" for name in columns if name in table.doubtful]
    complete, gaps, repeats = _complete_rows(table, columns)
    if not complete:
        raise DataError(
            f"No row of {table.name} has text in all of {', '.join(columns)}.",
            "Ask for fewer languages, or fill the empty cells.",
        )
    notes = list(table.notes)
    if asked:
        notes.append(f"Read as languages because they were asked for, though they hold no sentences: {_joined(asked)}.")
    if gaps:
        notes.append(f"{gaps:,} of {len(table.rows):,} rows lack one of the languages and were left out.")
    if repeats:
        notes.append(f"{repeats:,} rows repeat an earlier row and were left out.")
    if limit is not None and len(complete) > limit:
        notes.append(f"{limit:,} of {len(complete):,} complete rows were drawn with seed {seed}.")
        complete = drawn(complete, limit, seed)
    keys, rows = [key for key, _ in complete], [texts for _, texts in complete]
    return ParallelText(columns, rows, keys, table.name, table.licence, tuple(notes))


def drawn(rows: list[tuple[str, dict[str, str]]], limit: int, seed: int) -> list[tuple[str, dict[str, str]]]:
    """Return `limit` rows chosen by seed and id alone, in their order.

    A smaller draw is always part of a larger one.
    """
    chosen = drawn_keys((key for key, _ in rows), limit, seed)
    return [row for row in rows if row[0] in chosen]


def _asked_columns(table: SentenceTable, languages: Sequence[str]) -> tuple[str, ...]:
    # Columns of identifiers or labels are read where they are asked for by name: the reader may know better.
    offered = [*table.languages, *(name for name, kind in table.doubtful.items() if kind != NUMBERS)]
    folded = {_folded(column): column for column in offered}
    columns: dict[str, None] = {}
    for language in languages:
        column = language if language in offered else folded.get(_folded(language))
        if column is None:
            raise _no_such_language(table, language)
        columns[column] = None
    if len(columns) < 2:
        raise DataError(
            f"{len(columns)} language was asked for ({_listed(tuple(columns))}), at least 2 are needed.",
            f"{table.name} has {_listed(table.languages, 30)}.",
        )
    return tuple(columns)


def _no_such_language(table: SentenceTable, language: str) -> DataError:
    tags = {_folded(column): column for column in table.languages}
    close = [tags[near] for near in difflib.get_close_matches(_folded(language), tags, n=3, cutoff=0.5)]
    if language in table.doubtful:
        return DataError(
            f"The column {language!r} of {table.name} holds {table.doubtful[language]}, no sentences.",
            f"Leave {language!r} out of the languages, or give its sentences; it has {_listed(table.languages, 30)}.",
            field=language,
        )
    return DataError(
        f"{table.name} has no column {language[:40]!r}; it has {_listed(table.languages, 30)}.",
        f"The closest are {', '.join(close)}." if close else "Choose among the languages that it has.",
        field=language[:40],
    )


def _folded(tag: str) -> str:
    return tag.strip().lower().replace("-", "_")


def _complete_rows(table: SentenceTable, columns: tuple[str, ...]) -> tuple[list[tuple[str, dict[str, str]]], int, int]:
    complete: list[tuple[str, dict[str, str]]] = []
    seen: set[tuple[str, ...]] = set()
    gaps = repeats = 0
    for key, cells in table.rows:
        texts = tuple(_text(table, key, column, cells.get(column)) for column in columns)
        if not all(texts):
            gaps += 1
        elif texts in seen:
            repeats += 1
        else:
            seen.add(texts)
            complete.append((key, dict(zip(columns, texts, strict=True))))
    return complete, gaps, repeats


def _text(table: SentenceTable, key: str, column: str, cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str) and _is_sound(cell):
        return cell.strip()
    fault = (
        f"a {type(cell).__name__}, not text" if not isinstance(cell, str) else "half of a character (a lone surrogate)"
    )
    raise DataError(
        f"Row {key} of {table.name} holds {str(cell)[:40]!r} in column {column}: {fault}.",
        "Give plain text in quotation marks, or leave the cell empty.",
        row=int(key) if table.row_is_line else None,
        field=column,
    )


def _is_sound(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _is_filled(cell: Any) -> bool:
    return isinstance(cell, str) and bool(cell.strip())


def _listed(names: Sequence[str], most: int = 8) -> str:
    return _joined([name if is_language(name) else repr(name[:30]) for name in names], most)


def _joined(names: Sequence[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more if names else "none"

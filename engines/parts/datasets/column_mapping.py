"""Which column of a table is which field of a record: proposed from names, synonyms, types and content; then confirmed.

`propose_mapping` gives each field a column with a confidence and a reason. A confirmed mapping is `{field: column}`,
and in settings, links and commands the text "question=Q,answers=Gold answer". In place of a column a template may
stand that joins several: "prompt={Body} {Question}" (`column_templates`).
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from engines.parts.datasets.column_templates import columns_of, is_template, proposed_template
from engines.parts.records.cell_values import CellReader, is_blank, is_readable
from engines.parts.records.record_types import AlsoNamed, JoinedWith, LooksLike, Record
from workbench.contract.errors import DataError

KNOWN, SURE, SEEN = 0.9, 0.6, 0.25
"""From which confidence a proposal is no guess, is used unasked, is worth showing."""
SAME, ONLY, BY_LOOK = 1.0, 0.8, 0.6
EMPTY_TAILS = ("text", "string", "value", "content", "body", "field", "column")
"""Words at the end of a column's name that say nothing about what it holds."""


@dataclass(frozen=True)
class FieldMatch:
    """The column proposed for one field.

    Attributes:
        column: None where no column fits; a template where the text is parted over several.
        confidence: 0 (none) to 1 (the same name, fitting values).
        reason: a sentence.
    """

    field: str
    column: str | None
    confidence: float
    reason: str
    required: bool


@dataclass(frozen=True)
class MappingProposal:
    """Columns proposed for the fields of a record, in the record's order.

    Attributes:
        unused: columns that no field takes.
    """

    matches: tuple[FieldMatch, ...]
    unused: tuple[str, ...]

    @property
    def mapping(self) -> dict[str, str]:
        """Return the matches that are sure enough to be used unasked, by field."""
        return {match.field: match.column for match in self.matches if match.column and match.confidence >= SURE}

    @property
    def missing(self) -> tuple[str, ...]:
        """Required fields without a sure column."""
        sure = self.mapping
        return tuple(match.field for match in self.matches if match.required and match.field not in sure)


def propose_mapping(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], kind: type[Record]) -> MappingProposal:
    """Propose columns for the fields of `kind`, each column once, the surest first.

    Args:
        columns: names as in the table.
        rows: some of its rows, cells by column; may be empty, then names alone decide.
    """
    scored = sorted(_scored(columns, rows, kind), key=lambda match: (-match.confidence, _is_part(match, kind)))
    chosen: dict[str, FieldMatch] = {}
    taken: set[str] = set()
    for match in scored:
        if match.field not in chosen and match.column and match.column not in taken:
            chosen[match.field] = match
            taken.add(match.column)
    none = "No column has its name or fits it."
    for name, match in chosen.items():
        chosen[name] = _with_its_parts(match, [each for each in columns if each not in taken], rows, kind)
        taken.update(columns_of(chosen[name].column or "") if chosen[name] is not match else ())
    matches = tuple(
        chosen.get(name) or FieldMatch(name, None, 0.0, none, field.is_required())
        for name, field in kind.model_fields.items()
    )
    return MappingProposal(matches, tuple(column for column in columns if column not in taken))


def _is_part(match: FieldMatch, kind: type[Record]) -> bool:
    """Whether a column's name is that of a part beside the field's own text: of two synonyms the other one wins."""
    mark = _join_of(kind.model_fields[match.field])
    named = {part for pattern in mark.patterns for part in columns_of(pattern)} if mark else set()
    return _folded(match.column or "") in named


def _with_its_parts(
    match: FieldMatch, free: Sequence[str], rows: Sequence[Mapping[str, Any]], kind: type[Record]
) -> FieldMatch:
    """A match whose column is joined with those that hold the rest of its text."""
    mark = _join_of(kind.model_fields[match.field])
    template = proposed_template(match.column or "", free, rows, mark) if mark and match.confidence >= SURE else ""
    if not template:
        return match
    others = " and ".join(repr(name) for name in columns_of(template) if name != match.column)
    return replace(match, column=template, reason=f"{match.reason} Joined with {others}, which holds a part of it.")


def _join_of(field: FieldInfo) -> JoinedWith | None:
    return next((mark for mark in field.metadata if isinstance(mark, JoinedWith)), None)


def unknown_column(column: str, columns: Sequence[str]) -> str | None:
    """Return the column, or the first one that a template names, which a table lacks; None where all are there."""
    asked = columns_of(column) if is_template(column, columns) else (column,)
    return next((name for name in asked if name not in columns), None)


def parse_mapping(text: str) -> dict[str, str]:
    """Read the mapping that a text such as "question=Q,answers=Gold answer" writes; a comma in a name is written
    "\\,", and a new line in a template "\\n".

    Raises:
        DataError: a part without "=", or a field named twice.
    """
    mapping: dict[str, str] = {}
    for part in re.findall(r"(?:\\.|[^,\\]|\\$)+", text):
        field, equals, column = part.partition("=")
        field, column = field.strip(), re.sub(r"\\(.)", _unescaped, column.strip())
        if not equals or not field or not column or field in mapping:
            raise DataError(
                f"{part.strip()[:80]!r} does not name one column for one field.",
                "Write field=column, separated by commas: question=Q,answers=Gold answer.",
                field=field[:40] or None,
            )
        mapping[field] = column
    return mapping


def format_mapping(mapping: Mapping[str, str]) -> str:
    """Return the text of a mapping that `parse_mapping` reads."""
    escaped = {field: re.sub(r"([,\\])", r"\\\1", column).replace("\n", r"\n") for field, column in mapping.items()}
    return ",".join(f"{field}={column}" for field, column in escaped.items())


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]


def closest_columns(field: str, kind: type[Record], columns: Sequence[str]) -> list[str]:
    """Return columns whose names resemble the field's or one of its synonyms, nearest first."""
    folded = {_folded(column): column for column in columns}
    names = [_folded(name) for name in (field, *_synonyms(kind.model_fields[field]))]
    near = [each for name in names for each in difflib.get_close_matches(name, folded, n=3, cutoff=0.5)]
    return [folded[each] for each in dict.fromkeys(near)][:3]


def _scored(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], kind: type[Record]) -> Iterator[FieldMatch]:
    values = {column: [row[column] for row in rows if not is_blank(row.get(column))] for column in columns}
    lone = _lone_field(columns, kind)
    for name, field in kind.model_fields.items():
        adapter = TypeAdapter[Any](field.annotation, config=kind.model_config)
        readable = partial(is_readable, read=CellReader(field), adapter=adapter)
        for column in columns:
            named, reason = (ONLY, "It is the only column.") if name == lone else _alike(name, field, column)
            fitting = _share(values[column], readable)
            looks, seen = _look(field, values[column])
            if not named:
                named, reason = looks, seen
            confidence = round(max(named * (1 + fitting) / 2, SURE if named == SAME else 0), 2)
            if confidence >= SEEN:
                fits = "" if fitting == 1 else f" {fitting:.0%} of the values seen can be read as such."
                yield FieldMatch(name, column, confidence, reason + fits, field.is_required())


def _lone_field(columns: Sequence[str], kind: type[Record]) -> str | None:
    required = [name for name, field in kind.model_fields.items() if field.is_required()]
    return required[0] if len(columns) == len(required) == 1 else None


def _alike(name: str, field: FieldInfo, column: str) -> tuple[float, str]:
    folded = _folded(column)
    if _folded(name) in (folded, _folded(column.rpartition(".")[2])):
        return SAME, "It has the field's name."
    synonyms = _synonyms(field)
    if folded in map(_folded, synonyms):
        return KNOWN, f"It is another name of {name}."
    head = _head(column)
    if head in (_head(name), *map(_head, synonyms)):
        return 0.75, f"Its name speaks of {head!r}."
    if difflib.SequenceMatcher(None, folded, _folded(name)).ratio() >= 0.8:
        return 0.65, "Its name is spelt almost alike."
    return 0.0, ""


def _look(field: FieldInfo, values: Sequence[Any]) -> tuple[float, str]:
    look = next((mark for mark in field.metadata if isinstance(mark, LooksLike)), None)
    texts = [value for value in values if isinstance(value, str)]
    if look is None or not texts:
        return 0.0, ""
    share = _share(texts, lambda text: re.search(look.pattern, text[-1000:]) is not None)
    return share * BY_LOOK, f"{share:.0%} of its values {look.description}."


def _share(values: Sequence[Any], holds: Callable[[Any], bool]) -> float:
    return sum(map(holds, values)) / len(values) if values else 1.0


def _synonyms(field: FieldInfo) -> tuple[str, ...]:
    return tuple(name for mark in field.metadata if isinstance(mark, AlsoNamed) for name in mark.names)


def _folded(name: str) -> str:
    return "".join(_words(name))


def _head(name: str) -> str:
    """The noun of a name: "answer" of "goldAnswer" and of "answer_text"."""
    words = _words(name)
    while len(words) > 1 and words[-1] in EMPTY_TAILS:
        words.pop()
    head = words[-1] if words else ""
    return head.removesuffix("s") if len(head) > 3 else head


def _words(name: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", apart.lower())

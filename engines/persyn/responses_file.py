"""A file of responses that teachers have already given: one row a response, or one column a teacher."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from engines.parts.datasets import SourceTable, flat_rows, parse_mapping, records_of, source_table
from engines.parts.records import AlsoNamed
from engines.parts.registry import ProgressCallback, no_progress
from engines.persyn.config import PersynConfig
from engines.persyn.prompts import Asked, PromptRecord, PromptSet, folded, unreadable, usable, without_repetitions
from engines.persyn.rows import LeftOut
from engines.persyn.teachers import Teacher, require_several
from workbench.contract import DataError


class ResponseRecord(PromptRecord):
    """A teacher's response to a prompt."""

    teacher: Annotated[str, AlsoNamed("model", "generator", "source", "teacher model", "model name")]
    """Who gave it."""
    response: Annotated[str, AlsoNamed("output", "completion", "generation", "reply", "solution")] = ""
    """What was said; an empty one counts as failed."""
    score: Annotated[float | None, AlsoNamed("quality", "reward", "rating", "mark")] = None
    """A mark for it, where the quality is a column."""
    tokens: Annotated[int | None, AlsoNamed("completion tokens", "output tokens")] = None
    """Its length, where the file tells; else it is counted with the student's tokenizer."""
    seconds: Annotated[float | None, AlsoNamed("latency", "time")] = None
    """How long it took, where the file tells."""


@dataclass(frozen=True)
class Given:
    """A response as the file has it."""

    text: str
    score: float | None = None
    tokens: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class ResponseFile:
    """What a file of responses holds.

    Attributes:
        prompts: the different prompts in it.
        teachers: in order of appearance.
        given: by name of the prompt and of the teacher.
    """

    prompts: PromptSet
    teachers: tuple[Teacher, ...]
    given: Mapping[tuple[str, str], Given]


def open_responses(config: PersynConfig, report: ProgressCallback = no_progress) -> ResponseFile:
    """Read the responses that the settings name.

    Raises:
        DataError: no such file, a column that is missing, or not one usable row.
        ConfigError: fewer than two teachers.
    """
    source = source_table(config.responses, report)
    mapping = parse_mapping(config.response_columns) if config.response_columns else None
    rows, left_out, notes = (
        _of_columns(source, mapping, config.teacher_columns) if config.teacher_columns else _of_rows(source, mapping)
    )
    names = tuple(dict.fromkeys(row.teacher for row in rows))
    require_several(names)
    different, repeated = without_repetitions(_first_of_each([_asked(row) for row in rows]))
    by_text = {folded(asked.text): asked for asked in different}
    given: dict[tuple[str, str], Given] = {}
    twice: list[ResponseRecord] = []
    for row in rows:
        key = (by_text[folded(row.prompt)].name, row.teacher)
        if key in given:
            twice.append(row)
        else:
            given[key] = Given(row.response, row.score, row.tokens, row.seconds)
    told = (*left_out, *repeated, *_answered_twice(twice))
    prompts = PromptSet(tuple(different), source.name, source.credit, told, notes)
    return ResponseFile(prompts, tuple(Teacher(name, "", "") for name in names), given)


def _of_rows(
    source: SourceTable, mapping: Mapping[str, str] | None
) -> tuple[list[ResponseRecord], list[LeftOut], tuple[str, ...]]:
    records = usable(records_of(source, ResponseRecord, mapping))
    return list(records.rows), unreadable(records), tuple(records.notes)


def _of_columns(
    source: SourceTable, mapping: Mapping[str, str] | None, columns: Sequence[str]
) -> tuple[list[ResponseRecord], list[LeftOut], tuple[str, ...]]:
    known, cells = flat_rows(source.table)
    for column in columns:
        if column not in known:
            raise DataError(
                f"{source.name} has no column {column[:60]!r} of a teacher; its columns are {', '.join(known)[:300]}.",
                "Name columns of the file that each hold one teacher's responses.",
                field="teacher_columns",
            )
    records = usable(records_of(source, PromptRecord, mapping))
    by_line = dict(cells)
    rows = [
        ResponseRecord(
            id=row.id, prompt=row.prompt, answer=row.answer, topic=row.topic, difficulty=row.difficulty,
            teacher=column, response=str(by_line[line].get(column) or ""),
        )
        for row, line in zip(records.rows, records.lines, strict=True)
        for column in columns
    ]  # fmt: skip
    return rows, unreadable(records), tuple(records.notes)


def _asked(row: ResponseRecord) -> Asked:
    return Asked(row.id, row.prompt, row.answer, row.topic, row.difficulty)


def _first_of_each(prompts: Sequence[Asked]) -> list[Asked]:
    """Prompts that stand in several rows because several teachers answered them, once each."""
    return list({folded(asked.text): asked for asked in reversed(prompts)}.values())[::-1]


def _answered_twice(rows: Sequence[ResponseRecord]) -> list[LeftOut]:
    counts: dict[str, list[ResponseRecord]] = {}
    for row in rows:
        counts.setdefault(row.teacher, []).append(row)
    return [
        LeftOut(what="responses", teacher=teacher, reason="a second response to a prompt", count=len(found),
                example=found[0].prompt[:120])
        for teacher, found in counts.items()
    ]  # fmt: skip

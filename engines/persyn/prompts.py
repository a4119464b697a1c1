"""The prompts of a run: read, freed of repetitions, and dealt to calibration, routing and judging."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from engines.parts.answers import unmatchable
from engines.parts.datasets import (
    Kind,
    Records,
    data_warnings,
    parse_mapping,
    read_records,
    repetitions_of,
)
from engines.parts.records import WHOLE_PROMPT, AlsoNamed, LooksLike, Record, lot
from engines.parts.registry import ProgressCallback, no_progress
from engines.persyn.config import PersynConfig
from engines.persyn.rows import LeftOut
from workbench.contract import DataError

LEAST = 8
"""Prompts below which nothing can be learned and judged."""
UNMATCHABLE = "a right answer that no answer can match"
KEPT_APART = 5
"""One in so many prompts is never trained on where any shall be held out."""


class PromptRecord(Record):
    """A prompt of the training set."""

    same: ClassVar = ("prompt",)
    prompt: Annotated[
        str,
        AlsoNamed("question", "problem", "instruction", "query", "text", "input"),
        LooksLike(r"\?\s*$", "end in a question mark"),
        WHOLE_PROMPT,
    ]
    """What a teacher is asked."""
    answer: Annotated[str, AlsoNamed("gold", "gold answer", "final answer", "target", "label", "result")] = ""
    """The right final answer, for the verifier and the examination."""
    topic: Annotated[str, AlsoNamed("kind", "category", "subject", "domain")] = ""
    """What it is about."""
    difficulty: Annotated[str, AlsoNamed("level", "hardness")] = ""
    """How hard it is."""
    group: Annotated[str, AlsoNamed("wording", "template")] = ""
    """What prompts share that were made from one pattern or one text; they count as one observation in part."""


@dataclass(frozen=True)
class Asked:
    """A prompt of the run.

    Attributes:
        name: in the data.
        split: calibration, routed, held_out, or examined where an examination of its own is named.
        group: of prompts made from one pattern or one text; "" for a prompt drawn by itself. A topic is no group: it
            says what a prompt is about, not how it came into the data.
    """

    name: str
    text: str
    answer: str = ""
    topic: str = ""
    difficulty: str = ""
    split: str = ""
    group: str = ""


@dataclass(frozen=True)
class PromptSet:
    """Prompts as read.

    Attributes:
        left_out: what was not used, and why.
        notes: what a reader must know.
    """

    prompts: tuple[Asked, ...]
    source: str
    credit: str
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


def open_prompts(ref: str, columns: str = "", report: ProgressCallback = no_progress) -> PromptSet:
    """Read the prompts that a reference names, without repetitions and not yet dealt.

    Raises:
        DataError: no such data, no column for the prompt, or not one usable row.
    """
    records = read_records(ref, PromptRecord, parse_mapping(columns) if columns else None, report=report)
    repeated = set(repetitions_of(records.rows).repeated)
    found = [asked_of(row) for at, row in enumerate(records.rows) if at not in repeated]
    again = [records.rows[at].prompt for at in sorted(repeated)]
    left_out = (*left_out_prompts(again, "stands there more than once"), *unreadable(records))
    return PromptSet(tuple(found), records.source, records.credit, left_out, (*records.notes, *data_warnings(records)))


def asked_of(row: PromptRecord) -> Asked:
    """Return a row as a prompt that is not dealt yet."""
    return Asked(row.id, row.prompt, row.answer, row.topic, row.difficulty, group=row.group)


def left_out_prompts(texts: Sequence[str], reason: str) -> list[LeftOut]:
    """Return one line for the prompts that are left out for a reason; none where there are none."""
    if not texts:
        return []
    return [LeftOut(what="prompts", teacher="", reason=reason, count=len(texts), example=texts[0][:120])]


def unreadable(records: Records[Kind]) -> list[LeftOut]:
    """Return one line for the rows that cannot be read."""
    if not records.errors:
        return []
    first = records.errors[0]
    return [
        LeftOut(what="prompts", teacher="", reason=f"unreadable: {first.remedy}", count=len(records.errors),
                example=first.what[:120])
    ]  # fmt: skip


def folded(text: str) -> str:
    """Fold a text so that prompts that repeat each other are equal: letters' case and spaces apart."""
    return " ".join(text.casefold().split())


def answerable(prompts: PromptSet) -> PromptSet:
    """Return the prompts whose right answers an answer can match (`answers.unmatchable`); the others are named.

    Raises:
        ModelError: the process that reads mathematics does not start.
    """
    lost = set(unmatchable(asked.answer for asked in prompts.prompts))
    beyond = [asked for asked in prompts.prompts if asked.answer in lost]
    told = left_out_prompts([f"{one.answer[:40]!r}, to: {one.text}" for one in beyond], UNMATCHABLE)
    kept = tuple(asked for asked in prompts.prompts if asked.answer not in lost)
    note = f"{len(beyond):,} prompts are left out, because no answer can match their right answers."
    return replace(
        prompts, prompts=kept, left_out=(*prompts.left_out, *told), notes=(*prompts.notes, *([note] if told else []))
    )


@dataclass(frozen=True)
class Counts:
    """How many prompts of each split a run takes.

    Attributes:
        note: why some are fewer than asked; "" where none is.
    """

    calibration: int
    routed: int
    held_out: int
    note: str = ""


def counts_for(available: int, config: PersynConfig) -> Counts:
    """Count the prompts of each split for the settings.

    Training prompts are taken first, at most four fifths of what is there where any shall be held out: so the number of
    held-out prompts never changes the training set, and a run can go on with more of them until none is left.

    Raises:
        DataError: too few prompts for anything.
    """
    if available < LEAST:
        raise DataError(
            f"There are {available} different prompts; at least {LEAST} are needed.",
            "Give more prompts: the router learns from some and is judged on others.",
        )
    most = available - available // KEPT_APART if config.held_out else available
    training = min(config.prompts, most)
    calibration = min(config.calibration, config.prompts)
    if training < config.prompts:
        calibration = min(training, max(1, calibration * training // config.prompts))
    held_out = min(config.held_out, available - training)
    note = ""
    if training < config.prompts or held_out < config.held_out:
        note = (
            f"{config.prompts:,} training and {config.held_out:,} held-out prompts were asked for and {available:,} "
            f"are there: taken are {calibration:,} for calibration, {training - calibration:,} to be routed and "
            f"{held_out:,} held out."
        )
    return Counts(calibration, training - calibration, held_out, note)


def dealt(prompts: Sequence[Asked], counts: Counts) -> list[Asked]:
    """Deal prompts to splits by the lot of their names: training from its front, held out from its end.

    More of either moves none that was dealt before. Training prompts stand first, in the order of the data; held-out
    ones follow in the order of their draw, so that more of them leave every place as it was.
    """
    order = sorted(range(len(prompts)), key=lambda at: lot(0, prompts[at].name))
    training = {at: "calibration" for at in order[: counts.calibration]}
    training |= {at: "routed" for at in order[counts.calibration :][: counts.routed]}
    held_out = order[::-1][: counts.held_out]
    return [
        *(replace(prompts[at], split=training[at]) for at in sorted(training)),
        *(replace(prompts[at], split="held_out") for at in held_out),
    ]


def within_reach(prompts: Sequence[Asked], largest: int) -> tuple[list[Asked], list[LeftOut]]:
    """Return problems whose numbers, the answer's too, are at most `largest`; all for 0. What is beyond is counted."""
    beyond = [asked for asked in prompts if largest and _largest_number(f"{asked.text} {asked.answer}") > largest]
    if not beyond:
        return list(prompts), []
    left_out = set(map(id, beyond))
    told = left_out_prompts([asked.text for asked in beyond], f"a number above {largest:,}")
    return [asked for asked in prompts if id(asked) not in left_out], told


def _largest_number(text: str) -> float:
    digits = (found.replace(",", "")[:30] for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text))
    return max(map(float, digits), default=0.0)


def with_difficulty(prompts: Sequence[Asked]) -> list[Asked]:
    """Give each prompt a difficulty: the data's own where all have one, else a third each by words."""
    if all(asked.difficulty for asked in prompts):
        return list(prompts)
    ranks = sorted(range(len(prompts)), key=lambda at: (len(prompts[at].text.split()), prompts[at].name))
    names = ("short", "medium", "long")
    third = {at: names[3 * rank // len(prompts)] for rank, at in enumerate(ranks)}
    return [replace(asked, difficulty=third[at]) for at, asked in enumerate(prompts)]

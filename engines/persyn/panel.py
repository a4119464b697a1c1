"""The panel of a run: its prompts dealt to splits, its teachers, and the responses that a file already holds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engines.parts.records import lot
from engines.parts.registry import Report, quiet
from engines.parts.retrieval import DEFAULT_ENCODER, open_encoder
from engines.persyn import one_step
from engines.persyn.config import PersynConfig
from engines.persyn.prompts import (
    Asked,
    PromptSet,
    counts_for,
    dealt,
    folded,
    open_prompts,
    with_difficulty,
    within_reach,
)
from engines.persyn.responses_file import Given, open_responses
from engines.persyn.rows import LeftOut, PromptRow
from engines.persyn.teachers import Teacher, name_of, parse_teachers
from engines.persyn.topics import clusters_of, topic_names
from engines.persyn.wordings import NAME
from workbench.contract import ConfigError, DataError

SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?([bm])(?![a-z])", re.IGNORECASE)
MAKERS = ("meta-", "google_", "mistralai_")
"""What some names begin with that is not their family."""
TRAINING = ("calibration", "routed")


@dataclass(frozen=True)
class Panel:
    """Who is asked what.

    Attributes:
        prompts: those of the run; a place counts them from 0. Training prompts come first, in the order of the data,
            then those that judge, in the order of their draw.
        given: responses of a file by name of the prompt and of the teacher; None where teachers are asked.
        left_out: what was not used.
        notes: what a reader must know.
    """

    prompts: tuple[Asked, ...]
    teachers: tuple[Teacher, ...]
    given: Mapping[tuple[str, str], Given] | None
    source: str
    credit: str
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def places(self, *splits: str) -> list[int]:
        """Places of the prompts of some splits."""
        return [at for at, asked in enumerate(self.prompts) if asked.split in splits]

    @property
    def names(self) -> list[str]:
        """Names of the teachers in their order."""
        return [teacher.name for teacher in self.teachers]


def open_panel(config: PersynConfig, report: Report = quiet) -> Panel:
    """Read prompts and teachers as the settings say; topics are not found yet.

    Raises:
        ConfigError: fewer than two teachers, or settings that contradict each other.
        DataError: no such data, too few prompts, or prompts without the right answers that are needed.
    """
    if config.quality == "column" and not config.responses:
        raise ConfigError({"quality": "a column of scores needs a responses file."}, "Name the file in responses.")
    if config.responses:
        return _of_file(config, report)
    teachers = parse_teachers(config.teachers)
    prompts = reachable(named_prompts(config.data, config.columns, report), config)
    return _panel(config, prompts, (teachers, None), report)


def named_prompts(ref: str, columns: str, report: Report) -> PromptSet:
    """The prompts that a reference names: those made by rule, or any data.

    Raises:
        DataError: as `open_prompts`.
    """
    if ref == NAME:
        return PromptSet(tuple(one_step.one_step_problems()), NAME, one_step.CREDIT)
    return open_prompts(ref, columns, report)


def reachable(prompts: PromptSet, config: PersynConfig) -> PromptSet:
    """The prompts without those whose numbers are too large for the settings."""
    kept, beyond = within_reach(prompts.prompts, config.largest)
    return replace(prompts, prompts=tuple(kept), left_out=(*prompts.left_out, *beyond))


def _of_file(config: PersynConfig, report: Report) -> Panel:
    found = open_responses(config, report)
    prompts = found.prompts
    if not all(asked.answer for asked in prompts.prompts):
        prompts = replace(prompts, prompts=_with_answers(prompts.prompts, config, report))
    return _panel(config, prompts, (found.teachers, found.given), report)


def _with_answers(prompts: tuple[Asked, ...], config: PersynConfig, report: Report) -> tuple[Asked, ...]:
    """Right answers that the file lacks, from the prompts' own data where the same prompts stand in it."""
    try:
        known = {
            folded(asked.text): asked.answer for asked in named_prompts(config.data, config.columns, report).prompts
        }
    except DataError:
        return prompts
    return tuple(
        asked if asked.answer else replace(asked, answer=known.get(folded(asked.text), "")) for asked in prompts
    )


def _panel(
    config: PersynConfig,
    prompts: PromptSet,
    teachers: tuple[tuple[Teacher, ...], Mapping[tuple[str, str], Given] | None],
    report: Report,
) -> Panel:
    counts = counts_for(len(prompts.prompts), config)
    mine = dealt(prompts.prompts, counts)
    everything = tuple(with_difficulty([*mine, *examined_elsewhere(config, mine, report)]))
    notes = tuple(filter(None, (counts.note, *prompts.notes)))
    panel = Panel(everything, *teachers, prompts.source, prompts.credit, prompts.left_out, notes)
    if config.train_student and not examined_places(panel, config):
        raise DataError(
            "No problem with a right answer is left to examine the student.",
            "Hold out prompts with answers (held_out), name data with answers for the examination (evaluation), or "
            "leave the student untrained.",
            field="evaluation",
        )
    return panel


def examined_elsewhere(config: PersynConfig, mine: Sequence[Asked], report: Report) -> list[Asked]:
    """Problems of the examination where one is named, in the order of their draw; none of them is trained on."""
    if not config.evaluation:
        return []
    trained = {folded(asked.text) for asked in mine if asked.split in TRAINING}
    found = [
        asked for asked in reachable(named_prompts(config.evaluation, "", report), config).prompts
        if asked.answer and folded(asked.text) not in trained
    ]  # fmt: skip
    most = config.examined or config.held_out
    first = sorted(found, key=lambda asked: lot(1, asked.name))[:most]
    return [replace(asked, name=f"exam {asked.name}", split="examined") for asked in first]


def examined_places(panel: Panel, config: PersynConfig) -> list[int]:
    """Places of the problems that examine students: of the named examination, else the held-out prompts.

    Only those with a right answer; at most `examined` of them, in the order of their draw.
    """
    places = panel.places("examined" if config.evaluation else "held_out")
    known = [at for at in places if panel.prompts[at].answer]
    return known[: config.examined] if config.examined else known


def prompt_rows(panel: Panel, config: PersynConfig) -> list[PromptRow]:
    """Rows of the prompts; where the data have no topics, prompts are clustered by meaning."""
    topics = [asked.topic for asked in panel.prompts]
    if not all(topics):
        texts = [asked.text for asked in panel.prompts]
        vectors = open_encoder(DEFAULT_ENCODER, config.dtype).embed(texts)
        topics = topic_names(texts, clusters_of(vectors, config.topics))
    return [
        PromptRow(
            place=place, prompt=asked.name, text=asked.text, answer=asked.answer, topic=topic,
            difficulty=asked.difficulty, split=asked.split,
        )
        for place, (asked, topic) in enumerate(zip(panel.prompts, topics, strict=True))
    ]  # fmt: skip


def family_of(model: str) -> str:
    """What models of one maker and kind share, by name: the letters that it begins with ("qwen", "smollm")."""
    name = name_of(model).lower()
    for maker in MAKERS:
        name = name.removeprefix(maker)
    found = re.match(r"[a-z]+", name)
    return found[0] if found else ""


def parameters_of(teacher: Teacher) -> float:
    """Number of weights: of a local model from its folder, else from its name ("72B"); NaN where neither tells."""
    named = SIZE.search(name_of(teacher.model) if teacher.model else teacher.name)
    by_name = float(named[1]) * (1e9 if named[2].lower() == "b" else 1e6) if named else float("nan")
    if not teacher.model or teacher.model.startswith(("openai:", "vllm:")):
        return by_name
    from engines.parts.catalogue import folder_facts
    from engines.parts.models import resolve_model

    counted = folder_facts(resolve_model(teacher.model).path).parameters
    return float(counted) if counted else by_name

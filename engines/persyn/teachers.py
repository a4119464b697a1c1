"""Teachers: a model and how it is asked, or a name in a file of responses that it has already given.

A reference is MODEL#PROFILE; without a profile it is "steps". One model under two profiles is two teachers. Profiles
and examples are ours: the paper asks all models alike. A file has one row a response, or one column a teacher.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from engines.parts.completions import Message, Prompt, Sampling, chat
from engines.parts.datasets import Records, flat_rows, parse_mapping, read_records, source_table
from engines.parts.records import AlsoNamed
from engines.parts.registry import ProgressCallback, no_progress
from engines.persyn.config import PROFILES, PersynConfig
from engines.persyn.prompts import PromptRecord, PromptSet, asked_of, folded, left_out_prompts, unreadable
from engines.persyn.rows import LeftOut
from workbench.contract import ConfigError, DataError

DEFAULT_PROFILE = "steps"
SHOWN: Sequence[tuple[str, str, str]] = (
    (
        "A shop had 17 lamps and sold 9 of them. How many lamps are left?",
        "17 - 9 = 8. The answer is 8.",
        "At first there are 17 lamps. 9 of them go away, so we take 9 from 17: 17 - 9 = 8. The answer is 8.",
    ),
    (
        "Each of 6 trays holds 4 rolls. How many rolls are there in all?",
        "6 * 4 = 24. The answer is 24.",
        "There are 6 trays and each has the same number of rolls, 4, so we multiply: 6 * 4 = 24. The answer is 24.",
    ),
    (
        "Tom has 12 stamps. He has 5 more stamps than Ida. How many stamps does Ida have?",
        "12 - 5 = 7. The answer is 7.",
        "Tom has more than Ida, so Ida has 5 less than 12: 12 - 5 = 7. The answer is 7.",
    ),
    (
        "30 pupils sit at 5 tables, as many at each. How many pupils sit at one table?",
        "30 / 5 = 6. The answer is 6.",
        "The pupils are shared out equally over 5 tables, so we divide: 30 / 5 = 6. The answer is 6.",
    ),
)
"""Invented problems with a brief and a wordy solution; none stands in the bundled data."""


@dataclass(frozen=True)
class Profile:
    """How a model is asked.

    Attributes:
        instruction: stands before the prompt.
        style: of the examples shown: "" none, brief, wordy, or number (the result alone). After examples an answer
            is one line, as theirs are.
        temperature: 0 is greedy.
    """

    instruction: str
    style: str = ""
    temperature: float = 0.0


PROFILE: dict[str, Profile] = {
    "direct": Profile(""),
    "worked": Profile("", "brief"),
    "terse": Profile("", "number"),
    "steps": Profile("Think step by step, and end with: The answer is NUMBER."),
    "careful": Profile("", "wordy"),
    "sampled": Profile("", "brief", 0.8),
}
assert tuple(PROFILE) == PROFILES


@dataclass(frozen=True)
class Teacher:
    """A teacher by name.

    Attributes:
        name: short, unique in the run.
        model: reference of its model; "" for one that is known only from a file.
        profile: how it is asked; "" for a file.
    """

    name: str
    model: str
    profile: str

    @property
    def ref(self) -> str:
        """Return it as in the settings; "file" for one that is known only from a file."""
        return f"{self.model}#{self.profile}" if self.model else "file"


def parse_teachers(refs: Sequence[str]) -> tuple[Teacher, ...]:
    """Read the teachers that the settings name.

    Raises:
        ConfigError: fewer than two, one twice, or a profile that does not exist.
    """
    found = [_parsed(ref) for ref in refs if ref.strip()]
    require_several([teacher.ref for teacher in found])
    names = [f"{name_of(teacher.model)} {teacher.profile}" for teacher in found]
    # Folders of one name in two places are told apart by their references.
    unique = names if len(set(names)) == len(names) else [teacher.ref for teacher in found]
    return tuple(Teacher(name, teacher.model, teacher.profile) for name, teacher in zip(unique, found, strict=True))


def require_several(names: Sequence[str]) -> None:
    """Refuse fewer than two different teachers, or one twice.

    Raises:
        ConfigError: there are.
    """
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ConfigError(
            {"teachers": f"{twice[:80]} stands there twice."}, "Name each teacher once; ask one model in two ways."
        )
    if len(names) < 2:
        raise ConfigError(
            {"teachers": f"{len(names)} given; there is nothing to choose between fewer than two."},
            "Name a second model, or the same one under another profile, such as "
            "smollm2-135m-instruct#worked and smollm2-135m-instruct#direct.",
        )


def name_of(model: str) -> str:
    """Return the short name of a model reference."""
    bare = model.partition("@")[0].removeprefix("openai:").removeprefix("vllm:")
    return bare.rstrip("/").rsplit("/", 1)[-1]


def _parsed(ref: str) -> Teacher:
    model, mark, profile = ref.strip().rpartition("#")
    if not mark:
        model, profile = ref.strip(), DEFAULT_PROFILE
    if profile not in PROFILE or not model:
        raise ConfigError(
            {"teachers": f"{ref[:80]!r} names no profile {profile[:40]!r}."},
            f"Write MODEL#PROFILE; profiles are {', '.join(PROFILES)}.",
        )
    return Teacher(ref, model, profile)


def teaching_prompt(text: str, profile: str) -> Prompt:
    """Return a prompt as a teacher is asked it: a chat, after solved examples where the profile shows some."""
    asked = PROFILE[profile]
    if not asked.style:
        return chat(f"{text}\n{asked.instruction}".strip())
    turns: list[Message] = []
    for question, brief, wordy in SHOWN:
        said = {"brief": brief, "wordy": wordy, "number": brief.rsplit(" ", 1)[-1].rstrip(".")}[asked.style]
        turns += [Message("user", question), Message("assistant", said)]
    return (*turns, Message("user", f"{text}\n{asked.instruction}".strip()))


def teaching_sampling(profile: str, config: PersynConfig, seed: int = 0) -> Sampling:
    """Return how long and how freely a teacher answers."""
    asked = PROFILE[profile]
    stop = ("\n",) if asked.style else ()
    return Sampling(max_tokens=config.answer_tokens, temperature=asked.temperature, stop=stop, seed=seed)


SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?([bm])(?![a-z])", re.IGNORECASE)
MAKERS = ("meta-", "google_", "mistralai_")  # what some names begin with that is not their family


def family_of(model: str) -> str:
    """Return what models of one maker and kind share: the letters that it begins with ("qwen", "smollm")."""
    name = name_of(model).lower()
    for maker in MAKERS:
        name = name.removeprefix(maker)
    found = re.match(r"[a-z]+", name)
    return found[0] if found else ""


def parameters_of(teacher: Teacher) -> float:
    """Return number of weights: of a local model from its folder, else from its name ("72B"); NaN where unknown."""
    named = SIZE.search(name_of(teacher.model) if teacher.model else teacher.name)
    by_name = float(named[1]) * (1e9 if named[2].lower() == "b" else 1e6) if named else float("nan")
    if not teacher.model or teacher.model.startswith(("openai:", "vllm:")):
        return by_name
    from engines.parts.catalogue import model_folder_facts
    from engines.parts.models import resolve_model

    counted = model_folder_facts(resolve_model(teacher.model).path).parameters
    return float(counted) if counted else by_name


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
    mapping = parse_mapping(config.response_columns) if config.response_columns else None
    if config.teacher_columns:
        records: Records[Any] = read_records(config.responses, PromptRecord, mapping, report=report)
        rows = _of_columns(records, config.responses, config.teacher_columns)
    else:
        records = read_records(config.responses, ResponseRecord, mapping, report=report)
        rows = list(records.rows)
    names = tuple(dict.fromkeys(row.teacher for row in rows))
    require_several(names)
    # A prompt stands in several rows because several teachers answered it.
    asked = map(asked_of, reversed(rows))
    by_text = {folded(one.text): one for one in asked}
    different = tuple(by_text.values())[::-1]
    given: dict[tuple[str, str], Given] = {}
    twice: list[ResponseRecord] = []
    for row in rows:
        key = (by_text[folded(row.prompt)].name, row.teacher)
        if key in given:
            twice.append(row)
        else:
            given[key] = Given(row.response, row.score, row.tokens, row.seconds)
    told = (*unreadable(records), *_answered_twice(twice))
    prompts = PromptSet(different, records.source, records.credit, told, tuple(records.notes))
    return ResponseFile(prompts, tuple(Teacher(name, "", "") for name in names), given)


def _of_columns(records: Records[PromptRecord], ref: str, columns: Sequence[str]) -> list[ResponseRecord]:
    known, cells = flat_rows(source_table(ref).table)
    for column in columns:
        if column not in known:
            raise DataError(
                f"{records.source} has no column {column[:60]!r} of a teacher; it has {', '.join(known)[:300]}.",
                "Name columns of the file that each hold one teacher's responses.",
                field="teacher_columns",
            )
    by_line = dict(cells)
    return [
        ResponseRecord(**row.model_dump(), teacher=column, response=str(by_line[line].get(column) or ""))
        for row, line in zip(records.rows, records.lines, strict=True)
        for column in columns
    ]


def _answered_twice(rows: Sequence[ResponseRecord]) -> Iterator[LeftOut]:
    prompts: dict[str, list[str]] = {}
    for row in rows:
        prompts.setdefault(row.teacher, []).append(row.prompt)
    for teacher, texts in prompts.items():
        for told in left_out_prompts(texts, "a second response to a prompt"):
            yield told.model_copy(update={"what": "responses", "teacher": teacher})

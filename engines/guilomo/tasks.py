"""The tasks on real data: problems to learn from, in two parts for the search, and problems to be judged on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from engines.guilomo.config import GuilomoConfig, Verifier
from engines.guilomo.glosses import gloss_problems
from engines.guilomo.problems import Problem
from engines.parts.completions import Prompt, chat
from engines.parts.corpora import Gloss, MathProblem
from engines.parts.datasets import Records, parse_mapping, read_records
from engines.parts.records import AlsoNamed, Record, lot
from engines.parts.registry import ProgressCallback, no_progress
from engines.parts.training import Example
from workbench.contract import ConfigError, DataError

DRAWN = 7
MOST_LEARNED = 0.8
"""Share of all problems that training may take, so that some are left to judge by."""
SVAMP_REQUEST = "\nWrite the calculation and its result."


class TaskRow(Record):
    """A row of one's own: a prompt with the response to learn."""

    prompt: Annotated[str, AlsoNamed("instruction", "question", "input", "query", "problem", "text")]
    """What is asked."""
    response: Annotated[str, AlsoNamed("output", "answer", "completion", "target", "gold", "solution", "label")]
    """What is to be learned as the answer; of a choice, the right option."""
    options: Annotated[tuple[str, ...], AlsoNamed("choices", "candidates")] = ()
    """Of a choice, all options."""


@dataclass(frozen=True)
class Task:
    """A task ready to be learned.

    Attributes:
        train, validation: what the search learns weights and vectors on; the final training learns from both.
        test: what trained models are judged on.
        verifier: how an answer is judged.
        notes: what a reader must know.
    """

    name: str
    verifier: Verifier
    train: tuple[Problem, ...]
    validation: tuple[Problem, ...]
    test: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

    @property
    def learned(self) -> tuple[Problem, ...]:
        """All problems of the final training."""
        return (*self.train, *self.validation)


def open_task(name: str, config: GuilomoConfig, report: ProgressCallback = no_progress) -> Task:
    """Read a task and split it.

    Raises:
        ConfigError: no such task, or no data for the task own.
        DataError: no such data, too few problems, or an empty validation part.
    """
    makers = {"glosses": _glosses, "svamp": _svamp, "own": _own}
    if name not in makers:
        raise ConfigError({"tasks": f"{name[:40]!r} is no task."}, f"Choose among planted, {', '.join(makers)}.")
    verifier, problems, notes = makers[name](config, report)
    return split_task(name, verifier, problems, config, notes)


def split_task(
    name: str, verifier: Verifier, problems: Sequence[Problem], config: GuilomoConfig, notes: Sequence[str] = ()
) -> Task:
    """Deal the problems into three parts by lots of their text, so that equal questions never part.

    Tests are taken from the front of the drawn order and examples from its back, so that either part of a larger run
    begins with that of a smaller one, whatever the other's size. Training may take `MOST_LEARNED` of all problems;
    tests get what it leaves.

    Raises:
        DataError: too few problems, or a part of the search would be empty.
    """
    distinct = list({problem.question: problem for problem in problems}.values())
    ordered = sorted(distinct, key=lambda problem: lot(DRAWN, problem.question))
    train_items = min(config.train_items, int(len(ordered) * MOST_LEARNED))
    test = ordered[: min(config.test_items, len(ordered) - train_items)]
    learned = ordered[::-1][:train_items]
    train, validation = search_parts(learned, config.validation)
    if not (train and validation):
        raise DataError(
            f"{name}: of {train_items} training examples {len(validation)} would be for the validation of the search; "
            "both parts need at least one.",
            "Set validation between 1 and 99 %, and use more examples.",
            field="validation",
        )
    told = list(notes)
    if (train_items, len(test)) != (config.train_items, config.test_items):
        told.append(
            f"{name} has {len(ordered):,} different problems: {train_items:,} of {config.train_items:,} asked for are "
            f"learned from, {len(test):,} of {config.test_items:,} are for tests."
        )
    return Task(name, verifier, tuple(train), tuple(validation), tuple(test), tuple(told))


def search_parts(learned: Sequence[Problem], percent: float) -> tuple[list[Problem], list[Problem]]:
    """Share out examples evenly along their order: those on which the search learns weights, and those for its vectors.

    An example stays in its part when more follow it.

    Args:
        percent: of the examples that are for the vectors (validation).
    """
    parts: tuple[list[Problem], list[Problem]] = ([], [])
    for place, problem in enumerate(learned):
        parts[int((place + 1) * percent / 100) > int(place * percent / 100)].append(problem)
    return parts


def prompt_of(problem: Problem, config: GuilomoConfig) -> Prompt:
    """How a problem is put to a model."""
    return chat(problem.question) if config.prompting == "chat" else f"{problem.question}\nAnswer:"


def response_of(text: str, config: GuilomoConfig) -> str:
    """A response as it stands behind its prompt."""
    return text if config.prompting == "chat" else f" {text}"


def examples_of(problems: Sequence[Problem], config: GuilomoConfig) -> list[Example]:
    """Problems as examples to learn from."""
    return [Example(prompt_of(one, config), response_of(one.response, config)) for one in problems]


Made = tuple[Verifier, list[Problem], list[str]]


def _glosses(config: GuilomoConfig, report: ProgressCallback) -> Made:
    records = read_records("wordnet-glosses", Gloss, report=report)
    return "options", gloss_problems(records.rows, config.own_senses), []


def _svamp(config: GuilomoConfig, report: ProgressCallback) -> Made:
    records = read_records("svamp", MathProblem, report=report)
    return "number", [_sum(row) for row in records.rows], []


def _sum(row: MathProblem) -> Problem:
    response = f"{row.solution} = {row.answer}" if row.solution else row.answer
    return Problem(row.id, row.question + SVAMP_REQUEST, response, row.answer)


def _own(config: GuilomoConfig, report: ProgressCallback) -> Made:
    if not config.data:
        raise ConfigError({"data": "the task own needs data."}, "Choose a file, or take own out of tasks.")
    mapping = parse_mapping(config.columns) if config.columns else None
    records = read_records(config.data, TaskRow, mapping, report=report)
    return config.verifier, [_of_row(row, config, records) for row in records.rows], _told(records)


def _of_row(row: TaskRow, config: GuilomoConfig, records: Records[TaskRow]) -> Problem:
    if config.verifier == "options" and (row.response not in row.options or len(set(row.options)) < 2):
        line = records.lines[records.rows.index(row)]
        raise DataError(
            f"Row {line:,}: the response must be one of at least two options; it has {len(row.options)}.",
            "Give every row its options with the response among them, or choose another verifier.",
            row=line,
            field="options",
        )
    return Problem(row.id, row.prompt, row.response, row.response, row.options)


def _told(records: Records[TaskRow]) -> list[str]:
    broken = [f"{len(records.errors):,} rows cannot be used; {records.errors[0].what}"] if records.errors else []
    return [*records.notes, *broken]

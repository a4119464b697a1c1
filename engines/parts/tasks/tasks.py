"""Tasks: problems to learn from and problems to be examined in, with their prompt and their verifier.

Bundled ones are glosses (which of four WordNet glosses fits the word in the sentence) and svamp (word problems); own is
a table of the user's. A method with problems of its own makes a `Task` of them, or has `deal` share them out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

from engines.parts.completions import Prompt, chat
from engines.parts.corpora import Gloss, MathProblem
from engines.parts.datasets import Records, parse_mapping, read_records
from engines.parts.records import AlsoNamed, Record, lot
from engines.parts.registry import ProgressCallback, no_progress
from engines.parts.tasks.glosses import gloss_problems
from engines.parts.tasks.problems import Problem, Verifier
from engines.parts.training import Example
from workbench.contract import ConfigError, DataError

DRAWN = 7
MOST_LEARNED = 0.8
"""Share of all problems that training may take, so that some are left to examine in."""
SVAMP_REQUEST = "\nWrite the calculation and its result."
Prompting = Literal["chat", "plain"]


class TaskRow(Record):
    """A row of one's own: a prompt with the response to learn."""

    prompt: Annotated[str, AlsoNamed("instruction", "question", "input", "query", "problem", "text")]
    """What is asked."""
    response: Annotated[str, AlsoNamed("output", "answer", "completion", "target", "gold", "solution", "label")]
    """What is to be learned as the answer; of a choice, the right option."""
    options: Annotated[tuple[str, ...], AlsoNamed("choices", "candidates")] = ()
    """Of a choice, all options."""


@dataclass(frozen=True)
class TaskSettings:
    """What to open.

    Attributes:
        learn_items, examine_items: how many problems of either part; training takes at most four fifths of all.
        prompting: through the model's chat template, or as a plain text for models that have none.
        data: of the task own, a data set of prompts and responses.
        columns: of that data, which column is which field, as "prompt=Question,response=Answer".
        verifier: of that data.
        own_senses: of the task glosses, how many wrong options are other senses of the very word.
    """

    learn_items: int
    examine_items: int
    prompting: Prompting = "chat"
    data: str = ""
    columns: str = ""
    verifier: Verifier = "number"
    own_senses: int = 1


@dataclass(frozen=True)
class Task:
    """A task ready to be learned.

    Attributes:
        learn, examine: problems of either part; more of them begin with the same ones.
        verifier: how an answer is judged: by name, or by a function of the gold and the answer.
        prompt: how a problem is put to a model.
        lead: what stands between a prompt and its response.
        notes: what a reader must know.
    """

    name: str
    learn: tuple[Problem, ...]
    examine: tuple[Problem, ...]
    verifier: Verifier | Callable[[str, str], bool]
    prompt: Callable[[Problem], Prompt]
    lead: str = ""
    notes: tuple[str, ...] = ()

    def examples(self, problems: Sequence[Problem] | None = None) -> list[Example]:
        """Return problems as examples to learn from; without any, those of the task's own learning part."""
        chosen = self.learn if problems is None else problems
        return [Example(self.prompt(one), self.lead + one.response) for one in chosen]


def open_task(name: str, asked: TaskSettings, report: ProgressCallback = no_progress) -> Task:
    """Read a task and deal its problems into the two parts.

    Args:
        name: "glosses", "svamp" or "own".
        report: hears of downloads.

    Raises:
        ConfigError: no such task, or no data for the task own.
        DataError: no such data, or too few problems.
    """
    makers = {"glosses": _glosses, "svamp": _svamp, "own": _own}
    if name not in makers:
        raise ConfigError({"tasks": f"{name[:40]!r} is no task."}, f"Choose among {', '.join(makers)}.")
    verifier, problems, notes = makers[name](asked, report)
    learn, examine, said = deal(name, problems, asked)
    prompt, lead = (_chat, "") if asked.prompting == "chat" else (_plain, " ")
    return Task(name, learn, examine, verifier, prompt, lead, (*notes, *said))


def deal(
    name: str, problems: Sequence[Problem], asked: TaskSettings
) -> tuple[tuple[Problem, ...], tuple[Problem, ...], list[str]]:
    """Deal problems into those to learn from and those to examine in, by lots of their text; return notes too.

    Equal questions never part. Examinations take from the front of the drawn order and trainings from its back, so
    that either part of a larger run begins with that of a smaller one, whatever the other's size. Training may take
    `MOST_LEARNED` of all problems; examinations get what it leaves.

    Raises:
        DataError: too few problems to learn from any.
    """
    distinct = list({problem.question: problem for problem in problems}.values())
    ordered = sorted(distinct, key=lambda problem: lot(DRAWN, problem.question))
    many = min(asked.learn_items, int(len(ordered) * MOST_LEARNED))
    if not many:
        raise DataError(f"{name} has {len(ordered)} different problems, too few to learn from.", "Give at least two.")
    examine = ordered[: min(asked.examine_items, len(ordered) - many)]
    notes = []
    if (many, len(examine)) != (asked.learn_items, asked.examine_items):
        notes.append(
            f"{name} has {len(ordered):,} different problems: {many:,} of {asked.learn_items:,} asked for are "
            f"learned from, {len(examine):,} of {asked.examine_items:,} are for tests."
        )
    return tuple(ordered[::-1][:many]), tuple(examine), notes


def _chat(problem: Problem) -> Prompt:
    return chat(problem.question)


def _plain(problem: Problem) -> Prompt:
    return f"{problem.question}\nAnswer:"


Made = tuple[Verifier, list[Problem], list[str]]


def _glosses(asked: TaskSettings, report: ProgressCallback) -> Made:
    records = read_records("wordnet-glosses", Gloss, report=report)
    return "options", gloss_problems(records.rows, asked.own_senses), []


def _svamp(asked: TaskSettings, report: ProgressCallback) -> Made:
    records = read_records("svamp", MathProblem, report=report)
    return "number", [_word_problem(row) for row in records.rows], []


def _word_problem(row: MathProblem) -> Problem:
    response = f"{row.solution} = {row.answer}" if row.solution else row.answer
    return Problem(row.id, row.question + SVAMP_REQUEST, response, row.answer)


def _own(asked: TaskSettings, report: ProgressCallback) -> Made:
    if not asked.data:
        raise ConfigError({"data": "the task own needs data."}, "Choose a file, or take own out of tasks.")
    mapping = parse_mapping(asked.columns) if asked.columns else None
    records = read_records(asked.data, TaskRow, mapping, report=report)
    problem = partial(_of_row, verifier=asked.verifier, records=records)
    broken = [f"{len(records.errors):,} rows cannot be used; {records.errors[0].what}"] if records.errors else []
    return asked.verifier, [problem(row) for row in records.rows], [*records.notes, *broken]


def _of_row(row: TaskRow, verifier: Verifier, records: Records[TaskRow]) -> Problem:
    if verifier == "options" and (row.response not in row.options or len(set(row.options)) < 2):
        line = records.lines[records.rows.index(row)]
        raise DataError(
            f"Row {line:,}: the response must be one of at least two options; it has {len(row.options)}.",
            "Give every row its options with the response among them, or choose another verifier.",
            row=line,
            field="options",
        )
    return Problem(row.id, row.prompt, row.response, row.response, row.options)

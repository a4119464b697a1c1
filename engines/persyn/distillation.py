"""The student: taught on an arm's set at the same token budget as every other arm's, and examined."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from pydantic import BaseModel, ConfigDict

from engines.parts.generation import Use, open_generator
from engines.parts.models import load_causal
from engines.parts.records import lot
from engines.parts.training import Example, TrainingSettings, encode_examples
from engines.persyn.config import PersynConfig
from engines.persyn.quality import final_of, verdicts
from engines.persyn.reward_matrix import RewardMatrix
from engines.persyn.routing import Routing
from engines.persyn.rows import StudentAnswer, StudentRow
from engines.persyn.teacher_pool import Block, TeacherPool
from engines.persyn.teachers import teaching_prompt, teaching_sampling
from workbench.contract import DataError, RunLog

EXAMINE = "Examine the student"
LONGEST = 2048
"""Tokens of an example; longer ones are left out and counted."""


@dataclass(frozen=True)
class Lesson:
    """A prompt with the response that an arm chose for it."""

    place: int
    prompt: str
    response: str
    answer: str


@dataclass(frozen=True)
class Lessons:
    """A set of an arm within its budget.

    Attributes:
        examples: in the order of their draw, repeated where the set is small.
        different: how many different ones.
        tokens: of all, prompts included.
        right_share: of the examples with a right final answer; NaN where no right answers are known.
    """

    examples: list[Example]
    different: int
    tokens: int
    right_share: float


def lessons_of(routing: Routing, matrix: RewardMatrix) -> list[Lesson]:
    """Return the training set of an arm: chosen responses that can be used, to calibration and routed prompts."""
    found = []
    for place in matrix.pool.places("calibration", "routed"):
        text = matrix.texts.get((place, int(routing.chosen.teacher[place])), "")
        if text:
            asked = matrix.pool.prompts[place]
            found.append(Lesson(place, asked.text, text, asked.answer))
    return found


def within_budget(lengths: Sequence[int], budget: int, keys: Sequence[str], seed: int) -> list[int]:
    """Draw the examples that fill a budget of tokens by seed, and again from the start where they are too few.

    Pure: positions in the order they are taken. The sum of their lengths is at most the budget, and less than the
    budget by no more than the shortest example that would not fit.
    """
    taken: list[int] = []
    left, turn = budget, 0
    while lengths and left >= min(lengths):
        for at in sorted(range(len(lengths)), key=lambda at: lot(seed, f"{turn} {keys[at]}")):
            if lengths[at] <= left:
                taken.append(at)
                left -= lengths[at]
        turn += 1
    return taken


def budgeted(lessons: Sequence[Lesson], config: PersynConfig, seed: int) -> Lessons:
    """Return the lessons of one student within its budget.

    Raises:
        DataError: the arm has no usable response, or the budget holds not one.
        ModelError: the student cannot be used.
    """
    if not lessons:
        raise DataError("An arm has no response to teach with.", "See what was left out; choose other teachers.")
    model = load_causal(config.student, config.dtype)
    examples = [Example(teaching_prompt(one.prompt, config.exam_profile), one.response) for one in lessons]
    longest = min(LONGEST, model.context)
    lengths = [encode_examples(model.tokenizer, [example], 10**9).lengths()[0] for example in examples]
    fitting = [at for at, length in enumerate(lengths) if length <= longest]
    mine = [lengths[at] for at in fitting]
    taken = within_budget(mine, config.token_budget, [str(lessons[at].place) for at in fitting], seed)
    if not taken:
        raise DataError(
            f"A budget of {config.token_budget:,} tokens holds not one example; the shortest has {min(lengths):,}.",
            "Raise token_budget, or choose a student with a longer context.",
            field="token_budget",
        )
    places = [fitting[at] for at in taken]
    judged = [(lessons[at].answer, lessons[at].response) for at in places if lessons[at].answer]
    right = float(verdicts(judged).mean()) if judged else float("nan")
    tokens = sum(lengths[at] for at in places)
    return Lessons([examples[at] for at in places], len(set(places)), tokens, right)


def training_settings(config: PersynConfig, seed: int) -> TrainingSettings:
    """Return settings of a student's training: one pass over its lessons."""
    return TrainingSettings(
        epochs=1.0,
        batch=config.batch,
        learning_rate=config.learning_rate,
        longest=LONGEST,
        rank=config.rank,
        alpha=2 * config.rank,
        dtype=config.dtype,
        seed=seed,
    )


def examination(
    pool: TeacherPool, block: Block, ref: str, config: PersynConfig, log: RunLog, names: tuple[str, int]
) -> pd.DataFrame:
    """Examine a student on problems that no training has seen, greedily.

    Args:
        ref: the student, tuned or not.
        names: the arm and the seed, for the ledger.

    Returns:
        Columns prompt, text, final, gold, right, cut (the answer ended at the token limit).

    Raises:
        ModelError, ResourceError, RunStopped: the student cannot be used, or the user pressed Stop.
    """
    asked = [pool.prompts[at] for at in block.places]
    prompts = [teaching_prompt(one.text, config.exam_profile) for one in asked]
    model = open_generator(ref, log, config.dtype)
    use = Use(EXAMINE, *names)
    said = [one[0] for one in model.generate(prompts, teaching_sampling("direct", config), use, whole=True)]
    texts, gold = [one.text.strip() for one in said], [one.answer for one in asked]
    return pd.DataFrame(
        {
            "prompt": [one.name for one in asked],
            "text": texts,
            "final": [final_of(text) for text in texts],
            "gold": gold,
            "right": verdicts(list(zip(gold, texts, strict=True))),
            "cut": [one.finish == "length" for one in said],
        }
    )


def answer_rows(answers: pd.DataFrame, pool: TeacherPool, names: tuple[str, int]) -> pd.DataFrame:
    """Return rows of `StudentAnswer` of a student's answers."""
    place_of = {asked.name: at for at, asked in enumerate(pool.prompts)}
    frame = answers.assign(arm=names[0], seed=names[1], place=answers["prompt"].map(place_of))
    return frame[list(StudentAnswer.model_fields)]


class Taught(BaseModel):
    """A student after its training, in numbers; the untuned one has learned from nothing.

    Attributes:
        ref: the student as a model reference.
        losses: means of the first and of the last quarter of the updates.
    """

    model_config = ConfigDict(ser_json_inf_nan="constants")

    ref: str
    examples: int = 0
    different: int = 0
    tokens: int = 0
    right_share: float = math.nan
    updates: int = 0
    losses: tuple[float, float] = (math.nan, math.nan)
    seconds: float = 0.0


def student_row(names: tuple[str, int], answers: pd.DataFrame, student: Taught) -> StudentRow:
    """Return the row of a student and its examination."""
    return StudentRow(
        arm=names[0],
        seed=names[1],
        examples=student.examples,
        different=student.different,
        tokens=student.tokens,
        right_share=student.right_share,
        updates=student.updates,
        first_loss=student.losses[0],
        last_loss=student.losses[1],
        accuracy=float(answers["right"].mean()) if len(answers) else math.nan,
        examined=len(answers),
        seconds=student.seconds,
        model=student.ref,
    )

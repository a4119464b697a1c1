"""Students: trained on an arm's set at the same token budget as every other arm's, equal sets once, and examined."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import pandas as pd
from pydantic import BaseModel, ConfigDict

from engines.parts.answers import final_of, verdicts
from engines.parts.generation import Use, open_generator
from engines.parts.models import load_causal
from engines.parts.tasks import tuned
from engines.parts.training import Example, TrainingSettings, encode_examples, within_budget
from engines.persyn.config import PersynConfig
from engines.persyn.reward_matrix import RewardMatrix
from engines.persyn.routing import Routing
from engines.persyn.rows import EXAMINED, StudentAnswer, StudentRow
from engines.persyn.teacher_pool import Block, TeacherPool, digest_of, examined_places, judged_blocks, training_key
from engines.persyn.teachers import teaching_prompt, teaching_sampling
from workbench.contract import DataError, RunCell, RunLog

UNTUNED = "untuned"
Routings = Mapping[tuple[str, int], Routing]
LONGEST = 2048
"""Tokens of an example; longer ones are left out and counted."""


@dataclass(frozen=True)
class ChosenResponse:
    """A prompt with the response that an arm chose for it."""

    place: int
    prompt: str
    response: str
    answer: str


@dataclass(frozen=True)
class TrainingSet:
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


def chosen_responses(routing: Routing, matrix: RewardMatrix) -> list[ChosenResponse]:
    """Return the training set of an arm: chosen responses that can be used, to calibration and routed prompts."""
    found = []
    for place in matrix.pool.places("calibration", "routed"):
        text = matrix.texts.get((place, int(routing.chosen.teacher[place])), "")
        if text:
            asked = matrix.pool.prompts[place]
            found.append(ChosenResponse(place, asked.text, text, asked.answer))
    return found


def training_set(responses: Sequence[ChosenResponse], config: PersynConfig, seed: int) -> TrainingSet:
    """Return the training set of one student within its budget.

    Raises:
        DataError: the arm has no usable response, or the budget holds not one.
        ModelError: the student cannot be used.
    """
    if not responses:
        raise DataError("An arm has no response to teach with.", "See what was left out; choose other teachers.")
    model = load_causal(config.student, config.dtype)
    examples = [Example(teaching_prompt(one.prompt, config.exam_profile), one.response) for one in responses]
    longest = min(LONGEST, model.context)
    lengths = [encode_examples(model.tokenizer, [example], 10**9).lengths()[0] for example in examples]
    fitting = [at for at, length in enumerate(lengths) if length <= longest]
    mine = [lengths[at] for at in fitting]
    taken = within_budget(mine, config.token_budget, [str(responses[at].place) for at in fitting], seed)
    if not taken:
        raise DataError(
            f"A budget of {config.token_budget:,} tokens holds not one example; the shortest has {min(lengths):,}.",
            "Raise token_budget, or choose a student with a longer context.",
            field="token_budget",
        )
    places = [fitting[at] for at in taken]
    judged = [(responses[at].answer, responses[at].response) for at in places if responses[at].answer]
    right = float(verdicts(judged).mean()) if judged else float("nan")
    tokens = sum(lengths[at] for at in places)
    return TrainingSet([examples[at] for at in places], len(set(places)), tokens, right)


def training_settings(config: PersynConfig, seed: int) -> TrainingSettings:
    """Return settings of a student's training: one pass over its training set."""
    return TrainingSettings(
        epochs=1.0, batch=config.batch, learning_rate=config.learning_rate, longest=LONGEST, rank=config.rank,
        alpha=2 * config.rank, dtype=config.dtype, seed=seed,
    )  # fmt: skip


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
    use = Use("Examine the student", *names)
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


class TrainedStudent(BaseModel):
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


def student_row(names: tuple[str, int], answers: pd.DataFrame, student: TrainedStudent) -> StudentRow:
    """Return the row of a student and its examination."""
    return StudentRow(
        arm=names[0],
        seed=names[1],
        **student.model_dump(exclude={"ref", "losses"}),
        first_loss=student.losses[0],
        last_loss=student.losses[1],
        accuracy=float(answers["right"].mean()) if len(answers) else math.nan,
        examined=len(answers),
        model=student.ref,
    )


class Examined(BaseModel):
    """A student and what it answered, as they are kept for a resumed run."""

    student: TrainedStudent
    answers: list[dict[str, str | bool]]

    @property
    def frame(self) -> pd.DataFrame:
        """Return the answers, columns as `examination`."""
        return pd.DataFrame(self.answers)


def teach_students(
    routings: Sequence[Routing], matrix: RewardMatrix, config: PersynConfig, log: RunLog[PersynConfig]
) -> list[Examined]:
    """Teach and examine a student of every arm and seed; the students, equal ones once.

    Raises:
        DataError: an arm has nothing to teach with, or the budget holds no example.
        ModelError, ResourceError, RunStopped: as the training.
    """
    known = {(routing.arm, routing.seed): routing for routing in routings}
    cells = log.cells() if examined_places(matrix.pool, config) else []
    cells = [cell for cell in cells if (cell.arm, cell.seed) in known or log.arms[cell.arm].policy == UNTUNED]
    cells = [RunCell(cell.arm, cell.seed, "student") for cell in cells]
    first: dict[object, RunCell] = {}
    for cell in cells:
        first.setdefault(_training_key(cell, known, matrix), cell)
    mine = list(first.values())
    work = partial(student_cell, mine=mine, known=known, matrix=matrix, config=config)
    found = cast(list[Examined], log.map(mine, work, Examined, key=_examination_key(matrix, config)))
    students = dict(zip(first, found, strict=True))
    shared = [f"{cell.arm} = {first[_training_key(cell, known, matrix)].arm}" for cell in cells if cell not in mine]
    if shared:
        log.note(f"Equal training sets are taught once: {', '.join(sorted(set(shared)))}.")
    for cell in cells:
        report_student(students[_training_key(cell, known, matrix)], (cell.arm, cell.seed), matrix, log, outcomes=True)
    return found


def examine_untuned(matrix: RewardMatrix, config: PersynConfig, log: RunLog) -> list[Examined]:
    """Report how the student does before any teaching, where there are problems to examine it; no outcome of an arm.

    Returns:
        The student; none where there are no problems.

    Raises:
        ModelError, ResourceError, RunStopped: as the examination.
    """
    if not examined_places(matrix.pool, config):
        return []
    cell = RunCell(UNTUNED, log.seeds[0], "student")
    work = partial(student_cell, mine=[cell], known={}, matrix=matrix, config=config)
    student = cast(Examined, log.map([cell], work, Examined, key=_examination_key(matrix, config))[0])
    report_student(student, (cell.arm, cell.seed), matrix, log, outcomes=False)
    return [student]


def report_student(
    student: Examined, names: tuple[str, int], matrix: RewardMatrix, log: RunLog, outcomes: bool
) -> None:
    """Say how a student was taught and what it answered, under the name of an arm."""
    answers = answer_rows(student.frame, matrix.pool, names)
    log.row(student_row(names, answers, student.student))
    log.table(StudentAnswer, answers)
    if outcomes:
        groups = answers["place"].map(lambda at: matrix.pool.prompts[at].group or None)
        log.outcomes("accuracy", RunCell(*names), answers["right"], answers["prompt"], groups, EXAMINED)


def student_cell(
    cell: RunCell, log: RunLog, mine: Sequence[RunCell], known: Routings, matrix: RewardMatrix, config: PersynConfig
) -> Examined:
    """Teach a student, unless it is the untuned one, and examine it block by block; `mine` are all of the run.

    The training is kept by its own key, so that more problems train nothing again.
    """
    names, answers = (cell.arm, cell.seed), []
    routing, student = known.get(names), TrainedStudent(ref=config.student)
    of = UNTUNED if routing is None else f"{cell.arm}, seed {cell.seed}"
    with log.phase(f"Student {mine.index(cell) + 1} of {len(mine)}: {of}"):
        if routing is not None:
            work = partial(_trained, routing, matrix, config, log)
            key = _choices_digest(routing, matrix)
            student = cast(TrainedStudent, log.once("teach", TrainedStudent, work, key=key))
        for block in _examined_blocks(matrix, config):
            work = partial(examination, matrix.pool, block, student.ref, config, log, names)
            answers.append(log.once(block.name, pd.DataFrame, work, key=block.key))
    frame = pd.concat(answers, ignore_index=True)
    return Examined(student=student, answers=frame.to_dict("records"))


def _trained(routing: Routing, matrix: RewardMatrix, config: PersynConfig, log: RunLog) -> TrainedStudent:
    chosen = training_set(chosen_responses(routing, matrix), config, routing.seed)
    cell = RunCell(routing.arm, routing.seed, "student")
    trained = tuned(cell, config.student, chosen.examples, training_settings(config, routing.seed), log)
    return TrainedStudent(
        ref=trained.model, examples=len(chosen.examples), different=chosen.different, tokens=chosen.tokens,
        right_share=chosen.right_share, updates=trained.updates, losses=(trained.first_loss, trained.last_loss),
        seconds=trained.seconds,
    )  # fmt: skip


def _examined_blocks(matrix: RewardMatrix, config: PersynConfig) -> list[Block]:
    return judged_blocks(matrix.pool, "examination", examined_places(matrix.pool, config))


def _examination_key(matrix: RewardMatrix, config: PersynConfig) -> str:
    return digest_of(block.key for block in _examined_blocks(matrix, config))


def _choices_digest(routing: Routing, matrix: RewardMatrix) -> str:
    """Of the training prompts and who answers them."""
    places = matrix.pool.places("calibration", "routed")
    return digest_of([training_key(matrix.pool), *map(str, routing.chosen.teacher[places].tolist())])


def _training_key(cell: RunCell, known: Routings, matrix: RewardMatrix) -> object:
    """Equal for students that learn the same under the same seed; all untuned ones are the same."""
    routing = known.get((cell.arm, cell.seed))
    return UNTUNED if routing is None else (cell.seed, _choices_digest(routing, matrix))

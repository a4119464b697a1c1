"""Students of a run: equal training sets are taught once, and every arm's student is examined."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

import pandas as pd
from pydantic import BaseModel, ConfigDict

from engines.parts.tasks import tuned
from engines.persyn.config import PersynConfig
from engines.persyn.distillation import (
    Taught,
    answer_rows,
    budgeted,
    examination,
    lessons_of,
    student_row,
    training_settings,
)
from engines.persyn.reward_matrix import RewardMatrix
from engines.persyn.routing import Routing
from engines.persyn.rows import EXAMINED, StudentAnswer
from engines.persyn.teacher_pool import Block, digest_of, examined_places, judged_blocks, training_key
from workbench.contract import RunCell, RunLog

UNTUNED = "untuned"
Routings = Mapping[tuple[str, int], Routing]


class Examined(BaseModel):
    """A student and what it answered, as they are kept for a resumed run."""

    model_config = ConfigDict(ser_json_inf_nan="constants")

    student: Taught
    answers: list[dict[str, str | bool]]

    @property
    def frame(self) -> pd.DataFrame:
        """Return the answers, columns as `distillation.examination`."""
        return pd.DataFrame(self.answers)


def teach_students(
    routings: Sequence[Routing], matrix: RewardMatrix, config: PersynConfig, log: RunLog
) -> list[Examined]:
    """Teach and examine a student of every arm and seed; the students, equal ones once.

    Raises:
        DataError: an arm has nothing to teach with, or the budget holds no example.
        ModelError, ResourceError, RunStopped: as the training.
    """
    known = {(routing.arm, routing.seed): routing for routing in routings}
    cells = [RunCell(cell.arm, cell.seed, "student") for cell in log.cells() if _is_examined(cell, known, log)]
    cells = cells if examined_places(matrix.pool, config) else []
    first: dict[object, RunCell] = {}
    for cell in cells:
        first.setdefault(_lesson_key(cell, known, matrix), cell)
    mine = list(first.values())
    work = partial(teach_cell, known=known, matrix=matrix, config=config)
    found = cast(list[Examined], log.map(mine, work, Examined, key=_examination_key(matrix, config)))
    students = dict(zip(first, found, strict=True))
    shared = [f"{cell.arm} = {first[_lesson_key(cell, known, matrix)].arm}" for cell in cells if cell not in mine]
    if shared:
        log.note(f"Equal training sets are taught once: {', '.join(sorted(set(shared)))}.")
    for cell in cells:
        report_student(students[_lesson_key(cell, known, matrix)], (cell.arm, cell.seed), matrix, log, outcomes=True)
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
    work = partial(teach_cell, known={}, matrix=matrix, config=config)
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


def teach_cell(cell: RunCell, log: RunLog, known: Routings, matrix: RewardMatrix, config: PersynConfig) -> Examined:
    """Teach a student unless it is the untuned one, and examine it block by block.

    The training is kept by its own key, so that more problems train nothing again.
    """
    names, pool = (cell.arm, cell.seed), matrix.pool
    routing = known.get(names)
    student = Taught(ref=config.student)
    if routing is not None:
        work = partial(_taught, routing, matrix, config, log)
        student = cast(Taught, log.once("teach", Taught, work, key=_lessons_digest(routing, matrix)))
    answers = []
    for block in _examined_blocks(matrix, config):
        work = partial(examination, pool, block, student.ref, config, log, names)
        answers.append(log.once(block.name, pd.DataFrame, work, key=block.key))
    frame = pd.concat(answers, ignore_index=True)
    return Examined(student=student, answers=frame.to_dict("records"))


def _taught(routing: Routing, matrix: RewardMatrix, config: PersynConfig, log: RunLog) -> Taught:
    lessons = budgeted(lessons_of(routing, matrix), config, routing.seed)
    cell = RunCell(routing.arm, routing.seed, "student")
    trained = tuned(cell, config.student, lessons.examples, training_settings(config, routing.seed), log)
    return Taught(
        ref=trained.model,
        examples=len(lessons.examples),
        different=lessons.different,
        tokens=lessons.tokens,
        right_share=lessons.right_share,
        updates=trained.updates,
        losses=(trained.first_loss, trained.last_loss),
        seconds=trained.seconds,
    )


def _examined_blocks(matrix: RewardMatrix, config: PersynConfig) -> list[Block]:
    return judged_blocks(matrix.pool, "examination", examined_places(matrix.pool, config))


def _examination_key(matrix: RewardMatrix, config: PersynConfig) -> str:
    return digest_of(block.key for block in _examined_blocks(matrix, config))


def _lessons_digest(routing: Routing, matrix: RewardMatrix) -> str:
    """Of the training prompts and who answers them."""
    places = matrix.pool.places("calibration", "routed")
    return digest_of([training_key(matrix.pool), *map(str, routing.chosen.teacher[places].tolist())])


def _is_examined(cell: RunCell, known: Routings, log: RunLog[PersynConfig]) -> bool:
    return (cell.arm, cell.seed) in known or log.arms[cell.arm].policy == UNTUNED


def _lesson_key(cell: RunCell, known: Routings, matrix: RewardMatrix) -> object:
    """Equal for students that learn the same under the same seed; all untuned ones are the same."""
    routing = known.get((cell.arm, cell.seed))
    return UNTUNED if routing is None else (cell.seed, _lessons_digest(routing, matrix))

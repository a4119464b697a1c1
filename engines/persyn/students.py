"""Students of a run: equal training sets are taught once, and every arm's student is examined."""

from collections.abc import Sequence
from functools import partial
from typing import cast

import pandas as pd
from pydantic import BaseModel

from engines.persyn.config import PersynConfig
from engines.persyn.judged import Board
from engines.persyn.routing import Routing
from engines.persyn.rows import StudentAnswer, StudentRow
from engines.persyn.teaching import (
    accuracy_outcomes,
    budgeted,
    examination,
    lessons_of,
    student_row,
    taught,
)
from workbench.engine import RunCell, RunLog
from workbench.schema import Outcome

UNTUNED = "untuned"


class Taught(BaseModel):
    """A student and its answers, as they are kept for a resumed run."""

    row: StudentRow
    answers: tuple[StudentAnswer, ...]

    def of(self, arm: str, seed: int) -> "Taught":
        """The same student as that of another arm, whose training set is equal."""
        names = {"arm": arm, "seed": seed}
        answers = tuple(answer.model_copy(update=names) for answer in self.answers)
        return Taught(row=self.row.model_copy(update=names), answers=answers)


def teach_students(routings: Sequence[Routing], board: Board, config: PersynConfig, log: RunLog) -> None:
    """Teach and examine a student of every arm and seed.

    Raises:
        DataError: an arm has nothing to teach with, or the budget holds no example.
        ModelError, ResourceError, RunStopped: as the training.
    """
    known = {(routing.arm, routing.seed): routing for routing in routings}
    cells = [RunCell(cell.arm, cell.seed, "student") for cell in log.cells() if _is_examined(cell, known, log)]
    first: dict[object, RunCell] = {}
    for cell in cells:
        first.setdefault(_lesson_key(cell, known, board), cell)
    mine = list(first.values())
    work = partial(teach_cell, known=known, board=board, config=config)
    students = dict(zip(first, cast(list[Taught], log.map(mine, work, Taught)), strict=True))
    shared = [f"{cell.arm} = {first[_lesson_key(cell, known, board)].arm}" for cell in cells if cell not in mine]
    if shared:
        log.note(f"Equal training sets are taught once: {', '.join(sorted(set(shared)))}.")
    for cell in cells:
        student = students[_lesson_key(cell, known, board)].of(cell.arm, cell.seed)
        answers = pd.DataFrame([answer.model_dump() for answer in student.answers])
        log.row(student.row)
        log.table(StudentAnswer, answers)
        log.table(Outcome, accuracy_outcomes(answers))


def examine_untuned(board: Board, config: PersynConfig, log: RunLog) -> None:
    """Report how the student does before any teaching, where there are problems to examine it; no outcome of an arm.

    Raises:
        ModelError, ResourceError, RunStopped: as the examination.
    """
    if not any(board.panel.prompts[at].answer for at in board.panel.places("examined")):
        return
    seed = log.seeds[0]
    work = partial(teach_cell, RunCell(UNTUNED, seed), log, known={}, board=board, config=config)
    student = cast(Taught, log.once("untuned student", Taught, work))
    log.row(student.row)
    log.table(StudentAnswer, pd.DataFrame([answer.model_dump() for answer in student.answers]))


def teach_cell(
    cell: RunCell, log: RunLog, known: dict[tuple[str, int], Routing], board: Board, config: PersynConfig
) -> Taught:
    """One student: taught unless it is the untuned one, then examined."""
    names = (cell.arm, cell.seed)
    routing = known.get(names)
    if routing is None:
        answers = examination(board.panel, config.student, config, log, names)
        return _kept(student_row(names, answers, config.student), answers)
    lessons = budgeted(lessons_of(routing, board), config, cell.seed)
    trained = taught(lessons, config, log, *names)
    answers = examination(board.panel, trained.ref, config, log, names)
    return _kept(student_row(names, answers, trained.ref, lessons, trained), answers)


def _kept(row: StudentRow, answers: pd.DataFrame) -> Taught:
    said = [StudentAnswer.model_validate(each) for each in answers.to_dict("records")]
    return Taught(row=row, answers=tuple(said))


def _is_examined(cell: RunCell, known: dict[tuple[str, int], Routing], log: RunLog) -> bool:
    arm = log.arms[cell.arm]
    return (cell.arm, cell.seed) in known or (isinstance(arm, PersynConfig) and arm.policy == "untuned")


def _lesson_key(cell: RunCell, known: dict[tuple[str, int], Routing], board: Board) -> object:
    """Equal for students that learn the same under the same seed; all untuned ones are the same."""
    routing = known.get((cell.arm, cell.seed))
    if routing is None:
        return UNTUNED
    places = board.panel.places("calibration", "routed")
    return cell.seed, tuple(routing.chosen.teacher[places].tolist())

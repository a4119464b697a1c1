"""Students of a run: equal training sets are taught once, and every arm's student is examined."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

import pandas as pd
from pydantic import BaseModel, ConfigDict

from engines.persyn.blocks import Block, digest_of, judged_blocks, training_key
from engines.persyn.config import PersynConfig
from engines.persyn.judged import Board
from engines.persyn.panel import examined_places
from engines.persyn.routing import Routing
from engines.persyn.rows import StudentAnswer
from engines.persyn.teaching import (
    Taught,
    accuracy_outcomes,
    answer_rows,
    budgeted,
    examination,
    lessons_of,
    student_row,
    taught,
    taught_facts,
)
from workbench.contract import Outcome, RunCell, RunLog

UNTUNED = "untuned"
Routings = Mapping[tuple[str, int], Routing]


class Examined(BaseModel):
    """A student and what it answered, as they are kept for a resumed run."""

    model_config = ConfigDict(ser_json_inf_nan="constants")

    student: Taught
    answers: list[dict[str, str | bool]]

    @property
    def frame(self) -> pd.DataFrame:
        """The answers, columns as `teaching.examination`."""
        return pd.DataFrame(self.answers)


def teach_students(routings: Sequence[Routing], board: Board, config: PersynConfig, log: RunLog) -> list[Examined]:
    """Teach and examine a student of every arm and seed; the students, equal ones once.

    Raises:
        DataError: an arm has nothing to teach with, or the budget holds no example.
        ModelError, ResourceError, RunStopped: as the training.
    """
    known = {(routing.arm, routing.seed): routing for routing in routings}
    cells = [RunCell(cell.arm, cell.seed, "student") for cell in log.cells() if _is_examined(cell, known, log)]
    cells = cells if examined_places(board.panel, config) else []
    first: dict[object, RunCell] = {}
    for cell in cells:
        first.setdefault(_lesson_key(cell, known, board), cell)
    mine = list(first.values())
    work = partial(teach_cell, known=known, board=board, config=config)
    found = cast(list[Examined], log.map(mine, work, Examined, key=_examination_key(board, config)))
    students = dict(zip(first, found, strict=True))
    shared = [f"{cell.arm} = {first[_lesson_key(cell, known, board)].arm}" for cell in cells if cell not in mine]
    if shared:
        log.note(f"Equal training sets are taught once: {', '.join(sorted(set(shared)))}.")
    for cell in cells:
        report_student(students[_lesson_key(cell, known, board)], (cell.arm, cell.seed), board, log, outcomes=True)
    return found


def examine_untuned(board: Board, config: PersynConfig, log: RunLog) -> list[Examined]:
    """Report how the student does before any teaching, where there are problems to examine it; no outcome of an arm.

    Returns:
        The student; none where there are no problems.

    Raises:
        ModelError, ResourceError, RunStopped: as the examination.
    """
    if not examined_places(board.panel, config):
        return []
    cell = RunCell(UNTUNED, log.seeds[0], "student")
    work = partial(teach_cell, known={}, board=board, config=config)
    student = cast(Examined, log.map([cell], work, Examined, key=_examination_key(board, config))[0])
    report_student(student, (cell.arm, cell.seed), board, log, outcomes=False)
    return [student]


def report_student(student: Examined, names: tuple[str, int], board: Board, log: RunLog, outcomes: bool) -> None:
    """Say how a student was taught and what it answered, under the name of an arm."""
    answers = answer_rows(student.frame, board.panel, names)
    log.row(student_row(names, answers, student.student))
    log.table(StudentAnswer, answers)
    if outcomes:
        log.table(Outcome, accuracy_outcomes(answers, board.panel))


def teach_cell(cell: RunCell, log: RunLog, known: Routings, board: Board, config: PersynConfig) -> Examined:
    """One student: taught unless it is the untuned one, then examined block by block.

    The training is kept by its own key, so that more problems train nothing again.
    """
    names, panel = (cell.arm, cell.seed), board.panel
    routing = known.get(names)
    student = Taught(ref=config.student)
    if routing is not None:
        work = partial(_taught, routing, board, config, log)
        student = cast(Taught, log.once("teach", Taught, work, key=_lessons_digest(routing, board)))
    answers = []
    for block in _examined_blocks(board, config):
        work = partial(examination, panel, block, student.ref, config, log, names)
        answers.append(log.once(block.name, pd.DataFrame, work, key=block.key))
    frame = pd.concat(answers, ignore_index=True)
    return Examined(student=student, answers=frame.to_dict("records"))


def _taught(routing: Routing, board: Board, config: PersynConfig, log: RunLog) -> Taught:
    lessons = budgeted(lessons_of(routing, board), config, routing.seed)
    return taught_facts(lessons, taught(lessons, config, log, routing.arm, routing.seed))


def _examined_blocks(board: Board, config: PersynConfig) -> list[Block]:
    return judged_blocks(board.panel, "examination", examined_places(board.panel, config))


def _examination_key(board: Board, config: PersynConfig) -> str:
    return digest_of(block.key for block in _examined_blocks(board, config))


def _lessons_digest(routing: Routing, board: Board) -> str:
    """Of the training prompts and who answers them."""
    places = board.panel.places("calibration", "routed")
    return digest_of([training_key(board.panel), *map(str, routing.chosen.teacher[places].tolist())])


def _is_examined(cell: RunCell, known: Routings, log: RunLog) -> bool:
    arm = log.arms[cell.arm]
    return (cell.arm, cell.seed) in known or (isinstance(arm, PersynConfig) and arm.policy == UNTUNED)


def _lesson_key(cell: RunCell, known: Routings, board: Board) -> object:
    """Equal for students that learn the same under the same seed; all untuned ones are the same."""
    routing = known.get((cell.arm, cell.seed))
    return UNTUNED if routing is None else (cell.seed, _lessons_digest(routing, board))

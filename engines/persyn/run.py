"""The recipe: ask every teacher a few prompts, learn whom to ask, ask the chosen one alone, teach the student."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from engines.persyn.asking import ask
from engines.persyn.cautions import cautions, record_facts
from engines.persyn.config import PersynConfig
from engines.persyn.exports import save_files
from engines.persyn.policies import Roles, roles_for, teacher_rows
from engines.persyn.probe import probe
from engines.persyn.responses import Teachers, ask_chosen, ask_every, parallel_blocks, score_every
from engines.persyn.reward_matrix import (
    RewardMatrix,
    left_out_rows,
    matrix_of,
    require_answers,
    response_rows,
    reward_rows,
)
from engines.persyn.routers import Routers, train_cell
from engines.persyn.routing import (
    Routing,
    bin_rows,
    choice_rows,
    cost_row,
    is_learned,
    judged_held_out,
    learn_from_fewer,
    report_held_out,
    routed,
    score_rows,
)
from engines.persyn.rows import BINS, COST, Choice, Response, Reward, RouterScore
from engines.persyn.students import UNTUNED, examine_untuned, teach_students
from engines.persyn.teacher_pool import TeacherPool, open_pool, prompt_rows, training_key
from workbench.contract import Fact, RunCell, RunLog

__all__ = ["ask", "probe", "run"]

Arms = Mapping[str, PersynConfig]
OFTEN = 0.2
"""Share of calibration prompts on which a teacher must fail to be mentioned."""


@dataclass(frozen=True)
class SharedInputs:
    """What all arms share."""

    config: PersynConfig
    arms: Arms
    matrix: RewardMatrix
    roles: Roles


def run(config: PersynConfig, log: RunLog[PersynConfig]) -> None:
    """Find which teacher should write the training example of which prompt, and whether the student gains by it."""
    with log.phase("Open the prompts"):
        pool = open_pool(config, lambda name, done, total: log.progress(done, total, name))
        describe(pool, config, log)
    blocks = parallel_blocks(pool, log.arms)
    with log.phase("Ask every teacher"):
        teachers = Teachers(config, log)
        asked = ask_every(pool, blocks, config, teachers, log)
    with log.phase("Score quality and learnability"):
        scored = score_every(pool, blocks, asked, config, log)
        matrix = matrix_of(pool, scored)
        require_answers(matrix, pool.places("calibration"))
        roles = roles_for(matrix, config)
        report_teachers(matrix, roles, config, log)
    arms = {name: arm for name, arm in log.arms.items() if can_ask(name, arm, roles, log)}
    shared = SharedInputs(config, arms, matrix, roles)
    routings = route(shared, log)
    with log.phase("Ask the chosen teachers alone"):
        matrix = ask_chosen(matrix, routings, scored, (config, teachers), log)
        emit_responses(matrix, config, log)
        for routing in routings:
            emit_cost(routing, matrix, log)
        save_files(routings, matrix, config, log)
    with log.phase("Teach and examine the students"):
        students = teach_students(routings if config.train_student else [], matrix, config, log)
        if not any(arm.policy == UNTUNED for arm in arms.values()):
            students += examine_untuned(matrix, config, log)
        record_facts(matrix, config, students, log)
        for caution in cautions(matrix, config, routings, students):
            log.row(caution)


def describe(pool: TeacherPool, config: PersynConfig, log: RunLog) -> None:
    """Report prompts and what was left out."""
    for row in (*prompt_rows(pool, config), *pool.left_out):
        log.row(row)
    for note in pool.notes:
        log.note(note)
    log.record("prompts", f"{pool.source}. {pool.credit}".strip())


def report_teachers(matrix: RewardMatrix, roles: Roles, config: PersynConfig, log: RunLog) -> None:
    """Report what the calibration says of the teachers, and which of them fail often."""
    for row in teacher_rows(matrix, roles, config):
        log.row(row)
        if row.failed > OFTEN * (row.failed + row.answered):
            log.note(
                f"{row.teacher} failed on {row.failed} of {row.failed + row.answered} calibration prompts. Failed "
                "responses take part in no pair, so that the router cannot learn that it fails."
            )


def can_ask(name: str, arm: PersynConfig, roles: Roles, log: RunLog) -> bool:
    """Return whether the arm has someone to ask; say so where it does not."""
    if arm.policy == "family_strong" and roles.family is None:
        log.note(f"The arm {name} is left out: no teacher is of the student's own family.")
        return False
    return True


def route(shared: SharedInputs, log: RunLog) -> list[Routing]:
    """Train the routers, choose for every arm and seed, and report how well."""
    matrix, config = shared.matrix, shared.config
    with log.phase("Train the routers"):
        cells = [RunCell(cell.arm, cell.seed, "router") for cell in log.cells() if cell.arm in shared.arms]
        cells = [cell for cell in cells if is_learned(shared.arms[cell.arm])]
        work = partial(train_cell, arms=shared.arms, matrix=matrix)
        trained = log.map(cells, work, dict, key=training_key(matrix.pool))
        arrays = dict(zip([(cell.arm, cell.seed) for cell in cells], trained, strict=True))
        routers = Routers(matrix, config, arrays)
    if cells and config.curve and config.router == "linear" and matrix.pool.places("held_out"):
        with log.phase("Learn from fewer prompts"):
            learn_from_fewer(matrix, shared.arms[cells[0].arm], log)
    routings = []
    with log.phase("Route every prompt"):
        for cell in log.cells():
            arm = shared.arms.get(cell.arm)
            if arm is None or arm.policy == "untuned":
                continue
            scores = routers.scores(cell.arm, cell.seed, log) if is_learned(arm) else None
            routings.append(routed(cell.arm, cell.seed, arm, matrix, shared.roles, scores))
            emit_routing(routings[-1], shared, log)
        log.record(Fact.PROMPTS, routers.read)
        log.record(Fact.PROMPTS_CUT, routers.cut)
    return routings


def emit_routing(routing: Routing, shared: SharedInputs, log: RunLog) -> None:
    """Report one arm's choices and how good they are on held-out prompts."""
    matrix, config = shared.matrix, shared.config
    log.table(Choice, choice_rows(routing, matrix, config))
    if routing.scores is not None:
        log.table(RouterScore, score_rows(routing, matrix))
    held_out = judged_held_out(routing, matrix, shared.roles, config)
    if held_out is None:
        return
    report_held_out(routing, held_out, matrix, log)
    bins, gap = bin_rows(routing, matrix, config)
    for row in bins:
        log.row(row)
    if not np.isnan(gap):
        log.outcomes("calibration_error", RunCell(routing.arm, routing.seed), gap, slice=BINS)


def emit_responses(matrix: RewardMatrix, config: PersynConfig, log: RunLog) -> None:
    """Report every response with its rewards, and what was left out."""
    log.table(Response, response_rows(matrix))
    log.table(Reward, reward_rows(matrix, config))
    for row in left_out_rows(matrix):
        log.row(row)


def emit_cost(routing: Routing, matrix: RewardMatrix, log: RunLog) -> None:
    """Report what an arm's training set takes."""
    row = cost_row(routing, matrix)
    log.row(row)
    for metric, value in (("responses", row.responses), ("tokens", row.tokens)):
        log.outcomes(metric, RunCell(routing.arm, routing.seed), value, slice=COST)

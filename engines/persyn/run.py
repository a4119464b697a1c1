"""The recipe: ask every teacher a few prompts, learn whom to ask, ask the chosen one alone, teach the student."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from engines.parts.arms_alike import arms_alike
from engines.persyn.asking import ask
from engines.persyn.blocks import training_key
from engines.persyn.collecting import Teachers
from engines.persyn.config import ARM_FIELDS, PersynConfig
from engines.persyn.doubts import cautions, record_facts
from engines.persyn.exported import save_files
from engines.persyn.facts import roles_for, sizes_differ, teacher_rows
from engines.persyn.judged import Board, board_of, left_out_rows, require_answers, response_rows, reward_rows
from engines.persyn.learning import Routers, learn_from_fewer, train_cell
from engines.persyn.panel import Panel, open_panel, prompt_rows
from engines.persyn.policies import Roles
from engines.persyn.preflight import preflight
from engines.persyn.routing import (
    Routing,
    bin_rows,
    choice_rows,
    cost_row,
    held_out_outcomes,
    is_learned,
    judged_held_out,
    routed,
    score_rows,
)
from engines.persyn.rows import BINS, COST, Choice, Response, Reward, RouterScore
from engines.persyn.students import UNTUNED, examine_untuned, teach_students
from engines.persyn.teacher_responses import ask_chosen, ask_every, parallel_blocks, score_every
from workbench.contract import Fact, Outcome, RunCell, RunLog

__all__ = ["ask", "preflight", "run"]

Arms = Mapping[str, PersynConfig]
OFTEN = 0.2
"""Share of calibration prompts on which a teacher must fail to be mentioned."""


@dataclass(frozen=True)
class Scene:
    """What all arms share."""

    config: PersynConfig
    arms: Arms
    board: Board
    roles: Roles


def run(config: PersynConfig, log: RunLog) -> None:
    """Which teacher should write the training example of which prompt, and does the student gain by it?"""
    arms = arms_alike(log.arms, PersynConfig, ARM_FIELDS)
    with log.phase("Open the prompts"):
        panel = open_panel(config, lambda name, done, total: log.progress(done, total, name))
        describe(panel, config, log)
    blocks = parallel_blocks(panel, arms)
    with log.phase("Ask every teacher"):
        teachers = Teachers(config, log)
        asked = ask_every(panel, blocks, config, teachers, log)
    with log.phase("Score quality and learnability"):
        scored = score_every(panel, blocks, asked, config, log)
        board = board_of(panel, scored)
        require_answers(board, panel.places("calibration"))
        roles = roles_for(board, config)
        report_teachers(board, roles, config, log)
    arms = {name: arm for name, arm in arms.items() if can_ask(name, arm, roles, log)}
    scene = Scene(config, arms, board, roles)
    routings = route(scene, log)
    with log.phase("Ask the chosen teachers alone"):
        board = ask_chosen(board, routings, scored, (config, teachers), log)
        emit_responses(board, config, log)
        for routing in routings:
            emit_cost(routing, board, log)
        save_files(routings, board, config, log)
    with log.phase("Teach and examine the students"):
        students = teach_students(routings if config.train_student else [], board, config, log)
        if not any(arm.policy == UNTUNED for arm in arms.values()):
            students += examine_untuned(board, config, log)
        record_facts(board, config, students, log)
        for caution in cautions(board, config, routings, students):
            log.row(caution)


def describe(panel: Panel, config: PersynConfig, log: RunLog) -> None:
    """Report prompts and what was left out."""
    for row in (*prompt_rows(panel, config), *panel.left_out):
        log.row(row)
    for note in panel.notes:
        log.note(note)
    log.record("prompts", f"{panel.source}. {panel.credit}".strip())


def report_teachers(board: Board, roles: Roles, config: PersynConfig, log: RunLog) -> None:
    """Report what the calibration says of the teachers, and which of them fail often."""
    for row in teacher_rows(board, roles, config):
        log.row(row)
        if row.failed > OFTEN * (row.failed + row.answered):
            log.note(
                f"{row.teacher} failed on {row.failed} of {row.failed + row.answered} calibration prompts. Failed "
                "responses take part in no pair, so that the router cannot learn that it fails."
            )


def can_ask(name: str, arm: PersynConfig, roles: Roles, log: RunLog) -> bool:
    """Whether the arm has someone to ask; says so where it does not."""
    if arm.policy == "family_strong" and roles.family is None:
        log.note(f"The arm {name} is left out: no teacher is of the student's own family.")
        return False
    return True


def route(scene: Scene, log: RunLog) -> list[Routing]:
    """Train the routers, choose for every arm and seed, and report how well."""
    board, config = scene.board, scene.config
    with log.phase("Train the routers"):
        cells = [RunCell(cell.arm, cell.seed, "router") for cell in log.cells() if cell.arm in scene.arms]
        cells = [cell for cell in cells if is_learned(scene.arms[cell.arm])]
        work = partial(train_cell, arms=scene.arms, board=board)
        trained = log.map(cells, work, dict, key=training_key(board.panel))
        arrays = dict(zip([(cell.arm, cell.seed) for cell in cells], trained, strict=True))
        routers = Routers(board, config, arrays)
    if cells and config.curve and config.router == "linear" and board.panel.places("held_out"):
        with log.phase("Learn from fewer prompts"):
            learn_from_fewer(board, scene.arms[cells[0].arm], log)
    routings = []
    with log.phase("Route every prompt"):
        for cell in log.cells():
            arm = scene.arms.get(cell.arm)
            if arm is None or arm.policy == "untuned":
                continue
            scores = routers.scores(cell.arm, cell.seed, log) if is_learned(arm) else None
            routings.append(routed(cell.arm, cell.seed, arm, board, scene.roles, scores))
            emit_routing(routings[-1], scene, log)
        log.record(Fact.PROMPTS, routers.read)
        log.record(Fact.PROMPTS_CUT, routers.cut)
    return routings


def emit_routing(routing: Routing, scene: Scene, log: RunLog) -> None:
    """Report one arm's choices and how good they are on held-out prompts."""
    board, config = scene.board, scene.config
    log.table(Choice, choice_rows(routing, board, config))
    if routing.scores is not None:
        log.table(RouterScore, score_rows(routing, board))
    held_out = judged_held_out(routing, board, scene.roles, config)
    if held_out is None:
        return
    log.table(Outcome, held_out_outcomes(routing, held_out, board, sizes_differ(board.panel)))
    bins, gap = bin_rows(routing, board, config)
    for row in bins:
        log.row(row)
    if not np.isnan(gap):
        log.row(Outcome(arm=routing.arm, metric="calibration_error", seed=routing.seed, value=gap, slice=BINS))


def emit_responses(board: Board, config: PersynConfig, log: RunLog) -> None:
    """Report every response with its rewards, and what was left out."""
    log.table(Response, response_rows(board))
    log.table(Reward, reward_rows(board, config))
    for row in left_out_rows(board):
        log.row(row)


def emit_cost(routing: Routing, board: Board, log: RunLog) -> None:
    """Report what an arm's training set takes."""
    row = cost_row(routing, board)
    log.row(row)
    for metric, value in (("responses", float(row.responses)), ("tokens", row.tokens)):
        log.row(Outcome(arm=routing.arm, metric=metric, seed=routing.seed, value=value, slice=COST))

"""The recipe: ask every teacher a few prompts, learn whom to ask, ask the chosen one alone, teach the student.

The probe before it measures a few responses of every teacher, a few likelihoods and two steps of a training.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from engines.parts.models import dtype_note, missing_bytes
from engines.parts.training import Example, training_estimate
from engines.persyn.cautions import cautions, record_facts
from engines.persyn.config import PersynConfig
from engines.persyn.distillation import UNTUNED, examine_untuned, teach_students, training_settings
from engines.persyn.exports import ask, save_files
from engines.persyn.policies import Roles, require_strongest, roles_for, teacher_rows
from engines.persyn.responses import (
    Teachers,
    ask_block,
    ask_chosen,
    collect,
    parallel_blocks,
    require_chats,
    score_block,
)
from engines.persyn.reward_matrix import (
    RewardMatrix,
    left_out_rows,
    matrix_of,
    require_answers,
    require_some,
    response_rows,
    reward_rows,
    score_responses,
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
from engines.persyn.teacher_pool import Sizes, TeacherPool, open_pool, prompt_rows, training_key
from engines.persyn.teachers import teaching_prompt
from workbench.contract import Fact, Probe, RunCell, RunLog

__all__ = ["ask", "probe", "run"]

Arms = Mapping[str, PersynConfig]
OFTEN = 0.2
"""Share of calibration prompts on which a teacher must fail to be mentioned."""


@dataclass(frozen=True)
class RoutingInputs:
    """What every arm's routing starts from: settings, rewards, and the roles of teachers, by arm."""

    config: PersynConfig
    arms: Arms
    matrix: RewardMatrix
    roles: Mapping[str, Roles]


def run(config: PersynConfig, log: RunLog[PersynConfig]) -> None:
    """Find which teacher should write the training example of which prompt, and whether the student gains by it."""
    with log.phase("Open the prompts"):
        pool = open_pool(config, lambda name, done, total: log.progress(done, total, name))
        require_strongest(pool, log.arms)
        require_chats(pool, config)
        describe(pool, config, log)
    teachers = Teachers(config, log)
    scored = answers_of_all(pool, config, teachers, log)
    matrix = matrix_of(pool, scored)
    roles = {name: roles_for(matrix, arm) for name, arm in log.arms.items()}
    arms = {name: arm for name, arm in log.arms.items() if can_ask(name, arm, roles[name], log)}
    routings = route(RoutingInputs(config, arms, matrix, roles), log)
    with log.phase("Ask the chosen teachers alone"):
        chosen = ask_chosen(matrix, routings, (config, teachers), log)
        matrix = matrix_of(pool, [*scored, *chosen])
        emit_responses(matrix, config, sorted({int(at) for frame in chosen for at in frame["place"]}), log)
        for row in left_out_rows(matrix):
            log.row(row)
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


def answers_of_all(pool: TeacherPool, config: PersynConfig, teachers: Teachers, log: RunLog) -> list[pd.DataFrame]:
    """Have every teacher answer the calibration, then what judges; score and report each block; a frame for each.

    A few calibration prompts come first, so that pictures do; then the calibration, before the rest is asked. What is
    kept of the others lies in one phase, however many there are: a run that goes on finds it.

    Raises:
        DataError: a teacher gave no answer to the calibration prompts, or right answers are missing.
        ModelError, ResourceError: a teacher, the scorer or the student cannot be used.
    """
    found, early = [], config.normalise != "pool"  # whose scale is the whole calibration's
    every = parallel_blocks(pool, log.arms)
    calibration = [block for block in every if block.name.startswith("calibration")]
    for at, blocks in enumerate((calibration[:1], calibration[1:], every[len(calibration) :])):
        with log.phase("Ask every teacher"):
            asked = [ask_block(pool, block, config, teachers, log) for block in blocks]
        with log.phase("Score quality and learnability"):
            for block, frame in zip(blocks, asked, strict=True):
                found.append(score_block(pool, block, frame, config, log))
                before = found[: min(len(calibration), len(found) - 1)]
                places = block.places if at or early else ()
                emit_responses(matrix_of(pool, [*before, found[-1]]), config, places, log)
        if at == 1:
            matrix = matrix_of(pool, found)
            emit_responses(matrix, config, () if early else calibration[0].places, log)
            require_answers(matrix, pool.places("calibration"))
            report_teachers(matrix, roles_for(matrix, config), config, log)
    return found


def describe(pool: TeacherPool, config: PersynConfig, log: RunLog) -> None:
    """Report prompts and what was left out."""
    for row in (*prompt_rows(pool, config), *pool.left_out):
        log.row(row)
    for note in (*pool.notes, dtype_note(config.dtype)):
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


def route(inputs: RoutingInputs, log: RunLog) -> list[Routing]:
    """Train the routers, choose for every arm and seed, and report how well."""
    matrix, config = inputs.matrix, inputs.config
    with log.phase("Train the routers"):
        cells = [RunCell(cell.arm, cell.seed, "router") for cell in log.cells() if cell.arm in inputs.arms]
        cells = [cell for cell in cells if is_learned(inputs.arms[cell.arm])]
        work = partial(train_cell, arms=inputs.arms, matrix=matrix)
        trained = log.map(cells, work, dict, key=training_key(matrix.pool))
        arrays = dict(zip([(cell.arm, cell.seed) for cell in cells], trained, strict=True))
        routers = Routers(matrix, config, arrays)
    if cells and config.curve and config.router == "linear" and matrix.pool.places("held_out"):
        with log.phase("Learn from fewer prompts"):
            learn_from_fewer(matrix, inputs.arms[cells[0].arm], log)
    routings = []
    with log.phase("Route every prompt"):
        for cell in log.cells():
            arm = inputs.arms.get(cell.arm)
            if arm is None or arm.policy == "untuned":
                continue
            scores = routers.scores(cell.arm, cell.seed, log) if is_learned(arm) else None
            routings.append(routed(cell.arm, cell.seed, arm, matrix, inputs.roles[cell.arm], scores))
            emit_routing(routings[-1], inputs, log)
        log.record(Fact.PROMPTS, routers.read)
        log.record(Fact.PROMPTS_CUT, routers.cut)
    return routings


def emit_routing(routing: Routing, inputs: RoutingInputs, log: RunLog) -> None:
    """Report one arm's choices and how good they are on held-out prompts."""
    matrix, config = inputs.matrix, inputs.config
    log.table(Choice, choice_rows(routing, matrix, config))
    if routing.scores is not None:
        log.table(RouterScore, score_rows(routing, matrix))
    held_out = judged_held_out(routing, matrix, inputs.roles[routing.arm], config)
    if held_out is None:
        return
    report_held_out(routing, held_out, matrix, log)
    bins, gap = bin_rows(routing, matrix, config)
    for row in bins:
        log.row(row)
    if not np.isnan(gap):
        log.outcomes("calibration_error", RunCell(routing.arm, routing.seed), gap, slice=BINS)


def emit_responses(matrix: RewardMatrix, config: PersynConfig, places: Sequence[int], log: RunLog) -> None:
    """Report every response to some prompts with its rewards."""
    if places:
        log.table(Response, response_rows(matrix, places))
        log.table(Reward, reward_rows(matrix, config, places))


def emit_cost(routing: Routing, matrix: RewardMatrix, log: RunLog) -> None:
    """Report what an arm's training set takes."""
    row = cost_row(routing, matrix)
    log.row(row)
    for metric, value in (("responses", row.responses), ("tokens", row.tokens)):
        log.outcomes(metric, RunCell(routing.arm, routing.seed), value, slice=COST)


PROBED, FEW_PROBED = 8, 2
"""Prompts that every teacher is asked, and those that the first one is asked apart."""
WRITTEN_AT_ONCE = 32
"""Answers that are written at a time where there are as many."""
OPENING = 5.0
"""Seconds for topics, embeddings and routers of frozen embeddings."""
STUDENTS = "Teach and examine the students"


def probe(config: PersynConfig, probe: Probe) -> None:
    """Measure a few responses, their scores and two steps of a training.

    Raises:
        WorkbenchError: as the run itself would, for models or data that cannot be used.
    """
    pool = open_pool(config)
    require_strongest(pool, probe.asked.arms)
    require_chats(pool, config)
    for note in pool.notes:
        probe.log.note(note)
    sizes = Sizes(pool)
    models = {teacher.model for teacher in pool.teachers if teacher.model} | {config.student}
    probe.disk(sum(map(missing_bytes, models)))
    probe.seconds("Train the routers", OPENING, 1, "opening, embedding and routing seldom take more")
    frame, each = probed_responses(pool, config)
    if pool.given is None:
        probe.seconds("Ask every teacher", each, sizes.parallel, f"{len(frame)} responses, as fast as beside others")
        probe.seconds("Ask the chosen teachers alone", each, sizes.routed, "responses, each as long as another")
    with probe.part(
        "Score quality and learnability", sizes.parallel, done=len(frame), unit="responses",
        warm=lambda: score_responses(frame[:1], pool, config, probe.log, learnable=True),
    ) as score:  # fmt: skip
        require_some(score_responses(frame, pool, config, probe.log, learnable=True))
    each = each if pool.given is None else score.each
    probe.seconds(STUDENTS, each, sizes.exams, "answers, each as long as a teacher's")
    if config.train_student:
        cost = training_estimate(config.student, probable_examples(pool, config), training_settings(config, 0))
        budget = config.token_budget
        probe.training(STUDENTS, cost, lambda asked: sizes.students(asked) * asked.config.token_budget / budget)


def probed_responses(pool: TeacherPool, config: PersynConfig) -> tuple[pd.DataFrame, float]:
    """Measure a few responses of every teacher: `collect`'s frame, and seconds of one response beside many others.

    A step of many answers costs little more than one of a few. A straight line through two sizes, both of the first
    teacher, tells what as many cost as are written at a time. Models are opened before, unmeasured.
    """
    # Answers that were kept from an earlier run would take no time.
    teachers, places = Teachers(config, None, cached=False), pool.places("calibration")[:PROBED]

    def asked(columns: Sequence[int], many: int) -> tuple[pd.DataFrame, float]:
        wanted = [(place, column) for place in places[:many] for column in columns]
        begun = time.perf_counter()
        return collect(pool, wanted, config, teachers, "Probe"), time.perf_counter() - begun

    models = [teacher.model for teacher in pool.teachers]
    asked([models.index(model) for model in dict.fromkeys(models)], 1)
    few, others = asked([0], FEW_PROBED)[1], list(range(1, len(models)))
    (mine, more), (theirs, rest) = asked([0], PROBED), asked(others, PROBED)
    growth = max(0.0, more - few) / max(1, len(places) - FEW_PROBED)
    beside = (more + growth * (WRITTEN_AT_ONCE - len(places))) / WRITTEN_AT_ONCE / max(more / len(places), 1e-9)
    frame = pd.concat([mine, theirs], ignore_index=True)
    return frame, beside * (more + rest) / len(frame)


def probable_examples(pool: TeacherPool, config: PersynConfig) -> Sequence[Example]:
    """Return examples of the size that a student would learn, within the budget: choices are not known before the run.

    A response is taken to be half as long as it may be; a word is about one and a third tokens.
    """
    response = " ".join(["so"] * max(1, config.answer_tokens // 2))
    asked = [pool.prompts[at].text for at in pool.places("calibration", "routed")]
    examples, left = [], float(config.token_budget)
    while left > 0:
        text = asked[len(examples) % len(asked)]
        examples.append(Example(teaching_prompt(text, config.exam_profile), response))
        left -= 30 + 1.34 * len(text.split()) + config.answer_tokens // 2
    return examples

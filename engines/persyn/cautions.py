"""How verdicts of a run could be wrong: what it records of itself, and what only the method sees as `Caution` rows."""

from collections.abc import Iterator, Sequence

import numpy as np

from engines.parts.corpora import one_step_problems
from engines.persyn.claims import OF_REWARDS, OF_STUDENTS
from engines.persyn.config import PersynConfig
from engines.persyn.distillation import Examined
from engines.persyn.reward_matrix import RewardMatrix
from engines.persyn.routing import Routing
from engines.persyn.teacher_pool import TeacherPool
from engines.persyn.teachers import Teacher, parameters_of
from workbench.contract import Caution, Fact, RunLog

STUDENTS_BEAT = "student_{}_beats_{}"
PAIRS = (("persyn", "car"), ("car", "mix"), ("mix", "strong"))
"""Arms whose students are compared by claims of that name."""


def record_facts(matrix: RewardMatrix, config: PersynConfig, students: Sequence[Examined], log: RunLog) -> None:
    """Record sizes, horizons and cut answers: of responses that teachers generated and of examined students."""
    size = parameters_of(Teacher("", config.student, ""))
    if not np.isnan(size):
        log.record(Fact.PARAMETERS, size)
    trained = [one.student for one in students if one.student.examples]
    if trained:
        log.record(Fact.STEPS, min(one.updates for one in trained))
        log.record(Fact.ITEMS, min(one.examples for one in trained))
    answers = [one.frame for one in students if one.answers]
    given = [] if matrix.pool.given is not None else [matrix.frame]
    log.record(Fact.ANSWERS, sum(map(len, (*answers, *given))))
    log.record(Fact.ANSWERS_CUT, sum(int(frame["cut"].sum()) for frame in (*answers, *given)))
    log.record(Fact.ANSWERS_EMPTY, sum(int((frame["text"].str.strip() == "").sum()) for frame in (*answers, *given)))


def cautions(
    matrix: RewardMatrix, config: PersynConfig, routings: Sequence[Routing], students: Sequence[Examined]
) -> Iterator[Caution]:
    """Yield every doubt of a run, most general first."""
    yield from about_prompts(matrix.pool, config)
    yield from about_teachers(matrix.pool)
    yield from about_examinations(config, students)
    yield from about_equal_choices(matrix.pool, routings)
    if config.train_student:
        yield from about_equal_sets(matrix.pool, routings)


def about_prompts(pool: TeacherPool, config: PersynConfig) -> Iterator[Caution]:
    """Say that problems made by rule are few wordings, and that fewer prompts were there than asked for."""
    judged_by = [
        (config.data if pool.given is None else "", (*OF_REWARDS, *(() if config.evaluation else OF_STUDENTS))),
        (config.evaluation, OF_STUDENTS),
    ]
    for data, claims in judged_by:
        for claim in claims if data == one_step_problems.NAME else ():
            wordings = one_step_problems.WORDINGS
            text = f"The problems are made by rule from {wordings} wordings with small numbers; real ones differ more."
            yield Caution(text=text, claim=claim)
    found = len(pool.places("held_out"))
    if found < config.held_out:
        yield Caution(
            text=f"{config.held_out:,} prompts were to be held out and {found:,} are there; more need more data."
        )


def about_teachers(pool: TeacherPool) -> Iterator[Caution]:
    """Say that teachers are one model, asked in different ways."""
    models = {teacher.model for teacher in pool.teachers}
    if len(models) == 1 and "" not in models:
        yield Caution(
            text=f"All {len(pool.teachers)} teachers are one model, {models.pop()}, asked in different ways: no test "
            "of strong against weak teachers."
        )


def about_examinations(config: PersynConfig, students: Sequence[Examined]) -> Iterator[Caution]:
    """Say that the examination is capped, so that more items judge the router alone."""
    if config.examined and students and config.examined < config.held_out:
        text = f"Students were examined on {config.examined:,} problems; more need a larger examined, or 0."
        for claim in OF_STUDENTS:
            yield Caution(text=text, claim=claim)


def about_equal_choices(pool: TeacherPool, routings: Sequence[Routing]) -> Iterator[Caution]:
    """Say for how many held-out prompts the router chose CAR's teacher: only the others can make a difference."""
    share = equal_share(routings, "persyn", "car", pool.places("held_out"))
    if not np.isnan(share):
        text = f"The router sends {share:.0%} of the held-out prompts to CAR's teacher; only the others can differ."
        yield Caution(text=text, claim="router_beats_one_teacher")


def about_equal_sets(pool: TeacherPool, routings: Sequence[Routing]) -> Iterator[Caution]:
    """Say how much of two arms' training sets is the same: only the rest can make their students differ."""
    places = pool.places("calibration", "routed")
    for better, than in PAIRS:
        share = equal_share(routings, better, than, places)
        if np.isnan(share):
            continue
        text = f"The training sets of {better} and {than} hold the same response to {share:.0%} of the prompts"
        end = "; their students cannot differ." if share == 1 else "; only the others can make their students differ."
        yield Caution(text=text + end, claim=STUDENTS_BEAT.format(better, than))
    if equal_share(routings, "car", "strong", places) == 1:
        text = "CAR's teacher is the strong one here, so that this claim and its neighbour are each other's opposite."
        for pair in PAIRS[1:]:
            yield Caution(text=text, claim=STUDENTS_BEAT.format(*pair))


def equal_share(routings: Sequence[Routing], one: str, other: str, places: Sequence[int]) -> float:
    """Return share of prompts for which two arms chose the same teacher, over their common seeds; NaN without any.

    Args:
        places: of the prompts.
    """
    chosen = {(routing.arm, routing.seed): routing.chosen.teacher[list(places)] for routing in routings}
    seeds = [seed for arm, seed in chosen if arm == one and (other, seed) in chosen]
    same = [chosen[one, seed] == chosen[other, seed] for seed in seeds if len(places)]
    return float(np.mean(same)) if same else float("nan")

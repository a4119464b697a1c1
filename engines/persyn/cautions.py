"""How verdicts of a run could be wrong: what it records of itself, and what only the method sees as `Caution` rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engines.parts.corpora import one_step_problems
from engines.parts.ranking import mean_of
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
    yield from about_scaling(matrix.pool, config)
    if config.quality == "verifier":
        yield from about_wrong_examples(matrix, config, routings)
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


def about_scaling(pool: TeacherPool, config: PersynConfig) -> Iterator[Caution]:
    """Say that of two teachers a reward scaled within the prompt keeps the sign of a difference alone."""
    if len(pool.teachers) == 2 and config.normalise != "pool":
        ends = "0 or 1" if config.normalise == "minmax" else "-1 or 1"
        text = (
            f"Of two teachers a reward scaled within the prompt ({config.normalise}) is {ends}, whatever the gap: a "
            "response that the student finds a trifle likelier counts as much as one far likelier. More teachers, or "
            "normalise = pool, keep the size of the gap."
        )
        for claim in ("router_beats_one_teacher", STUDENTS_BEAT.format("persyn", "car")):
            yield Caution(text=text, claim=claim)


def about_wrong_examples(matrix: RewardMatrix, config: PersynConfig, routings: Sequence[Routing]) -> Iterator[Caution]:
    """Say how many of the examples that PerSyn chose are wrong, and by teachers that are never right."""
    own = next((routing for routing in routings if routing.arm == "persyn"), None)
    if own is None:
        return
    found = wrong_examples(own.chosen.teacher, matrix)
    if found.wrong:
        text = (
            f"{found.wrong:,} of the {found.examples:,} examples that PerSyn chose have a wrong final answer; "
            f"{found.hopeless:,} of these answer prompts to which no teacher was right. Rewards are compared within a "
            "prompt, where the likeliest wrong answer then has the highest one."
        )
        yield Caution(text=text, claim=STUDENTS_BEAT.format("persyn", "car"))
    places = matrix.pool.places("calibration")
    rewards = matrix.rewards(config)[places]
    for column, name in enumerate(matrix.pool.names):
        share = float((own.chosen.teacher[matrix.pool.places("calibration", "routed")] == column).mean())
        if share and mean_of(matrix.quality[places, column]) == 0:
            yield Caution(
                text=f"{name} was right on none of {len(places):,} calibration prompts; its mean reward is "
                f"{mean_of(rewards[:, column]):.2f} all the same, and PerSyn gives it {share:.0%} of the prompts.",
                claim="router_beats_one_teacher",
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


@dataclass(frozen=True)
class WrongExamples:
    """How much of a training set is wrong by the verifier's quality of 1 or 0.

    Attributes:
        examples: responses that can be used.
        wrong: those with a wrong final answer.
        hopeless: wrong ones to prompts to which no teacher was right, of those that every teacher was asked.
    """

    examples: int
    wrong: int
    hopeless: int


def wrong_examples(chosen: np.ndarray, matrix: RewardMatrix) -> WrongExamples:
    """Count the wrong examples of a training set.

    Rewards are compared within a prompt: where every teacher is wrong the likeliest wrong answer still wins.

    Args:
        chosen: column of the teacher of each prompt of the pool, -1 for nobody.
    """
    places = np.array(matrix.pool.places("calibration", "routed"), int)
    taken, quality = chosen[places], matrix.quality[places]
    own = np.where(taken < 0, np.nan, quality[np.arange(len(places)), np.maximum(taken, 0)])
    hopeless = (own == 0) & (np.nan_to_num(quality).max(1) == 0) & matrix.parallel[places]
    return WrongExamples(int((~np.isnan(own)).sum()), int((own == 0).sum()), int(hopeless.sum()))

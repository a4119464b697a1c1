"""GuiLoMo: search how many experts and which ranks each layer needs, then train them beside other allocations."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from engines.guilomo.agreement import agreement, following, initialisation_warning
from engines.guilomo.asking import ask
from engines.guilomo.cautions import short_search_cautions, start_cautions
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.final_training import ArmTraining
from engines.guilomo.grounds import Ground, Judged, PlantedGround, TextGround
from engines.guilomo.planted_task import NAME as PLANTED
from engines.guilomo.planted_task import truth_rows
from engines.guilomo.preflight import preflight
from engines.guilomo.rows import SeedAgreement
from engines.guilomo.searching import Found, search_name, searched
from engines.guilomo.tasks import open_task
from workbench.contract import ConfigError, Fact, RunCell, RunLog

__all__ = ["ask", "preflight", "run"]

Searches = Mapping[tuple[str, int], Found]
"""By arm and seed."""


def run(config: GuilomoConfig, log: RunLog[GuilomoConfig]) -> None:
    """How many experts of which rank does each layer need, and is the answer worth more than equal shares?

    Searches and trainings depend on their own seed and arm alone, so that a run goes on with further ones; what is
    judged on a growing number of problems stands apart from them.
    """
    judged: list[Judged] = []
    with log.phase("Read the tasks"):
        grounds = open_grounds(config, log)
    for ground in grounds:
        with log.phase(f"Search for experts and ranks: {ground.name}"):
            searches = search_all(ground, config, log)
        with log.phase(f"Train the allocations: {ground.name}"):
            cells = [replace(cell, part=ground.name) for cell in log.cells()]
            work = partial(train, ground=ground, searches=searches)
            trainings = cast(list[ArmTraining], log.map(cells, work, ArmTraining))
        with log.phase(f"Judge the trained arms: {ground.name}"), ground.threads():
            judged.append(ground.judge(trainings, config, log))
    record_answers(judged, log)


def record_answers(judged: Sequence[Judged], log: RunLog) -> None:
    """Record how many answers were judged, cut and empty; no prompt is ever cut."""
    answers = sum(one.answers for one in judged)
    if answers:
        log.record(Fact.ANSWERS, answers)
        log.record(Fact.ANSWERS_CUT, sum(one.cut for one in judged))
        log.record(Fact.ANSWERS_EMPTY, sum(one.empty for one in judged))


def open_grounds(config: GuilomoConfig, log: RunLog) -> list[Ground]:
    """The tasks in the asked order.

    Raises:
        ConfigError: no task was chosen, or one that does not exist.
        DataError: as `tasks.open_task`.
    """
    if not config.tasks:
        raise ConfigError({"tasks": "no task was chosen."}, "Choose planted, glosses, svamp or own.")
    grounds: list[Ground] = []
    for name in dict.fromkeys(config.tasks):
        if name == PLANTED:
            grounds.append(PlantedGround(config))
            continue
        task = open_task(name, config, lambda what, done, total: log.progress(done, total, what))
        for note in task.notes:
            log.note(note)
        grounds.append(TextGround(task))
    return grounds


def search_all(ground: Ground, run_config: GuilomoConfig, log: RunLog[GuilomoConfig]) -> Searches:
    """Every way of searching that an arm asks for, under every seed, and how far the seeds agree."""
    ways = {name: search_name(config, run_config) for name, config in log.arms.items()}
    configs = {way: log.arms[name] for name, way in ways.items()}
    found: dict[tuple[str, int], Found] = {}
    for way, config in configs.items():
        for seed in log.seeds:
            make = partial(ground.ready, config, seed)
            with ground.threads():
                found[way, seed] = searched((ground.name, way, seed), make, config.snapshots, log)
            tell_found(ground, (way, seed), found[way, seed], log)
        rows = agreement_rows(ground.name, way, [found[way, seed] for seed in log.seeds])
        for row in (*rows, *(start_cautions(rows, way) if way == ways.get("guilomo") else ())):
            log.row(row)
    if isinstance(ground, TextGround):
        for caution in short_search_cautions(ground.task, run_config):
            log.row(caution)
    return {(name, seed): found[way, seed] for name, way in ways.items() for seed in log.seeds}


def tell_found(ground: Ground, names: tuple[str, int], found: Found, log: RunLog) -> None:
    """Save an allocation as a file of the run; beside the planted truth where there is one."""
    way, seed = names
    found.allocation.write(
        log.artifact(f"allocation-{ground.name}-{way.replace(', ', '-').replace(' ', '-')}-{seed}.json")
    )
    if isinstance(ground, PlantedGround):
        for row in truth_rows(ground.planted, found, (way, seed)):
            log.row(row)


def agreement_rows(task: str, way: str, found: list[Found]) -> list[SeedAgreement]:
    """Agreement of the seeds on numbers of experts and on ranks; nan where there is one seed."""
    rows = []
    for counts in ("experts", "ranks"):
        last = [chosen_counts(one.last, counts) for one in found]
        agreed = agreement(last) if len(found) > 1 else None
        moved = following([chosen_counts(one.first, counts) for one in found], last)
        nothing = float("nan")
        rows.append(
            SeedAgreement(
                task=task,
                search=way,
                counts=counts,
                seeds=len(found),
                exact=agreed.exact if agreed else nothing,
                chance=agreed.chance if agreed else nothing,
                spearman=agreed.spearman if agreed else nothing,
                warning=initialisation_warning(moved, agreed),
            )
        )
    return rows


def chosen_counts(counts: Mapping[str, int], kind: str) -> dict[str, int]:
    """The counts of the expert vectors alone, or of the rank vectors alone."""
    return {key: count for key, count in counts.items() if key.endswith(": experts") == (kind == "experts")}


def train(cell: RunCell, log: RunLog[GuilomoConfig], ground: Ground, searches: Searches) -> ArmTraining:
    """One arm under one seed on one task."""
    with ground.threads():
        return ground.train(cell, log.arms[cell.arm], searches[cell.arm, cell.seed], log)

"""GuiLoMo: search how many experts and which ranks each layer needs, then train them beside other allocations."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from engines.guilomo.agreement import agreement, following, initialisation_warning
from engines.guilomo.allocation import random_allocation
from engines.guilomo.cautions import gradient_cautions, short_search_cautions, start_cautions
from engines.guilomo.config import PLANTED, GuilomoConfig
from engines.guilomo.planted_task import PlantedTask
from engines.guilomo.router_use import ask
from engines.guilomo.rows import SeedAgreement
from engines.guilomo.searching import Found, search_name, searched
from engines.guilomo.training_task import (
    ArmTraining,
    Judged,
    TextTask,
    TrainingTask,
    adapted_paths,
    examination,
    training_settings,
)
from engines.parts.experts import shapes_of
from engines.parts.models import load_causal, missing_bytes
from engines.parts.tasks import answer_problems, open_task
from engines.parts.training import training_estimate
from workbench.contract import Asked, ConfigError, Fact, Probe, RunCell, RunLog

__all__ = ["ask", "probe", "run"]

PROBED = 3
"""Test problems that a pre-flight has answered."""
Searches = Mapping[tuple[str, int], Found]
"""By arm and seed."""


def run(config: GuilomoConfig, log: RunLog[GuilomoConfig]) -> None:
    """Return how many experts of which rank does each layer need, and is the answer worth more than equal shares?

    Searches and trainings depend on their own seed and arm alone, so that a run goes on with further ones; what is
    judged on a growing number of problems stands apart from them.
    """
    judged: list[Judged] = []
    with log.phase("Read the tasks"):
        tasks = open_tasks(config, log)
    for task in tasks:
        with log.phase(f"Search for experts and ranks: {task.name}"):
            searches = search_all(task, config, log)
        with log.phase(f"Train the allocations: {task.name}"):
            arms = {name for name, arm in log.arms.items() if arm.allocation in task.allocations}
            cells = [replace(cell, part=task.name) for cell in log.cells() if cell.arm in arms]
            equal = searches if isinstance(task, PlantedTask) else at_equal_budgets(searches, log)
            work = partial(train, task=task, searches=equal)
            trainings = cast(list[ArmTraining], log.map(cells, work, ArmTraining))
        with log.phase(f"Judge the trained arms: {task.name}"), task.threads():
            judged.append(task.judge(trainings, config, log))
    record_answers(judged, log)


def record_answers(judged: Sequence[Judged], log: RunLog) -> None:
    """Record how many answers were judged, cut and empty; no prompt is ever cut."""
    answers = sum(one.answers for one in judged)
    if answers:
        log.record(Fact.ANSWERS, answers)
        log.record(Fact.ANSWERS_CUT, sum(one.cut for one in judged))
        log.record(Fact.ANSWERS_EMPTY, sum(one.empty for one in judged))


def open_tasks(config: GuilomoConfig, log: RunLog) -> list[TrainingTask]:
    """Open the tasks in the asked order.

    Raises:
        ConfigError: no task was chosen, or one that does not exist.
        DataError: as `tasks.open_task` and `TextTask`.
    """
    if not config.tasks:
        raise ConfigError({"tasks": "no task was chosen."}, "Choose planted, glosses, svamp or own.")
    tasks: list[TrainingTask] = []
    for name in dict.fromkeys(config.tasks):
        if name == PLANTED:
            tasks.append(PlantedTask(config))
            continue
        task = open_task(name, config.task_settings(), lambda what, done, total: log.progress(done, total, what))
        for note in task.notes:
            log.note(note)
        tasks.append(TextTask(task, config.validation))
    return tasks


def search_all(task: TrainingTask, run_config: GuilomoConfig, log: RunLog[GuilomoConfig]) -> Searches:
    """Search in every way that an arm asks for under every seed, and report how far the seeds agree."""
    ways = {name: search_name(config, run_config) for name, config in log.arms.items()}
    configs = {way: log.arms[name] for name, way in ways.items()}
    found: dict[tuple[str, int], Found] = {}
    for way, config in configs.items():
        for seed in log.seeds:
            make = partial(task.ready, config, seed)
            with task.threads():
                found[way, seed] = searched((task.name, way, seed), make, config.snapshots, log)
            save_found(task.name, (way, seed), found[way, seed], log)
        rows = agreement_rows(task.name, way, [found[way, seed] for seed in log.seeds])
        seeds = [found[way, seed] for seed in log.seeds]
        for row in (*rows, *(start_cautions(rows, way) if way == ways.get("guilomo") else ())):
            log.row(row)
        for row in gradient_cautions(task.name, seeds) if way == ways.get("guilomo") else ():
            log.row(row)
    if isinstance(task, TextTask):
        for caution in short_search_cautions(task.name, len(task.train_part), run_config):
            log.row(caution)
    return {(name, seed): found[way, seed] for name, way in ways.items() for seed in log.seeds}


def at_equal_budgets(searches: Searches, log: RunLog[GuilomoConfig]) -> Searches:
    """Return searches at the parameters of one search under each seed: the method's, or the first arm's."""
    first = "guilomo" if "guilomo" in log.arms else next(iter(log.arms))
    budgets = {seed: searches[first, seed].budget for seed in log.seeds}
    return {
        (arm, seed): found if found.budget == budgets[seed] else found.within(budgets[seed])
        for (arm, seed), found in searches.items()
    }


def save_found(task: str, names: tuple[str, int], found: Found, log: RunLog) -> None:
    """Save an allocation as a file of the run."""
    way, seed = names
    found.allocation.write(log.artifact(f"allocation-{task}-{way.replace(', ', '-').replace(' ', '-')}-{seed}.json"))


def agreement_rows(task: str, way: str, found: list[Found]) -> list[SeedAgreement]:
    """Return agreement of the seeds on numbers of experts and on ranks; nan where there is one seed."""
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
    """Return the counts of the expert vectors alone, or of the rank vectors alone."""
    return {key: count for key, count in counts.items() if key.endswith(": experts") == (kind == "experts")}


def train(cell: RunCell, log: RunLog[GuilomoConfig], task: TrainingTask, searches: Searches) -> ArmTraining:
    """Train one arm under one seed on one task."""
    with task.threads():
        return task.train(cell, log.arms[cell.arm], searches[cell.arm, cell.seed], log)


def probe(config: GuilomoConfig, probe: Probe) -> None:
    """Measure two steps of each search, two of the training, and a few answers.

    Raises:
        WorkbenchError: as the run itself would, for a model or data that cannot be used.
    """
    probe.disk(missing_bytes(config.model) if set(config.tasks) != {PLANTED} else 0)
    for task in open_tasks(config, probe.log):
        _probe_search(task, config, probe)
        if isinstance(task, TextTask):
            _probe_training(task, config, probe)


def searches(asked: Asked[GuilomoConfig]) -> int:
    """Return the number of searches on one task."""
    return len({search_name(arm, asked.config) for arm in asked.arms.values()}) * len(asked.seeds)


def trainings(asked: Asked[GuilomoConfig], task: TrainingTask) -> int:
    """Return the number of trainings on a task; on the planted one a fully trained student stands beside GuiLoMo."""
    kinds = [arm.allocation for arm in asked.arms.values() if arm.allocation in task.allocations - {"untrained"}]
    return (len(kinds) + (kinds.count("guilomo") if isinstance(task, PlantedTask) else 0)) * len(asked.seeds)


def _probe_search(task: TrainingTask, config: GuilomoConfig, probe: Probe) -> None:
    planted, phase = isinstance(task, PlantedTask), f"Search for experts and ranks: {task.name}"

    def steps(asked: Asked[GuilomoConfig]) -> int:
        return asked.config.planted_steps if planted else asked.config.search_steps

    with task.threads():
        with probe.part(phase, searches, unit="searches made ready"):
            ready = task.ready(config, 0)
        warm = partial(ready.step, 1)
        with probe.part(phase, lambda asked: searches(asked) * steps(asked), unit="steps", warm=warm) as step:
            ready.step(2)
    if planted:
        basis = "a fifth of a search step, which has five passes"
        phase = f"Train the allocations: {task.name}"
        probe.seconds(phase, step.each / 5, lambda asked: trainings(asked, task) * steps(asked), basis)


def _probe_training(task: TextTask, config: GuilomoConfig, probe: Probe) -> None:
    base = load_causal(config.model, config.dtype)
    shapes = shapes_of(base.model, adapted_paths(base, config))
    usual = random_allocation(shapes, config.max_experts, config.max_rank, 0)
    settings, examples = training_settings(config, usual, shapes, 0), task.task.examples(task.learned)

    def passes(asked: Asked[GuilomoConfig]) -> float:
        return trainings(asked, task) * min(asked.config.train_items, len(examples)) / len(examples)

    cost = training_estimate(config.model, examples, settings)
    probe.training(f"Train the allocations: {task.name}", cost, passes)
    few, most = task.task.examine[:PROBED], len(task.task.examine)

    def answers(asked: Asked[GuilomoConfig]) -> int:
        return min(asked.config.test_items, most) * (trainings(asked, task) + 1)

    with probe.part(f"Judge the trained arms: {task.name}", answers, done=len(few), unit="answers"):
        answer_problems(RunCell("", 0), config.model, task.task, few, probe.log, examination(config))

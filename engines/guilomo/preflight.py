"""What a run would take here: two steps of each search, two of the training, a few answers, times their number."""

import time
from dataclasses import dataclass
from typing import cast

import psutil

from engines.guilomo.allocation import random_allocation
from engines.guilomo.answering import Answerer, block_answers
from engines.guilomo.arm_allocations import arm_allocation
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.final_training import training_settings
from engines.guilomo.grounds import Ground, PlantedGround, TextGround
from engines.guilomo.searching import Searched, search_name
from engines.guilomo.tasks import Task, examples_of
from engines.parts.models import missing_bytes
from engines.parts.training import training_estimate
from workbench.contract import Estimate, EstimatePart, RunLog

PROBED = 3
"""Test problems that are answered."""
LONGEST = 3600.0
"""Seconds above which a smaller run is proposed."""
PLENTY = 0.8
"""Share of the free memory that a run may take before something smaller is proposed."""
FEWEST = {"search_steps": 4, "train_items": 16, "test_items": 20}


@dataclass(frozen=True)
class Sized:
    """How often everything is done.

    Attributes:
        searches: on one task.
        trainings: on one task.
    """

    searches: int
    trainings: int


def preflight(config: GuilomoConfig, log: RunLog[GuilomoConfig]) -> None:
    """Emit one `Estimate` and its parts.

    Raises:
        WorkbenchError: as the run itself would, for a model or data that cannot be used.
    """
    from engines.guilomo.run import open_grounds

    ways = {search_name(arm, config) for arm in log.arms.values()}
    sized = Sized(len(ways) * len(log.seeds), len(log.arms) * len(log.seeds))
    real = any(name != PlantedGround.name for name in config.tasks)
    missing = missing_bytes(config.model) if real else 0
    parts: list[EstimatePart] = []
    memory, disk = psutil.Process().memory_info().rss, 0
    with log.phase("Probe"):
        for ground in open_grounds(config, log):
            parts.append(_search_part(ground, config, sized))
            memory = max(memory, psutil.Process().memory_info().rss)
            if isinstance(ground, TextGround):
                found, peak, kept = _training_parts(ground.task, config, sized, log)
                parts += found
                memory, disk = max(memory, peak), disk + kept
            else:
                parts.append(_planted_part(parts[-1], config, sized))
    for part in parts:
        log.row(part)
    seconds = sum(part.seconds for part in parts)
    proposal, reason = proposed(config, seconds, memory)
    log.row(
        Estimate(
            seconds=seconds,
            memory_bytes=memory,
            disk_bytes=missing + disk,
            proposal=proposal,
            proposal_reason=reason,
        )
    )


def _search_part(ground: Ground, config: GuilomoConfig, sized: Sized) -> EstimatePart:
    begun = time.monotonic()
    with ground.threads():
        ready = ground.ready(config, 0)
        opened = time.monotonic() - begun
        each = seconds_a_step(ready)
    steps = ready.search.settings.steps
    return EstimatePart(
        phase=f"Search: {ground.name}",
        seconds=sized.searches * (opened + each * steps),
        basis=f"made ready in {opened:.1f} s, a step in {each:.2f} s; {steps} steps, {sized.searches} times",
    )


def seconds_a_step(ready: Searched) -> float:
    """Seconds of a search step, from the second one; the first warms up.

    Raises:
        ModelError: the loss is not a number.
    """
    steps = [ready.search.step(ready.train[0], ready.validation[0]).seconds for _ in range(2)]
    return steps[-1]


def _planted_part(search: EstimatePart, config: GuilomoConfig, sized: Sized) -> EstimatePart:
    # A search step is about five passes, a training step one.
    each = search.seconds / max(1, sized.searches) / 5
    return EstimatePart(
        phase="Train: planted",
        seconds=each * sized.trainings,
        basis=f"a fifth of a search each; {sized.trainings} trainings",
    )


def _training_parts(
    task: Task, config: GuilomoConfig, sized: Sized, log: RunLog
) -> tuple[list[EstimatePart], int, int]:
    """Parts of training and judging, peak memory, and bytes on the disk."""
    from engines.guilomo.text_search import adapted_paths
    from engines.parts.experts import shapes_of
    from engines.parts.models import load_causal

    base = load_causal(config.model, config.dtype)
    paths = adapted_paths(base, config)
    shapes = shapes_of(base.model, paths)
    usual = random_allocation(shapes, config.max_experts, config.max_rank, 0)
    allocation = arm_allocation(config.model_copy(update={"allocation": "guilomo"}), usual, shapes, 0)
    settings = training_settings(config, allocation, shapes, 0)
    estimate = training_estimate(config.model, examples_of(task.learned, config), settings)
    train = EstimatePart(
        phase=f"Train: {task.name}",
        seconds=estimate.seconds * sized.trainings,
        basis=f"{estimate.basis}; {sized.trainings} trainings",
    )
    few = task.test[:PROBED]
    begun = time.monotonic()
    block_answers(Answerer(task, ("", 0), config.model, config), few, cast(RunLog, _Unheard(log)))
    each = (time.monotonic() - begun) / len(few)
    answers = len(task.test) * (sized.trainings + 1)
    judge = EstimatePart(
        phase=f"Answer: {task.name}",
        seconds=each * answers,
        basis=f"{len(few)} answers at {each:.2f} s each; {answers:,} in all, those of the untrained model too",
    )
    return (
        [train, judge],
        estimate.memory_bytes,
        estimate.disk_bytes + allocation.parameters(shapes) * 4 * sized.trainings,
    )


class _Unheard:
    """A log of which only Stop is used: a probe's answers belong to no arm."""

    def __init__(self, log: RunLog) -> None:
        self._log = log

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name) if name == "stopping" else lambda *args, **kwargs: None


def proposed(config: GuilomoConfig, seconds: float, memory: int) -> tuple[dict[str, object], str]:
    """Settings that make the run fit, and why; nothing where it fits."""
    free = psutil.virtual_memory().available
    if memory > PLENTY * free:
        return {"batch": 1, "search_batch": 1, "layers": "last 2"}, (
            f"The run would take {memory / 1e9:.1f} GB, {free / 1e9:.1f} GB are free."
        )
    if seconds > LONGEST:
        share = LONGEST / seconds
        fewer: dict[str, object] = {
            name: max(least, int(getattr(config, name) * share))
            for name, least in FEWEST.items()
            if getattr(config, name) > least
        }
        return fewer, f"The run would take {seconds / 60:.0f} minutes; fewer steps and examples end within an hour."
    return {}, ""

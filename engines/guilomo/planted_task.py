"""The planted task in a run: search and train students of a teacher whose truth is known. Synthetic."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
import torch

from engines.guilomo.allocation import Allocation, layer_of, module_of
from engines.guilomo.arm_allocations import Allocated, Untrained, allocated
from engines.guilomo.config import ALLOCATIONS, PLANTED, GuilomoConfig
from engines.guilomo.planted_teacher import MOST_NUMBER, Planted, PlantedSettings, plant, planted_loss, text_losses
from engines.guilomo.rows import PlantedModule
from engines.guilomo.search import Search
from engines.guilomo.searching import Found, ReadySearch, search_settings
from engines.guilomo.training_task import ArmTraining, Judged, expert_settings
from engines.parts.expert_layers import expert_layers
from engines.parts.experts import attach_experts
from engines.parts.models import one_thread
from engines.parts.tasks import quarter_means
from engines.parts.training import FitRecord, FitSettings, fit
from workbench.contract import ConfigError, RunCell, RunLog

BATCHES = 32
"""Of the search's training, and as many of its validation; a longer search goes through them again."""
TEST_BATCHES = 4
TRAIN_SEED, VALIDATION_SEED, TEST_SEED = 1, 2, 3


class PlantedTask:
    """The planted task in a run. Synthetic; its texts follow from the seed, so that nothing is left to judge later.

    Raises:
        ConfigError: as `planted_of`.
    """

    name = PLANTED
    allocations = ALLOCATIONS

    def __init__(self, config: GuilomoConfig) -> None:
        self.planted = cache(partial(planted_of, config))
        """Of a seed."""
        self.planted(0)

    def threads(self) -> AbstractContextManager[None]:
        """Return one: its products are so small that threads would mostly wait."""
        return one_thread()

    def ready(self, config: GuilomoConfig, seed: int) -> ReadySearch:
        """Make a search with a fresh student ready."""
        planted = self.planted(seed)
        search = Search(planted.student(), search_settings(config, seed, planted=True), loss=planted_loss)
        train, validation = (planted.batches(BATCHES, part) for part in (TRAIN_SEED, VALIDATION_SEED))
        return ReadySearch(search, train, validation)

    def train(self, cell: RunCell, config: GuilomoConfig, found: Found, log: RunLog) -> ArmTraining:
        """Train a student, measure it on texts of its own, and compare what was found with the truth.

        Raises:
            Diverged: the loss is not a number any more.
        """
        planted = self.planted(cell.seed)
        truth = planted.oracle()
        at_truth = found.within(truth.parameters(found.shapes))
        allocation = allocated(cell, config, at_truth, log, truth)
        record, divergences = train_planted(planted, cell, config, allocation, log)
        items = [f"{PLANTED}/text-{at}" for at in range(len(divergences))]
        log.outcomes("divergence", cell, divergences, items, slice=PLANTED)
        if config.allocation == "guilomo":
            rows = truth_rows(planted, found, (found.way, cell.seed), entropy_ranks(planted, cell, config, log))
            for row in rows:
                log.row(row)
            report_recovery(rows, cell, log)
        first, last = quarter_means(record.losses)
        trained = ArmTraining(
            arm=cell.arm, seed=cell.seed, parameters=allocation.parameters(found.shapes), budget=at_truth.budget,
            updates=len(record.losses), first_loss=first, last_loss=last, seconds=record.seconds,
        )  # fmt: skip
        log.row(trained.row(PLANTED, sum(divergences) / len(divergences)))
        return trained

    def judge(self, trainings: Sequence[ArmTraining], config: GuilomoConfig, log: RunLog) -> Judged:
        """Judge nothing more."""
        return Judged()


def planted_of(config: GuilomoConfig, seed: int) -> Planted:
    """Return the planting of a seed, as large as the settings say.

    Raises:
        ConfigError: the width cannot be divided among the heads, or is below the highest rank.
    """
    width, heads = config.planted_width, PlantedSettings.heads
    if width % (2 * heads) or width < config.max_rank:
        problem = f"{width}; a multiple of {2 * heads} that is at least max_rank, {config.max_rank}."
        raise ConfigError({"planted_width": problem}, "Choose 32 or 64, or take planted out of tasks.")
    tasks = min(MOST_NUMBER, config.max_experts)
    return plant(PlantedSettings(config.planted_layers, width, tasks=tasks, most_rank=config.max_rank, seed=seed))


def train_planted(
    planted: Planted, cell: RunCell, config: GuilomoConfig, allocation: Allocated, log: RunLog
) -> tuple[FitRecord, list[float]]:
    """Train a student with an arm's allocation on fresh texts; return its record and its divergence on test texts.

    Raises:
        Diverged: the loss is not a number any more.
    """
    model = adapted(planted, config, allocation, cell.seed)
    if isinstance(allocation, Untrained):
        record = FitRecord(losses=(), tokens=0, seconds=0.0, parameters=0)
    else:
        settings = FitSettings(
            config.planted_steps, config.planted_rate, schedule="linear", arm=cell.arm, seed=cell.seed
        )
        name = f"{PLANTED}-{cell.arm}-{cell.seed}"
        record = fit(model.named_parameters(), planted.fresh, partial(planted_loss, model), settings, log, name)
    return record, text_losses(model.eval(), planted.batches(TEST_BATCHES, TEST_SEED))


def adapted(planted: Planted, config: GuilomoConfig, allocation: Allocated, seed: int) -> Any:
    """Return a student with a fresh adapter of the allocation, ready to be trained; the seed decides its start."""
    from peft import LoraConfig, get_peft_model

    if isinstance(allocation, Untrained):
        return planted.student()
    if isinstance(allocation, Allocation):
        experts = replace(expert_settings(config), dropout=0.0)
        return attach_experts(planted.student(), allocation.ranks, experts, seed).train()
    lora = LoraConfig(
        r=allocation.rank, lora_alpha=allocation.alpha, target_modules=list(planted.numbers), use_dora=allocation.dora
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return get_peft_model(planted.student(), lora).train()


def entropy_ranks(planted: Planted, cell: RunCell, config: GuilomoConfig, log: RunLog) -> dict[str, float]:
    """Return the effective rank of a fully trained student's experts by layer, mean over experts: no search, no labels.

    The exponential of the entropy of an update's squared singular values (Roy and Vetterli, 2007). The student has as
    many experts as there are tasks, of the highest rank, and is trained as the arms are.
    """
    full = Allocation({path: (config.max_rank,) * planted.settings.tasks for path in planted.numbers})
    model = adapted(planted, config, full, cell.seed)
    settings = FitSettings(config.planted_steps, config.planted_rate, schedule="linear", arm=cell.arm, seed=cell.seed)
    name = f"{PLANTED}-full-{cell.arm}-{cell.seed}"
    fit(model.named_parameters(), planted.fresh, partial(planted_loss, model), settings, log, name)
    found = {}
    for path, layer in expert_layers(model).items():
        down, up = layer.lora_A["default"].weight.detach(), layer.lora_B["default"].weight.detach()
        pairs = zip(down.split(layer.ranks), up.split(layer.ranks, dim=1), strict=True)
        found[path] = float(np.mean([effective_rank(two @ one) for one, two in pairs]))
    return found


def effective_rank(update: torch.Tensor) -> float:
    """Return exp of the entropy of the squared singular values' shares: 1 for one direction, R for R equal ones."""
    energy = torch.linalg.svdvals(update).square()
    share = energy / energy.sum().clamp(min=1e-30)
    return float(torch.exp(-torch.xlogy(share, share).sum()))


def truth_rows(
    planted: Planted, found: Found, names: tuple[str, int], entropy: Mapping[str, float] | None = None
) -> list[PlantedModule]:
    """Return planted and found numbers and ranks by layer.

    Args:
        names: way of searching and seed.
        entropy: effective ranks of a fully trained student, where there is one.
    """
    return [
        PlantedModule(
            search=names[0], seed=names[1], path=path, layer=layer_of(path), module=module_of(path),
            planted_number=planted.numbers[path], planted_rank=planted.ranks[path], found_number=len(ranks),
            found_rank=sum(ranks) / len(ranks), entropy_rank=(entropy or {}).get(path, float("nan")),
        )
        for path, ranks in found.ranks.items()
    ]  # fmt: skip


def report_recovery(rows: Sequence[PlantedModule], cell: RunCell, log: RunLog) -> None:
    """Report sums for Spearman's correlation of planted and found numbers, ranks, entropy ranks, one item a layer."""
    frame = pd.DataFrame([row.model_dump() for row in rows])
    for metric, planted, found in (
        ("recovered_numbers", "planted_number", "found_number"),
        ("recovered_ranks", "planted_rank", "found_rank"),
        ("entropy_ranks", "planted_rank", "entropy_rank"),
    ):
        if frame[found].isna().any():
            continue
        x, y = frame[planted].rank(), frame[found].rank()
        sums = np.column_stack([np.ones(len(frame)), x, y, x * x, y * y, x * y])
        log.outcomes(metric, cell, sums, frame["path"], slice=PLANTED)

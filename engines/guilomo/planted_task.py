"""The planted task in a run: its search, the training of each arm from the same base, and how the truth came out."""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel

from engines.guilomo.allocation import Allocation, layer_of, module_of
from engines.guilomo.arm_allocations import Plain
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.final_training import expert_settings
from engines.guilomo.planted import Planted, PlantedSettings, plant, planted_loss
from engines.guilomo.rows import PlantedModule
from engines.guilomo.search import Search
from engines.guilomo.searching import Found, Searched, search_settings
from engines.parts.rows import TrainingStep
from workbench.contract import ConfigError, ModelError, RunCell, RunLog

NAME = "planted"
BATCHES = 32
"""Of training, and as many of validation; a longer training goes through them again."""
TEST_BATCHES = 4
MOST_NUMBER = 8
"""Most changes that are planted in a layer; no more than the experts that a search may find."""
TRAIN_SEED, VALIDATION_SEED, TEST_SEED = 1, 2, 3


class PlantedRecord(BaseModel):
    """A training on the planted task, as it is kept for a resumed run."""

    losses: tuple[float, ...]
    test: tuple[float, ...]
    """Divergence from the teacher of each test text."""
    seconds: float


def planted_of(config: GuilomoConfig) -> Planted:
    """The planted task of the settings; the same under every seed of a run.

    Raises:
        ConfigError: the width cannot be divided among the heads, or is below the highest rank.
    """
    width, heads = config.planted_width, PlantedSettings.heads
    if width % (2 * heads) or width < config.max_rank:
        problem = f"{width}; a multiple of {2 * heads} that is at least max_rank, {config.max_rank}."
        raise ConfigError({"planted_width": problem}, "Choose 32 or 64, or take planted out of tasks.")
    return plant(
        PlantedSettings(
            layers=config.planted_layers,
            hidden=width,
            tasks=min(MOST_NUMBER, config.max_experts),
            most_rank=config.max_rank,
        )
    )


def ready_planted(planted: Planted, config: GuilomoConfig, seed: int) -> Searched:
    """The search on the planted task made ready."""
    settings = search_settings(config, seed, planted=True)
    search = Search(planted.student(), settings, loss=planted_loss)
    return Searched(search, planted.batches(BATCHES, TRAIN_SEED), planted.batches(BATCHES, VALIDATION_SEED))


def train_planted(
    planted: Planted, names: tuple[str, int], config: GuilomoConfig, allocation: Allocation | Plain, log: RunLog
) -> PlantedRecord:
    """Train a student with an arm's allocation, and measure it on texts of its own.

    Args:
        names: arm and seed.

    Raises:
        ModelError: the loss is not a number any more.
    """
    import torch

    arm, seed = names
    model = adapted(planted, config, allocation, seed)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=config.planted_rate, weight_decay=0.0)
    batches = [*planted.batches(BATCHES, TRAIN_SEED), *planted.batches(BATCHES, VALIDATION_SEED)]
    describe = partial(
        TrainingStep, arm=arm, seed=seed, adapter=f"{NAME}-{arm}-{seed}", learning_rate=config.planted_rate
    )
    losses, begun = [], time.monotonic()
    for step in range(1, config.planted_steps + 1):
        started, batch = time.monotonic(), batches[(step - 1) % len(batches)]
        loss = planted_loss(model, batch)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        if losses[-1] != losses[-1]:
            raise ModelError(f"The planted training of {arm} diverged at step {step}.", "Lower planted_rate.")
        tokens, seconds = batch["input_ids"].numel(), time.monotonic() - started
        log.row(describe(step=step, loss=losses[-1], tokens=tokens, seconds=seconds))
        log.progress(step, config.planted_steps, "steps")
    tested = text_losses(model.eval(), planted.batches(TEST_BATCHES, TEST_SEED))
    return PlantedRecord(losses=tuple(losses), test=tuple(tested), seconds=time.monotonic() - begun)


def adapted(planted: Planted, config: GuilomoConfig, allocation: Allocation | Plain, seed: int) -> Any:
    """A student with a fresh adapter of the allocation, ready to be trained; its start is decided by the seed."""
    import torch
    from peft import LoraConfig, get_peft_model

    from engines.parts.experts import attach_experts

    if isinstance(allocation, Allocation):
        experts = replace(expert_settings(config), dropout=0.0)
        return attach_experts(planted.student(), allocation.ranks, experts, seed).train()
    lora = LoraConfig(
        r=allocation.rank, lora_alpha=allocation.alpha, target_modules=list(planted.numbers), use_dora=allocation.dora
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return get_peft_model(planted.student(), lora).train()


def text_losses(model: Any, batches: Sequence[dict[str, Any]]) -> list[float]:
    """KL(teacher || student) of each text, mean over its positions."""
    import torch

    found: list[float] = []
    with torch.inference_mode():
        for batch in batches:
            logits = model(input_ids=batch["input_ids"], use_cache=False).logits
            targets = batch["targets"]
            apart = torch.xlogy(targets, targets) - targets * logits.log_softmax(-1)
            found += apart.sum(-1).mean(-1).tolist()
    return found


def truth_rows(planted: Planted, found: Found, names: tuple[str, int]) -> list[PlantedModule]:
    """Planted and found numbers and ranks by layer.

    Args:
        names: way of searching and seed.
    """
    return [
        PlantedModule(
            search=names[0], seed=names[1], path=path, layer=layer_of(path), module=module_of(path),
            planted_number=planted.numbers[path], planted_rank=planted.ranks[path], found_number=len(ranks),
            found_rank=sum(ranks) / len(ranks),
        )
        for path, ranks in found.ranks.items()
    ]  # fmt: skip


def report_recovery(rows: Sequence[PlantedModule], cell: RunCell, log: RunLog) -> None:
    """Report sums for Spearman's correlation of planted and found numbers, and of ranks, one item a layer."""
    frame = pd.DataFrame([row.model_dump() for row in rows])
    for metric, planted, found in (
        ("recovered_numbers", "planted_number", "found_number"),
        ("recovered_ranks", "planted_rank", "found_rank"),
    ):
        x, y = frame[planted].rank(), frame[found].rank()
        sums = np.column_stack([np.ones(len(frame)), x, y, x * x, y * y, x * y])
        log.outcomes(metric, cell, sums, frame["path"], slice=NAME)


def report_divergence(record: PlantedRecord, cell: RunCell, log: RunLog) -> None:
    """Report the divergence from the teacher, one item a test text."""
    items = [f"{NAME}/text-{at}" for at in range(len(record.test))]
    log.outcomes("divergence", cell, record.test, items, slice=NAME)

"""Planted truth: a student must learn low-rank changes whose number and rank per module are known. Synthetic.

A tiny random model is the base. The teacher is the base plus, in each module, `n` low-rank deltas of known rank, of
which the text's task t switches delta t mod n on. The student starts at the base and learns the teacher's next-token
distribution. A good search gives more experts to modules with more deltas, and higher ranks to modules whose deltas
have a higher rank.

Every token carries its task (the embedding is the sum of one for the task and one for the letter), so that a router,
which reads one position, can know it in every layer.
"""

import copy
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from engines.guilomo.allocation import Allocation, layer_of, module_of
from engines.guilomo.arm_allocations import Plain, allocated
from engines.guilomo.config import PLANTED, GuilomoConfig
from engines.guilomo.rows import PlantedModule
from engines.guilomo.search import Search
from engines.guilomo.searching import Found, ReadySearch, search_settings
from engines.guilomo.training_task import ArmTraining, Judged, expert_settings
from engines.parts.experts import attach_experts, shapes_of
from engines.parts.models import one_thread
from engines.parts.tasks import quarter_means
from engines.parts.training import FitRecord, FitSettings, fit
from workbench.contract import ConfigError, RunCell, RunLog

BATCHES = 32
"""Of training, and as many of validation; a longer training goes through them again."""
TEST_BATCHES = 4
MOST_NUMBER = 8
"""Most changes that are planted in a layer; no more than the experts that a search may find."""
TRAIN_SEED, VALIDATION_SEED, TEST_SEED = 1, 2, 3


@dataclass(frozen=True)
class PlantedSettings:
    """Size of the planted task.

    Attributes:
        tasks: the most deltas of a module.
        letters: tokens of each task.
        most_rank: of a delta.
        strength: size of a delta relative to its base weight (Frobenius norms).
        length, batch: tokens of a text, texts of a batch.
    """

    layers: int = 2
    hidden: int = 64
    heads: int = 4
    tasks: int = 8
    letters: int = 16
    most_rank: int = 8
    strength: float = 0.5
    length: int = 16
    batch: int = 16
    seed: int = 0


@dataclass(frozen=True)
class Planted:
    """The planted task: its base model and its truth.

    Attributes:
        numbers, ranks: deltas and their rank by module path: the truth.
        base: the model that a student starts from.
        deltas: [out, in] of each module, by number.
    """

    settings: PlantedSettings
    numbers: Mapping[str, int]
    ranks: Mapping[str, int]
    base: nn.Module = field(repr=False)
    deltas: Mapping[str, Tensor] = field(repr=False)

    def student(self) -> Any:
        """Return a fresh copy of the base model."""
        return copy.deepcopy(self.base)

    def batches(self, count: int, seed: int) -> list[dict[str, Tensor]]:
        """Return batches of "input_ids" [B, T] with the teacher's "targets" [B, T, V] (probabilities).

        Each row is one task. Batches of different seeds share no row but by accident.
        """
        asked, draw = self.settings, torch.Generator().manual_seed(1_000_003 * (self.settings.seed + 1) + seed)
        shape = (count, asked.batch)
        tasks = torch.randint(asked.tasks, shape, generator=draw)
        letters = torch.randint(asked.letters, (*shape, asked.length), generator=draw)
        ids = tasks[..., None] * asked.letters + letters
        return [{"input_ids": one, "targets": self.teacher(one, two)} for one, two in zip(ids, tasks, strict=True)]

    @torch.no_grad()
    def teacher(self, ids: Tensor, tasks: Tensor) -> Tensor:
        """Return the teacher's next-token probabilities [B, T, V] for texts [B, T] of the tasks [B]."""
        hooks = [
            self.base.get_submodule(path).register_forward_hook(partial(_changed, deltas[tasks % len(deltas)]))
            for path, deltas in self.deltas.items()
        ]
        try:
            return self.base(input_ids=ids, use_cache=False).logits.softmax(-1)
        finally:
            for hook in hooks:
                hook.remove()


def _changed(chosen: Tensor, module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> Tensor:
    return out + given[0] @ chosen.transpose(1, 2)  # [B, T, in] @ [B, in, out]


def plant(settings: PlantedSettings) -> Planted:
    """Make base and deltas from the seed; numbers cover 2 to `tasks` and ranks 1 to `most_rank`, each on its own."""
    from transformers import LlamaConfig, LlamaForCausalLM

    asked = settings
    config = LlamaConfig(
        vocab_size=asked.tasks * asked.letters,
        hidden_size=asked.hidden,
        intermediate_size=2 * asked.hidden,
        num_hidden_layers=asked.layers,
        num_attention_heads=asked.heads,
        num_key_value_heads=asked.heads,
        max_position_embeddings=asked.length,
        initializer_range=asked.hidden**-0.5,  # keeps the size of what passes through, so that deltas matter
        tie_word_embeddings=False,
        pad_token_id=None,
    )
    draw = torch.Generator().manual_seed(asked.seed)
    with torch.random.fork_rng():
        torch.manual_seed(asked.seed)
        base = LlamaForCausalLM(config).eval()
    base.requires_grad_(False)
    own = torch.randn(asked.tasks, 1, asked.hidden, generator=draw)
    letters = torch.randn(1, asked.letters, asked.hidden, generator=draw)
    embedding: Any = base.get_input_embeddings()
    embedding.weight.copy_(((own + letters) / 2**0.5).flatten(0, 1))
    paths = list(shapes_of(base))
    numbers = dict(zip(paths, _dealt(2, asked.tasks, len(paths), draw), strict=True))
    ranks = dict(zip(paths, _dealt(1, asked.most_rank, len(paths), draw), strict=True))
    deltas = {
        path: _deltas(base.get_submodule(path), numbers[path], ranks[path], (asked.strength, draw)) for path in paths
    }
    return Planted(asked, numbers, ranks, base, deltas)


def _dealt(low: int, high: int, count: int, draw: torch.Generator) -> list[int]:
    """Whole numbers spread evenly from low to high, in random order."""
    even = torch.linspace(low, high, count).round().long()
    return even[torch.randperm(count, generator=draw)].tolist()


def _deltas(module: Any, number: int, rank: int, how: tuple[float, torch.Generator]) -> Tensor:
    strength, draw = how
    features_out, features_in = module.weight.shape
    left = torch.randn(number, features_out, rank, generator=draw)
    raw = left @ torch.randn(number, rank, features_in, generator=draw)
    return raw * (strength * module.weight.norm() / raw.flatten(1).norm(dim=1)[:, None, None])


def planted_loss(model: Any, batch: Mapping[str, Any]) -> Tensor:
    """Return the mean divergence KL(teacher || student) over the positions: 0 where the student equals the teacher."""
    logits = model(input_ids=batch["input_ids"], use_cache=False).logits
    return F.kl_div(logits.log_softmax(-1).flatten(0, 1), batch["targets"].flatten(0, 1), reduction="batchmean")


class PlantedTask:
    """The planted task in a run. Synthetic; its texts are always the same, so that nothing is left to judge later."""

    name = PLANTED

    def __init__(self, config: GuilomoConfig) -> None:
        self.planted = planted_of(config)

    def threads(self) -> AbstractContextManager[None]:
        """One: its products are so small that threads would mostly wait."""
        return one_thread()

    def ready(self, config: GuilomoConfig, seed: int) -> ReadySearch:
        """Make a search with a fresh student ready."""
        search = Search(self.planted.student(), search_settings(config, seed, planted=True), loss=planted_loss)
        train, validation = (self.planted.batches(BATCHES, part) for part in (TRAIN_SEED, VALIDATION_SEED))
        return ReadySearch(search, train, validation)

    def train(self, cell: RunCell, config: GuilomoConfig, found: Found, log: RunLog) -> ArmTraining:
        """Train a student, measure it on texts of its own, and compare what was found with the truth.

        Raises:
            Diverged: the loss is not a number any more.
        """
        allocation = allocated(cell, config, found, log)
        record, divergences = train_planted(self.planted, cell, config, allocation, log)
        items = [f"{PLANTED}/text-{at}" for at in range(len(divergences))]
        log.outcomes("divergence", cell, divergences, items, slice=PLANTED)
        if config.allocation == "guilomo":
            report_recovery(truth_rows(self.planted, found, (found.way, cell.seed)), cell, log)
        first, last = quarter_means(record.losses)
        trained = ArmTraining(
            arm=cell.arm, seed=cell.seed, parameters=allocation.parameters(found.shapes), budget=found.budget,
            updates=len(record.losses), first_loss=first, last_loss=last, seconds=record.seconds,
        )  # fmt: skip
        log.row(trained.row(PLANTED, sum(divergences) / len(divergences)))
        return trained

    def judge(self, trainings: Sequence[ArmTraining], config: GuilomoConfig, log: RunLog) -> Judged:
        """Judge nothing more."""
        return Judged()


def planted_of(config: GuilomoConfig) -> Planted:
    """Return the planted task of the settings; the same under every seed of a run.

    Raises:
        ConfigError: the width cannot be divided among the heads, or is below the highest rank.
    """
    width, heads = config.planted_width, PlantedSettings.heads
    if width % (2 * heads) or width < config.max_rank:
        problem = f"{width}; a multiple of {2 * heads} that is at least max_rank, {config.max_rank}."
        raise ConfigError({"planted_width": problem}, "Choose 32 or 64, or take planted out of tasks.")
    tasks = min(MOST_NUMBER, config.max_experts)
    return plant(PlantedSettings(config.planted_layers, width, tasks=tasks, most_rank=config.max_rank))


def train_planted(
    planted: Planted, cell: RunCell, config: GuilomoConfig, allocation: Allocation | Plain, log: RunLog
) -> tuple[FitRecord, list[float]]:
    """Train a student with an arm's allocation; return its record and its divergence on each text of the test.

    Raises:
        Diverged: the loss is not a number any more.
    """
    model = adapted(planted, config, allocation, cell.seed)
    batches = [*planted.batches(BATCHES, TRAIN_SEED), *planted.batches(BATCHES, VALIDATION_SEED)]
    settings = FitSettings(config.planted_steps, config.planted_rate, arm=cell.arm, seed=cell.seed)
    name = f"{PLANTED}-{cell.arm}-{cell.seed}"
    record = fit(model.named_parameters(), batches, partial(planted_loss, model), settings, log, name)
    return record, text_losses(model.eval(), planted.batches(TEST_BATCHES, TEST_SEED))


def adapted(planted: Planted, config: GuilomoConfig, allocation: Allocation | Plain, seed: int) -> Any:
    """Return a student with a fresh adapter of the allocation, ready to be trained; the seed decides its start."""
    from peft import LoraConfig, get_peft_model

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
    """Return KL(teacher || student) of each text, mean over its positions."""
    found: list[float] = []
    with torch.inference_mode():
        for batch in batches:
            logits = model(input_ids=batch["input_ids"], use_cache=False).logits
            targets = batch["targets"]
            apart = torch.xlogy(targets, targets) - targets * logits.log_softmax(-1)
            found += apart.sum(-1).mean(-1).tolist()
    return found


def truth_rows(planted: Planted, found: Found, names: tuple[str, int]) -> list[PlantedModule]:
    """Return planted and found numbers and ranks by layer.

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
        log.outcomes(metric, cell, sums, frame["path"], slice=PLANTED)

"""What each arm shares out in the final training, all at the trainable parameters that the search arrived at."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engines.guilomo.allocation import (
    Allocation,
    Shapes,
    affordable,
    experts_only,
    layer_of,
    matched,
    module_of,
    perturbed_experts,
    perturbed_ranks,
    plain_parameters,
    plain_rank,
    random_allocation,
    ranks_only,
    stepped,
    uniform,
)
from engines.guilomo.config import PLANTED, GuilomoConfig
from engines.guilomo.rows import ArmAllocation
from workbench.contract import ConfigError, RunCell, RunLog

if TYPE_CHECKING:
    from engines.guilomo.searching import Found

TRIANGLE, INVERTED = (2, 4, 6, 8), (8, 6, 4, 2)
ALLOWED = "Write all, last N, or numbers and ranges such as 0-5, 12."
BEFORE_MATCHING = 8
"""Rank of the shapes that have no rank of their own; the budget then decides it."""


@dataclass(frozen=True)
class Plain:
    """One low-rank update for each layer, without a router.

    Attributes:
        scale: of the update: as large as that of an expert of the found mean rank, so that learning rates compare.
    """

    rank: int
    scale: float
    dora: bool = False

    @property
    def alpha(self) -> int:
        """LoRA's alpha: the scale times the rank, a whole number of at least 1."""
        return max(1, round(self.scale * self.rank))

    def parameters(self, shapes: Shapes) -> int:
        """Trainable parameters."""
        return plain_parameters(self.rank, shapes, self.dora)


@dataclass(frozen=True)
class Untrained:
    """The model as it is: nothing is trained."""

    def parameters(self, shapes: Shapes) -> int:
        """Count the trainable parameters: none."""
        return 0


Allocated = Allocation | Plain | Untrained


def arm_allocation(
    config: GuilomoConfig, found: Allocation, shapes: Shapes, seed: int, truth: Allocation | None = None
) -> Allocated:
    """Return what an arm gives each layer, at the parameters of the found allocation.

    Where they do not suffice for the arm's experts even at rank 1, layers with most experts lose some.

    Args:
        truth: the planted one, where it is known.

    Raises:
        ConfigError: the arm asks for a truth where none is known, or for blocks that the model lacks.
    """
    budget, kind = found.parameters(shapes), config.allocation
    layers = chosen_layers(config.perturb_layers, counts_by_layer(shapes), "perturb_layers")
    if kind == "guilomo":
        return found
    if kind == "untrained":
        return Untrained()
    if kind == "oracle" and truth is None:
        raise ConfigError({"allocation": "oracle, where no truth is known."}, "Use it on the planted task.")
    if kind in ("plain", "dora"):
        ranks = [rank for one in found.ranks.values() for rank in one]
        dora = kind == "dora"
        return Plain(plain_rank(budget, shapes, dora), config.alpha * len(ranks) / sum(ranks), dora)
    shape = {
        "uniform": lambda: uniform(shapes, config.uniform_experts, BEFORE_MATCHING),
        "triangle": lambda: stepped(shapes, TRIANGLE, BEFORE_MATCHING),
        "inverted": lambda: stepped(shapes, INVERTED, BEFORE_MATCHING),
        "experts_only": lambda: experts_only(found, shapes),
        "ranks_only": lambda: ranks_only(found, shapes),
        "oracle": lambda: truth or found,
        "random": lambda: random_allocation(shapes, config.max_experts, config.max_rank, seed),
        "perturbed_experts": lambda: perturbed_experts(found, config.perturb_by, layers),
        "perturbed_ranks": lambda: perturbed_ranks(found, seed, layers),
    }[kind]()
    return matched(affordable(shape, shapes, budget), shapes, budget)


def allocation_rows(names: tuple[str, str, int], allocation: Allocated, shapes: Shapes) -> list[ArmAllocation]:
    """Return rows of an arm's allocation, one for each layer.

    Args:
        names: task, arm, seed.
    """
    task, arm, seed = names
    if isinstance(allocation, Untrained):
        return []
    ranks = dict.fromkeys(shapes, (allocation.rank,)) if isinstance(allocation, Plain) else allocation.ranks
    return [
        ArmAllocation(
            task=task, arm=arm, seed=seed, path=path, layer=layer_of(path), module=module_of(path), experts=len(one),
            ranks=" ".join(map(str, one)),
        )
        for path, one in ranks.items()
    ]  # fmt: skip


def allocated(
    cell: RunCell, config: GuilomoConfig, found: "Found", log: RunLog, truth: Allocation | None = None
) -> Allocated:
    """Return what an arm gives each layer on the task that the cell's part names, and report it.

    Raises:
        ConfigError: as `arm_allocation`.
    """
    allocation = arm_allocation(config, found.allocation, found.shapes, cell.seed, truth)
    for row in allocation_rows((cell.part, cell.arm, cell.seed), allocation, found.shapes):
        log.row(row)
    if isinstance(allocation, Untrained):
        return allocation
    spent = 100 * allocation.parameters(found.shapes) / found.budget
    log.outcomes("budget_spent", cell, spent, slice=cell.part)
    if isinstance(allocation, Allocation):
        report_depths("planted" if cell.part == PLANTED else "real", cell, allocation, log)
    return allocation


def report_depths(kind: str, cell: RunCell, allocation: Allocation, log: RunLog) -> None:
    """Report the mean number of experts of a block's layers, under the slice of its depth ("real/12", "planted/0").

    The adapted blocks are all there are, not a sample of blocks: they are no items, and chance lies in the seeds alone.
    """
    import pandas as pd

    counts = pd.Series(allocation.experts(), dtype=float)
    means = counts.groupby(counts.index.map(layer_of)).mean()
    log.outcomes("experts", cell, means, slice=[f"{kind}/{layer}" for layer in means.index])


def chosen_layers(text: str, count: int, field: str = "layers") -> tuple[int, ...]:
    """Return numbers of the blocks that a text names, in order, each below `count`.

    Raises:
        ConfigError: the text is none of the allowed forms, names no block, or one that the model lacks.
    """
    asked = text.strip().lower()
    if asked in ("all", ""):
        return tuple(range(count))
    last = re.fullmatch(r"last (\d{1,6})", asked)
    if last:
        if not 1 <= int(last[1]) <= count:
            raise ConfigError({field: f"{text!r}; the model has {count} blocks."}, ALLOWED)
        return tuple(range(count - int(last[1]), count))
    found: set[int] = set()
    for part in asked.split(","):
        numbers = re.fullmatch(r"\s*(\d{1,6})(?:\s*-\s*(\d{1,6}))?\s*", part)
        if not numbers:
            raise ConfigError({field: f"{text[:60]!r} cannot be read."}, ALLOWED)
        low, high = int(numbers[1]), int(numbers[2] or numbers[1])
        if low > high or high >= count:
            raise ConfigError({field: f"{part.strip()!r}; the model has blocks 0 to {count - 1}."}, ALLOWED)
        found |= set(range(low, high + 1))
    return tuple(sorted(found))


def within(shapes: Shapes, layers: Sequence[int]) -> dict[str, tuple[int, int]]:
    """Return the shapes of the modules that lie in those blocks, in their order."""
    return {path: shape for path, shape in shapes.items() if layer_of(path) in layers}


def counts_by_layer(shapes: Mapping[str, object]) -> int:
    """Return how many blocks a model has, from the paths of its modules: the highest number and one."""
    return max((layer_of(path) for path in shapes), default=-1) + 1

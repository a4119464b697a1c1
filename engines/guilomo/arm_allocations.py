"""What each arm shares out in the final training, all at the trainable parameters that the search arrived at."""

from collections.abc import Mapping
from dataclasses import dataclass

from engines.guilomo.allocation import (
    Allocation,
    Shapes,
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
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.layers import chosen_layers, counts_by_layer
from engines.guilomo.rows import ArmAllocation

TRIANGLE, INVERTED = (2, 4, 6, 8), (8, 6, 4, 2)
LEAST = 2
"""Experts of a layer that has a router."""
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


def arm_allocation(config: GuilomoConfig, found: Allocation, shapes: Shapes, seed: int) -> Allocation | Plain:
    """What an arm gives each layer, at the parameters of the found allocation.

    Where they do not suffice for the arm's experts even at rank 1, layers with most experts lose some.
    """
    budget, kind = found.parameters(shapes), config.allocation
    layers = chosen_layers(config.perturb_layers, counts_by_layer(shapes), "perturb_layers")
    if kind == "guilomo":
        return found
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
        "random": lambda: random_allocation(shapes, config.max_experts, config.max_rank, seed),
        "perturbed_experts": lambda: perturbed_experts(found, config.perturb_by, layers),
        "perturbed_ranks": lambda: perturbed_ranks(found, seed, layers),
    }[kind]()
    return matched(affordable(shape, shapes, budget), shapes, budget)


def affordable(asked: Allocation, shapes: Shapes, budget: int) -> Allocation:
    """The allocation with so many experts taken away, always in the layer with most, that rank 1 fits the budget.

    Two remain in each layer; every found allocation pays for those.
    """
    ranks = dict(asked.ranks)
    while _at_rank_one(ranks).parameters(shapes) > budget and max(map(len, ranks.values())) > LEAST:
        fullest = max(ranks, key=lambda path: len(ranks[path]))
        ranks[fullest] = ranks[fullest][:-1]
    return Allocation(ranks)


def _at_rank_one(ranks: Mapping[str, tuple[int, ...]]) -> Allocation:
    return Allocation({path: (1,) * len(one) for path, one in ranks.items()})


def allocation_rows(names: tuple[str, str, int], allocation: Allocation | Plain, shapes: Shapes) -> list[ArmAllocation]:
    """Rows of an arm's allocation, one for each layer.

    Args:
        names: task, arm, seed.
    """
    task, arm, seed = names
    ranks = dict.fromkeys(shapes, (allocation.rank,)) if isinstance(allocation, Plain) else allocation.ranks
    return [
        ArmAllocation(
            task=task, arm=arm, seed=seed, path=path, layer=layer_of(path), module=module_of(path), experts=len(one),
            ranks=" ".join(map(str, one)),
        )
        for path, one in ranks.items()
    ]  # fmt: skip

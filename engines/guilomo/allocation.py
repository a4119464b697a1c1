"""Allocations: how many experts each module has and of which rank each is. Plain Python, no torch.

An allocation names every adapted linear module by its path in the model and gives the ranks of its experts, so that
the number of experts is the length of the list. The shapes of the modules say what an allocation costs.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.contract import ConfigError, DataError

Shapes = Mapping[str, tuple[int, int]]
"""Of each module by path: features in and features out."""

LEAST = 2
"""Experts of a layer that has a router."""
AGAIN = "Use an allocation that a search or `Allocation.write` has saved."


@dataclass(frozen=True)
class Allocation:
    """Ranks of the experts of each module, by module path; at least two experts, each of rank 1 or more.

    Raises:
        ConfigError: a module has fewer than two experts, or a rank below 1.
    """

    ranks: Mapping[str, tuple[int, ...]]

    def __post_init__(self) -> None:
        if not self.ranks:
            raise ConfigError({"ranks": "no module is named."}, "Name at least one module and its experts.")
        for path, ranks in self.ranks.items():
            if len(ranks) < 2:
                raise ConfigError(
                    {"ranks": f"{path} has {len(ranks)} expert(s); a router needs at least 2."},
                    "Give each module two experts or more, or use plain LoRA.",
                )
            if any(not isinstance(rank, int) or rank < 1 for rank in ranks):
                raise ConfigError({"ranks": f"{path} has ranks {list(ranks)}; each must be 1 or more."}, AGAIN)

    def experts(self) -> dict[str, int]:
        """Return the number of experts of each module."""
        return {path: len(ranks) for path, ranks in self.ranks.items()}

    def parameters(self, shapes: Shapes) -> int:
        """Count the trainable parameters: of each expert r (in + out), of each router E in.

        Raises:
            ConfigError: a module has no shape, or an expert a higher rank than its module.
        """
        total = 0
        for path, ranks in self.ranks.items():
            features_in, features_out = _shape(shapes, path)
            if max(ranks) > min(features_in, features_out):
                raise ConfigError(
                    {"ranks": f"{path} ({features_in} x {features_out}) cannot have an expert of rank {max(ranks)}."},
                    f"Use ranks of at most {min(features_in, features_out)} there.",
                )
            total += sum(ranks) * (features_in + features_out) + len(ranks) * features_in
        return total

    def as_json(self) -> str:
        """Return the allocation as JSON, modules in order."""
        return json.dumps({"format": 1, "ranks": {path: list(ranks) for path, ranks in self.ranks.items()}}, indent=1)

    def write(self, path: Path) -> None:
        """Save it as a JSON file."""
        path.write_text(self.as_json() + "\n", encoding="utf-8")


def from_json(text: str) -> Allocation:
    """Read an allocation from its JSON.

    Raises:
        DataError: not such a JSON.
        ConfigError: a module has fewer than two experts, or a rank below 1.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError("The allocation is not JSON.", AGAIN) from error
    ranks = found.get("ranks") if isinstance(found, dict) else None
    if not isinstance(ranks, dict) or not all(_are_ranks(one) for one in ranks.values()):
        raise DataError('The allocation lacks "ranks": a list of whole numbers for each module.', AGAIN, field="ranks")
    return Allocation({str(path): tuple(one) for path, one in ranks.items()})


def read_allocation(path: Path) -> Allocation:
    """Read an allocation from a JSON file.

    Raises:
        DataError: the file cannot be read, or is no allocation.
    """
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path.name} cannot be read: {error}", AGAIN) from error


def layer_of(path: str) -> int:
    """Return the layer that a module path names (its first number); 0 where it names none."""
    found = re.search(r"(?:^|\.)(\d+)(?:\.|$)", path)
    return int(found[1]) if found else 0


def module_of(path: str) -> str:
    """Return the module's own name, such as q_proj."""
    return path.rpartition(".")[2]


def uniform(shapes: Shapes, experts: int, rank: int) -> Allocation:
    """Return as many experts of one rank everywhere (MoLA 5555 with `experts` 5)."""
    return Allocation({path: (min(rank, *shape),) * experts for path, shape in shapes.items()})


def stepped(shapes: Shapes, steps: Sequence[int], rank: int) -> Allocation:
    """Return experts by depth: the layers are cut into as many groups of near-equal size as there are steps.

    `(2, 4, 6, 8)` is MoLA's triangle, `(8, 6, 4, 2)` the inverted one.
    """
    layers = sorted({layer_of(path) for path in shapes})
    group = {layer: steps[at * len(steps) // len(layers)] for at, layer in enumerate(layers)}
    return Allocation({path: (min(rank, *shape),) * group[layer_of(path)] for path, shape in shapes.items()})


def random_allocation(shapes: Shapes, most_experts: int, most_rank: int, seed: int) -> Allocation:
    """Draw experts from 2 to `most_experts` and ranks from 1 to `most_rank`, evenly; match it to a budget."""
    draw = np.random.default_rng(seed)
    ranks = {}
    for path, shape in shapes.items():
        experts = int(draw.integers(2, most_experts + 1))
        ranks[path] = tuple(int(rank) for rank in draw.integers(1, min(most_rank, *shape) + 1, experts))
    return Allocation(ranks)


def experts_only(found: Allocation, shapes: Shapes) -> Allocation:
    """Return the found numbers of experts with one rank everywhere, at the found parameters (to within a rank)."""
    mean = sum(map(sum, found.ranks.values())) / sum(map(len, found.ranks.values()))
    flat = Allocation({path: (max(1, round(mean)),) * len(ranks) for path, ranks in found.ranks.items()})
    return matched(flat, shapes, found.parameters(shapes))


def ranks_only(found: Allocation, shapes: Shapes) -> Allocation:
    """Return the found ranks with the mean number of experts everywhere, at the found parameters (to within a rank).

    A module with fewer experts than that repeats its ranks from the first; one with more loses the last.
    """
    experts = max(2, round(sum(map(len, found.ranks.values())) / len(found.ranks)))
    repeated = {path: tuple(ranks[at % len(ranks)] for at in range(experts)) for path, ranks in found.ranks.items()}
    return matched(Allocation(repeated), shapes, found.parameters(shapes))


def perturbed_experts(found: Allocation, by: int, layers: Sequence[int] = ()) -> Allocation:
    """Return more or fewer experts in the named layers (all where none is named), never below two.

    New experts have the module's mean rank; the last ones are taken away first.
    """
    changed = dict(found.ranks)
    for path, ranks in found.ranks.items():
        if layers and layer_of(path) not in layers:
            continue
        mean = max(1, round(sum(ranks) / len(ranks)))
        changed[path] = (*ranks, *(mean,) * by) if by > 0 else ranks[: max(2, len(ranks) + by)]
    return Allocation(changed)


def perturbed_ranks(found: Allocation, seed: int, layers: Sequence[int] = ()) -> Allocation:
    """Deal the same total rank out anew among a module's experts, at random, each keeping at least 1."""
    draw = np.random.default_rng(seed)
    changed = dict(found.ranks)
    for path, ranks in found.ranks.items():
        if layers and layer_of(path) not in layers:
            continue
        spare = draw.multinomial(sum(ranks) - len(ranks), [1 / len(ranks)] * len(ranks))
        changed[path] = tuple(1 + int(one) for one in spare)
    return Allocation(changed)


def matched(allocation: Allocation, shapes: Shapes, budget: int) -> Allocation:
    """Scale an allocation's ranks until its parameters reach the budget: at most it, and within one rank.

    The numbers of experts stay; ranks keep their proportions as far as whole numbers allow.

    Raises:
        ConfigError: even at rank 1 the experts and routers cost more than the budget.
    """
    ones = Allocation({path: (1,) * len(ranks) for path, ranks in allocation.ranks.items()})
    if ones.parameters(shapes) > budget:
        raise ConfigError(
            {"budget": f"{budget:,} parameters; experts of rank 1 and their routers need {ones.parameters(shapes):,}."},
            "Allow more parameters, or fewer experts.",
        )
    low, high = 0.0, float(max(min(shape) for shape in shapes.values()))
    for _ in range(60):
        middle = (low + high) / 2
        if _scaled(allocation, shapes, middle).parameters(shapes) <= budget:
            low = middle
        else:
            high = middle
    return _filled(_scaled(allocation, shapes, low), allocation, shapes, (low, budget))


def affordable(asked: Allocation, shapes: Shapes, budget: int) -> Allocation:
    """Return the allocation with so many experts taken away that rank 1 fits the budget.

    They go from the layer with most. Two remain in each layer; every found allocation pays for those.
    """
    ranks = dict(asked.ranks)
    while _at_rank_one(ranks).parameters(shapes) > budget and max(map(len, ranks.values())) > LEAST:
        fullest = max(ranks, key=lambda path: len(ranks[path]))
        ranks[fullest] = ranks[fullest][:-1]
    return Allocation(ranks)


def _at_rank_one(ranks: Mapping[str, tuple[int, ...]]) -> Allocation:
    return Allocation({path: (1,) * len(one) for path, one in ranks.items()})


def plain_rank(budget: int, shapes: Shapes, dora: bool = False) -> int:
    """Return the rank of plain LoRA on the same modules whose parameters come nearest to the budget, at least 1.

    DoRA also trains one magnitude per output feature.
    """
    per_rank = sum(sum(shape) for shape in shapes.values())
    fixed = sum(features_out for _, features_out in shapes.values()) if dora else 0
    most = min(min(shape) for shape in shapes.values())
    return min(most, max(1, round((budget - fixed) / per_rank)))


def plain_parameters(rank: int, shapes: Shapes, dora: bool = False) -> int:
    """Count the trainable parameters of plain LoRA, or DoRA, of that rank on all modules."""
    return sum(rank * (one + two) + (two if dora else 0) for one, two in shapes.values())


def _scaled(allocation: Allocation, shapes: Shapes, factor: float) -> Allocation:
    return Allocation(
        {
            path: tuple(min(max(1, math.floor(rank * factor)), *_shape(shapes, path)) for rank in ranks)
            for path, ranks in allocation.ranks.items()
        }
    )


def _filled(found: Allocation, asked: Allocation, shapes: Shapes, goal: tuple[float, int]) -> Allocation:
    """Spend what is left on ranks that lost most by rounding down, then on any that fits."""
    factor, budget = goal
    ranks = {path: list(one) for path, one in found.ranks.items()}
    left = budget - found.parameters(shapes)
    lost = sorted(
        (
            (ranks[path][at] - rank * factor, path, at)
            for path, one in asked.ranks.items()
            for at, rank in enumerate(one)
        ),
    )
    while True:
        spent = left
        for _, path, at in lost:
            cost = sum(shapes[path])
            if cost <= left and ranks[path][at] < min(shapes[path]):
                ranks[path][at] += 1
                left -= cost
        if left == spent:
            return Allocation({path: tuple(one) for path, one in ranks.items()})


def _shape(shapes: Shapes, path: str) -> tuple[int, int]:
    if path not in shapes:
        raise ConfigError({"ranks": f"{path} is no adapted module of the model."}, "Search anew with this model.")
    return shapes[path]


def _are_ranks(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(rank, int) and not isinstance(rank, bool) for rank in found)

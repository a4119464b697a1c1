"""Values of simulated runs: items in clusters, crossed with seeds, under one arm or two.

Each value is the sum of normal effects: of its cluster (60 % of it shared by both arms), of its item, of the item under
an arm, of the item under an arm and seed, of an arm's seed, and of a seed that all arms share. A share is one where
that sum is positive (probit). Their sizes make one value's variance 1, the seeds' apart.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import ndtri
from scipy.stats import norm

SHARED_BY_ARMS = 0.6
"""Of a cluster's variance."""
ITEM, ARM_AND_ITEM, FLIPS = 0.5, 0.3, 0.2
"""Parts of the variance within clusters: of an item, of an item under an arm, of an item under an arm and seed."""
EFFECT = {"share": 0.15, "mean": 0.4}
"""Planted differences of two arms, and of a single share from one half."""


@dataclass(frozen=True)
class CrossedDesign:
    """How many of each, and how alike.

    Attributes:
        clusters, per_cluster: of items.
        likeness: intraclass correlation of the sums within clusters.
        seed_spread: standard deviation of the seeds' part of the difference, as a share of the planted effect.
        correlation: of the two arms' seed effects.
        arms: one or two.
        level: share of ones (of both arms in the middle of them); means have 0 in the middle.
        like_seeds: every seed gives the same values.
        split: under each seed a random half of each cluster's items is judged.
    """

    kind: Literal["share", "mean"]
    clusters: int
    likeness: float = 0.0
    seeds: int = 1
    seed_spread: float = 0.0
    correlation: float = 0.0
    arms: int = 2
    per_cluster: int = 10
    level: float = 0.5
    like_seeds: bool = False
    split: bool = False

    @property
    def items(self) -> int:
        """Items of a run."""
        return self.clusters * self.per_cluster

    @property
    def cluster(self) -> np.ndarray:
        """Cluster of each item."""
        return np.repeat(np.arange(self.clusters), self.per_cluster)

    def draw(self, rng: np.random.Generator, runs: int, effect: float) -> np.ndarray:
        """Draw values, (runs, arms, seeds, items), nan where a seed does not judge an item.

        Args:
            effect: expected difference of the arms, or of a single arm from `level`.
        """
        values = self._whole(rng, runs, effect)
        return self._halved(rng, values) if self.split else values

    def _whole(self, rng: np.random.Generator, runs: int, effect: float) -> np.ndarray:
        if self.like_seeds:
            return replace(self, like_seeds=False, seeds=1)._whole(rng, runs, effect).repeat(self.seeds, axis=2)
        own, both = self._seed_deviations()
        values = self._sums(rng, runs)
        values += own * rng.normal(size=(runs, self.arms, self.seeds, 1))
        values += both * rng.normal(size=(runs, 1, self.seeds, 1))
        way = np.array([0.5, -0.5] if self.arms == 2 else [1.0])[:, None, None]
        if self.kind == "mean":
            return values + way * effect
        return (values + ndtri(self.level + way * effect) * np.sqrt(1 + own**2 + both**2) > 0).astype(float)

    def _sums(self, rng: np.random.Generator, runs: int) -> np.ndarray:
        def effects(variance: float, arms: int, seeds: int, size: int) -> np.ndarray:
            return np.sqrt(variance) * rng.normal(size=(runs, arms, seeds, size))

        within = 1 - self.likeness
        clusters = effects(SHARED_BY_ARMS * self.likeness, 1, 1, self.clusters)
        clusters = clusters + effects((1 - SHARED_BY_ARMS) * self.likeness, self.arms, 1, self.clusters)
        return (
            clusters[..., self.cluster]
            + effects(ITEM * within, 1, 1, self.items)
            + effects(ARM_AND_ITEM * within, self.arms, 1, self.items)
            + effects(FLIPS * within, self.arms, self.seeds, self.items)
        )

    def _seed_deviations(self) -> tuple[float, float]:
        """Standard deviation of an arm's own seed effect and of the one that all arms share."""
        if self.seeds == 1:
            return 0.0, 0.0
        own = self.seed_spread * EFFECT[self.kind] / np.sqrt(self.arms)
        if self.kind == "share":
            own /= norm.pdf(ndtri(self.level))
        return float(own), float(own * np.sqrt(self.correlation / (1 - self.correlation)))

    def _halved(self, rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
        order = rng.random((len(values), 1, self.seeds, self.clusters, self.per_cluster)).argsort(axis=-1)
        judged = (order < self.per_cluster // 2).reshape(len(values), 1, self.seeds, self.items)
        return np.where(judged, values, np.nan)

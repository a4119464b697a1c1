"""Simulated outcomes of the shape that a run will have, with an effect planted: what power is measured on.

Design decisions:
- An item's contrast deviates by cluster and by item, under every seed alike; that seeds also change single answers
  would help, how much nobody knows before the run. What a seed does to all items goes to the arms that train something
  (to all, where none does), or, where seeds draw one split, to the contrast as a whole.
- Shares are ones and zeros: a normal deviation of cluster and item under a threshold. The two arms share an item's
  deviation as often as gives their difference the spread of the design; a quarter of items where it names none.
- A logarithm's spread is that of the logarithm of an item's value; a corpus metric is drawn as a mean.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.contract.claims import Cell, Contrast, Design, Metric
from workbench.statistics.observations import Codes, Floats, Sums

SHARED_ITEMS = 0.25
"""Items whose deviation both arms share, unless the design's spread says more."""
WIDEST_SHARE = 0.999
"""Shares are drawn between one minus this and this."""
BATCH = 50
"""Runs drawn at a time."""


@dataclass(frozen=True)
class DrawnOutcomes:
    """The outcomes of one simulated run, with what an examiner asks of a table of them."""

    arms: tuple[str, ...]
    slices: list[str]
    drawn: Sums

    def slices_of(self, metric: str, arm: str) -> list[str]:
        """Return slices under which an arm reported a metric."""
        return self.slices

    def has(self, cell: Cell) -> bool:
        """Return whether there are outcomes of a cell."""
        return True

    def sums(self, cells: Sequence[Cell], *, inside: bool = False) -> Sums:
        """Return the sums behind the cells of the contrast that was planted."""
        return self.drawn


@dataclass(frozen=True)
class Planting:
    """A contrast to draw runs of.

    Attributes:
        contrast, design: the claim's.
        metric: of the contrast's first cell.
        value: expected value of the contrast.
        seeds: how many.
        seed_deviation: standard deviation of the seeds' part of the contrast.
        trained: which arms train something.
        split: seeds draw one split for all arms.
    """

    contrast: Contrast
    design: Design
    metric: Metric
    value: float
    seeds: int
    seed_deviation: float
    trained: Mapping[str, bool]
    split: bool

    @property
    def cells(self) -> list[Cell]:
        """Cell of each term."""
        return [cell for _, cell in self.contrast.terms]

    @property
    def weights(self) -> Floats:
        """Weight of each term, (T,)."""
        return np.array([weight for weight, _ in self.contrast.terms], dtype=np.float64)

    @property
    def binary(self) -> bool:
        """Whether values are zeros and ones."""
        return self.metric.unit == "share" and self.metric.aggregate is None and not self.cells[0].log

    @property
    def along(self) -> Floats:
        """What each term moves by when the contrast moves by one, (T,)."""
        return self.weights / float((self.weights**2).sum())

    def numbers(self) -> Floats:
        """Return the expected number of each term, (T,): their contrast is `value`, the weakest at the design's level.

        Raises:
            ValueError: a share would lie beyond 0 or 1.
        """
        moved = self.value * self.along
        if abs(float(self.weights.sum())) < 1e-9 and not self.cells[0].log:
            weakest = moved.max() if self.metric.better == "lower" else moved.min()
            moved = moved + self.design.level - weakest
        if self.binary and not bool(((moved >= 0) & (moved <= 1)).all()):
            shares = ", ".join(f"{share:.2g}" for share in moved)
            raise ValueError(f"The planted shares would be {shares}: lower the design's level or the smallest effect.")
        return moved

    def outcomes(self, runs: int, rng: np.random.Generator) -> Iterator[DrawnOutcomes]:
        """Draw the outcomes of `runs` runs."""
        arms = tuple(dict.fromkeys(cell.arm for cell in self.cells))
        slices = list(dict.fromkeys(cell.slice for cell in self.cells))
        block = np.array([slices.index(cell.slice) for cell in self.cells])
        cluster = np.tile(_clusters(self.design), len(slices))
        for start in range(0, runs, BATCH):
            values = self._values(min(BATCH, runs - start), rng)
            for run in values:
                yield DrawnOutcomes(arms, slices, self._sums(run, block, cluster))

    def _sums(self, values: Floats, block: Codes, cluster: Codes) -> Sums:
        """Sums of one run's values, (T, S, n); `block` is the slice of each term, whose units are its own."""
        terms, seeds, size = values.shape
        parts = np.zeros((terms, seeds, len(cluster), 2))
        for term, at in enumerate(block):
            parts[term, :, at * size : (at + 1) * size, 0] = values[term]
            parts[term, :, at * size : (at + 1) * size, 1] = 1.0
        return Sums(
            totals=tuple(parts.sum(axis=2)),
            parts=tuple(parts),
            counts=parts[..., 1],
            cluster=cluster,
            items=size,
            seeds=tuple(range(seeds)),
            arms=tuple(cell.arm for cell in self.cells),
            dropped=0,
            left_out=(),
            binary=self.binary,
        )

    def _values(self, runs: int, rng: np.random.Generator) -> Floats:
        """Values of all terms, (runs, T, S, n)."""
        number = self.numbers()[:, None, None] + self._moved_by_seeds(runs, rng)
        if self.binary:
            return self._zeros_and_ones(number, rng)
        spread, like = self.design.spread, self.design.likeness
        cluster = _clusters(self.design)
        deviations = np.sqrt(like) * rng.normal(size=(runs, 1, 1, self.design.clusters))[..., cluster]
        deviations = deviations + np.sqrt(1 - like) * rng.normal(size=(runs, 1, 1, self.design.items))
        each = spread * self.along[:, None, None]
        values = number + each * deviations
        return np.exp(values - each**2 / 2) if self.cells[0].log else values

    def _moved_by_seeds(self, runs: int, rng: np.random.Generator) -> Floats:
        """What seeds do to each term, (runs, T, S, 1)."""
        if self.split:
            return self._moved(self.along, runs, rng) * self.seed_deviation
        names = [cell.arm for cell in self.cells]
        weighed = list(dict.fromkeys(cell.arm for weight, cell in self.contrast.terms if weight))
        moving = [arm for arm in weighed if self.trained.get(arm, True)] or weighed
        moved = np.zeros((runs, len(names), self.seeds, 1))
        for arm in moving:
            own = np.where(np.array([name == arm for name in names]), self.weights, 0.0)
            moved += self._moved(own / float((own**2).sum()), runs, rng)
        return moved * self.seed_deviation / np.sqrt(len(moving))

    def _moved(self, along: Floats, runs: int, rng: np.random.Generator) -> Floats:
        return along[:, None, None] * rng.normal(size=(runs, 1, self.seeds, 1))

    def _zeros_and_ones(self, number: Floats, rng: np.random.Generator) -> Floats:
        from scipy.special import ndtri

        runs, terms = number.shape[:2]
        threshold = ndtri(np.clip(number, 1 - WIDEST_SHARE, WIDEST_SHARE))
        shared, between = self._likeness_of_arms(), self._likeness_of_sums()
        both = rng.normal(size=(runs, 1, 1, self.design.items))
        own = rng.normal(size=(runs, terms, 1, self.design.items))
        item = np.where(rng.random((runs, 1, 1, self.design.items)) < shared, both, own)
        cluster = rng.normal(size=(runs, terms, 1, self.design.clusters))[..., _clusters(self.design)]
        deviations = np.sqrt(between) * cluster + np.sqrt(1 - between) * item
        return (deviations < threshold).astype(np.float64)

    def _likeness_of_arms(self) -> float:
        """Share of items whose deviation both arms share, so that their difference has the design's spread."""
        if len(self.contrast.terms) != 2:
            return SHARED_ITEMS
        first, second = self.numbers()
        apart, effect = first * (1 - second) + second * (1 - first), abs(first - second)
        wanted = self.design.spread**2 + effect**2
        found = (apart - wanted) / (apart - effect) if apart > effect else 0.0
        return float(np.clip(found, SHARED_ITEMS, 1.0))

    def _likeness_of_sums(self) -> float:
        """Share of a sum's variance that clusters need for the contrast to have the design's likeness."""
        from scipy.special import ndtri

        share = float(np.clip(self.numbers().mean(), 1 - WIDEST_SHARE, WIDEST_SHARE))
        height = float(np.exp(-(ndtri(share) ** 2) / 2) / np.sqrt(2 * np.pi))
        apart = 1 - self._likeness_of_arms() if len(self.contrast.terms) > 1 else 1.0
        return min(0.9, self.design.likeness * apart * share * (1 - share) / height**2)


def _clusters(design: Design) -> Codes:
    """Cluster of each item, sizes as equal as can be, (n,)."""
    return np.sort(np.arange(design.items) % max(1, design.clusters)).astype(np.int64)

"""Simulated runs: every way in which outcomes vary that we could think of, with an effect planted or without one.

A `Regime` draws the values of many runs at once, shape (runs, arms, seeds, items[, K]); `judged_runs` judges each run
as a user's run is judged, through the outcomes table.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from tests.workbench.statistics.crossed_draws import CrossedDesign
from workbench.contract.claims import Cell, Claim, ClaimKind, Metric, Superiority
from workbench.contract.engine import Arm, Engine, Tab
from workbench.contract.paper import Paper
from workbench.contract.schema import Config
from workbench.statistics import judge

SCORE = Metric("score", "", "higher", "The simulated metric.")
A_ABOVE_B = Superiority(Cell("score", "a"), Cell("score", "b"))


def card(claims: dict[str, ClaimKind], metrics: tuple[Metric, ...] = (SCORE,), trained: bool = True) -> Engine:
    """An engine with nothing but two arms, metrics and claims."""
    return Engine(
        name="simulated",
        title="Simulated",
        tab=Tab.PROBE,
        question="",
        idea="",
        paper=Paper("", "", "", 2026, ""),
        config=Config,
        presets={},
        arms=tuple(Arm(name, name, "method", "", trained=trained) for name in "ab"),
        metrics=metrics,
        claims=tuple(Claim(name, name, kind) for name, kind in claims.items()),
        fidelity=(),
        rows=(),
        views=(),
    )


@dataclass(frozen=True)
class Regime:
    """How values vary. `draw(rng, runs, seeds)` gives (runs, 2, seeds, items) or, with K statistics, one axis more.

    Unless `itemless`, each value belongs to an item; `clusters` and `slices` name where the values belong, and `forms`
    values in a row are of one item. Arms that are `unpaired` have items of their own. `truth` is what the first claim's
    estimate should be without a planted effect; None where its interval is of one of several parts.
    """

    name: str
    draw: Callable[[np.random.Generator, int, int], np.ndarray]
    clusters: tuple[str, ...] | None = None
    slices: tuple[str, ...] | None = None
    unpaired: bool = False
    itemless: bool = False
    forms: int = 1
    truth: float | None = 0.0
    trained: bool = True
    metric: Metric = SCORE
    claims: dict[str, ClaimKind] = field(default_factory=lambda: {"a_above_b": A_ABOVE_B})

    def frame(self, seeds: int, items: int) -> pd.DataFrame:
        """The outcomes table of one run, without its values."""
        arm, seed, item = (axis.ravel() for axis in np.meshgrid(range(2), range(seeds), range(items), indexing="ij"))
        names = [f"{'ab'[a] if self.unpaired else ''}i{i // self.forms}" for a, i in zip(arm, item, strict=True)]
        return pd.DataFrame(
            {
                "arm": ["ab"[a] for a in arm],
                "metric": "score",
                "seed": seed,
                "item": None if self.itemless else names,
                "cluster": [self.clusters[i] for i in item] if self.clusters else None,
                "slice": [self.slices[i] if self.slices else f"part/{i % 3}" for i in item],
            }
        )


@dataclass(frozen=True)
class Judged:
    """What became of simulated runs.

    Attributes:
        verdicts: how many came out how; a run with several claims counts as its most decided one.
        covered: percent of the first claim's intervals that hold the truth; None where there is none to hold.
    """

    verdicts: Counter[str]
    covered: float | None

    @property
    def decided(self) -> float:
        """Percent of runs that came out decided."""
        return 100 * (self.verdicts["holds"] + self.verdicts["does not hold"]) / self.verdicts.total()


def judged_runs(regime: Regime, seeds: int, runs: int = 1000, effect: float = 0.0, seed: int = 0) -> Judged:
    """Judge `runs` simulated runs, with an effect added to the first arm."""
    rng = np.random.default_rng([seed, seeds, *regime.name.encode()])
    values = regime.draw(rng, runs, seeds)
    if effect:
        values = values.copy()
        values[:, 0] += effect
    frame = regime.frame(seeds, values.shape[3])
    engine = card(regime.claims, (regime.metric,), regime.trained)
    found: Counter[str] = Counter()
    covered = 0
    for run in values:
        flat = run.reshape(len(frame), -1)
        frame["value"] = flat[:, 0] if flat.shape[1] == 1 else list(map(tuple, flat.tolist()))
        verdicts = judge(engine, frame)
        found[min((v.verdict for v in verdicts), key=_ORDER.index)] += 1
        first = verdicts[0]
        if regime.truth is not None and first.low is not None and first.high is not None:
            covered += first.low - 1e-9 <= regime.truth + effect <= first.high + 1e-9
    return Judged(found, None if regime.truth is None else 100 * covered / runs)


_ORDER = ["holds", "does not hold", "not measurable here", "undecided", "not asked here"]


def varying(item: float, seed: float, crossed: float, items: int = 30, shared: float = 1.0) -> Callable:
    """Normal values; shares of the contrast's variance that items, seeds and their interaction have."""

    def draw(rng: np.random.Generator, runs: int, seeds: int) -> np.ndarray:
        def noise(share: float, *shape: int) -> np.ndarray:
            return np.sqrt(share) * rng.normal(size=(runs, *shape))

        return (
            noise(shared * items, 1, 1, items)
            + noise(item * items, 2, 1, items)
            + noise(seed * seeds, 2, seeds, 1)
            + noise(crossed * items * seeds, 2, seeds, items)
        )

    return draw


def skewed(one_arm: bool, items: int = 30) -> Callable:
    """Log-normal values under both arms, or under one while the other is constant at their mean."""

    def draw(rng: np.random.Generator, runs: int, seeds: int) -> np.ndarray:
        values = np.exp(rng.normal(size=(runs, 2, 1, items))).repeat(seeds, axis=2)
        if one_arm:
            values[:, 1] = np.exp(0.5)
        return values * np.exp((0.1 * rng.normal(size=(runs, 2, seeds, 1)) - 0.005) * (seeds > 1))

    return draw


def binary(share: float, flips: float, items: int = 100, spread: float = 0.0) -> Callable:
    """Right or wrong: an item is right with chance `share`; under each arm and seed it flips with chance `flips`."""

    def draw(rng: np.random.Generator, runs: int, seeds: int) -> np.ndarray:
        right = rng.random((runs, 1, 1, items)) < share
        rate = np.clip(flips * np.exp(spread * rng.normal(size=(runs, 2, seeds, 1))), 0, 1)
        return (right ^ (rng.random((runs, 2, seeds, items)) < rate)).astype(float)

    return draw


def repeated(draw: Callable) -> Callable:
    """The same values under every seed: nothing is trained and nothing is sampled."""
    return lambda rng, runs, seeds: draw(rng, runs, 1).repeat(seeds, axis=2)


def clustered(sizes: tuple[int, ...], within: float) -> Callable:
    """Normal values that resemble each other within clusters: `within` is their share of the arms' difference."""
    member = np.repeat(np.arange(len(sizes)), sizes)

    def draw(rng: np.random.Generator, runs: int, seeds: int) -> np.ndarray:
        own = rng.normal(size=(runs, 2, 1, len(sizes)))[..., member] * np.sqrt(within)
        alone = rng.normal(size=(runs, 2, 1, len(member))) * np.sqrt(1 - within)
        return own + alone + 0.3 * rng.normal(size=(runs, 2, seeds, 1)) * (seeds > 1)

    return draw


def f1_counts(items: int = 40, clusters: int = 0) -> Callable:
    """(true positives, false positives, false negatives) of sentences, for the F1 of a corpus; alike in `clusters`."""

    def draw(rng: np.random.Generator, runs: int, seeds: int) -> np.ndarray:
        easy = rng.beta(2, 2, size=(runs, 2, 1, items, 1))
        if clusters:
            shared = rng.beta(2, 2, size=(runs, 2, 1, clusters, 1)).repeat(items // clusters, axis=3)
            easy = 0.7 * easy + 0.3 * shared
        counts = rng.poisson([4.0, 2.0, 2.0] * np.concatenate([easy, 1 - easy, 1 - easy], axis=-1))
        return counts + rng.poisson(0.5, size=(runs, 2, seeds, items, 3)) * (seeds > 1)

    return draw


def crossed(design: CrossedDesign) -> Callable:
    """Values of a design of the grid, with as many seeds as asked."""
    return lambda rng, runs, seeds: replace(
        design, seeds=seeds, seed_spread=design.seed_spread if seeds > 1 else 0.0
    ).draw(rng, runs, 0.0)


def exponential(draw: Callable, scale: float) -> Callable:
    """Positive values whose logarithms are `scale` times as large as drawn."""
    return lambda rng, runs, seeds: np.exp(scale * draw(rng, runs, seeds))


def itemless(kind: str) -> Callable:
    """One value for each arm and seed: normal, skewed, heavy-tailed, or an accuracy over twenty questions."""

    def draw(rng: np.random.Generator, runs: int, seeds: int) -> np.ndarray:
        shape = (runs, 2, seeds, 1)
        return {
            "normal": lambda: rng.normal(size=shape),
            "skewed": lambda: np.exp(rng.normal(size=shape)),
            "heavy-tailed": lambda: rng.standard_t(3, size=shape),
            "accuracy of 20": lambda: rng.binomial(20, 0.6, size=shape) / 20,
        }[kind]()

    return draw

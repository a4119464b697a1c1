"""Simulated runs: every way in which outcomes vary that we could think of, with an effect planted or without one.

A `Regime` draws the values of many runs at once, shape (runs, arms, seeds, items[, K]); `decided_shares` judges each
run as a user's run is judged, through the outcomes table.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from workbench.claims import Cell, Claim, ClaimKind, Metric, Superiority
from workbench.engine import Arm, Engine, Paper, Tab
from workbench.schema import Config
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
        paper=Paper("", "", "", 2026, "", ""),
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

    Unless `itemless`, each value belongs to an item; `clusters` and `slices` name where the items belong. Arms that are
    `unpaired` have items of their own.
    """

    name: str
    draw: Callable[[np.random.Generator, int, int], np.ndarray]
    clusters: tuple[str, ...] | None = None
    slices: tuple[str, ...] | None = None
    unpaired: bool = False
    itemless: bool = False
    trained: bool = True
    metric: Metric = SCORE
    claims: dict[str, ClaimKind] = field(default_factory=lambda: {"a_above_b": A_ABOVE_B})

    def frame(self, seeds: int, items: int) -> pd.DataFrame:
        """The outcomes table of one run, without its values."""
        arm, seed, item = (axis.ravel() for axis in np.meshgrid(range(2), range(seeds), range(items), indexing="ij"))
        names = [f"{'ab'[a] if self.unpaired else ''}i{i}" for a, i in zip(arm, item, strict=True)]
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


def decided_shares(regime: Regime, seeds: int, runs: int = 1000, effect: float = 0.0, seed: int = 0) -> Counter[str]:
    """Verdicts of `runs` simulated runs; a run with several claims counts as its most decided one."""
    rng = np.random.default_rng([seed, seeds, *regime.name.encode()])
    values = regime.draw(rng, runs, seeds)
    if effect:
        values = values.copy()
        values[:, 0] += effect
    frame = regime.frame(seeds, values.shape[3])
    engine = card(regime.claims, (regime.metric,), regime.trained)
    found: Counter[str] = Counter()
    for run in values:
        flat = run.reshape(len(frame), -1)
        frame["value"] = flat[:, 0] if flat.shape[1] == 1 else list(map(tuple, flat.tolist()))
        verdicts = {verdict.verdict for verdict in judge(engine, frame)}
        found[min(verdicts, key=["holds", "does not hold", "not measurable here", "undecided"].index)] += 1
    return found


def decided(found: Counter[str]) -> float:
    """Share of runs that came out decided, in percent."""
    return 100 * (found["holds"] + found["does not hold"]) / found.total()


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


def f1_counts(items: int = 40) -> Callable:
    """(true positives, false positives, false negatives) of sentences, for the F1 of a corpus."""

    def draw(rng: np.random.Generator, runs: int, seeds: int) -> np.ndarray:
        easy = rng.beta(2, 2, size=(runs, 2, 1, items, 1))
        counts = rng.poisson([4.0, 2.0, 2.0] * np.concatenate([easy, 1 - easy, 1 - easy], axis=-1))
        return counts + rng.poisson(0.5, size=(runs, 2, seeds, items, 3)) * (seeds > 1)

    return draw


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

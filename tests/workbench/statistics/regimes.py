"""The regimes under which null runs must stay undecided."""

import numpy as np

from tests.workbench.statistics.crossed_draws import CrossedDesign
from tests.workbench.statistics.null_runs import (
    A_ABOVE_B,
    Regime,
    binary,
    clustered,
    crossed,
    exponential,
    f1_counts,
    itemless,
    repeated,
    skewed,
    varying,
)
from workbench.contract.claims import (
    Cell,
    Conjunction,
    DifferenceOfDifferences,
    Equivalence,
    Metric,
    NonInferiority,
    Share,
    Superiority,
    Trend,
)

SIZES = (1, 1, 2, 3, 5, 8, 13, 21, 34)
F1 = Metric(
    "score", "", "higher", "F1 of the corpus.", lambda s: 2 * s[..., 0] / (2 * s[..., 0] + s[..., 1] + s[..., 2])
)


def _in(arm: str, path: str = "", log: bool = False) -> Cell:
    return Cell("score", arm, path, log)


def _members(sizes: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(f"c{k}" for k, size in enumerate(sizes) for _ in range(size))


def _lower(draw, by: float):
    def moved(rng, runs, seeds):
        values = draw(rng, runs, seeds).copy()
        values[:, 0] -= by
        return values

    return moved


def _losing(rate: float, items: int = 100):
    """Arm b is always right, arm a wrong with chance `rate`: the loss of a is `rate` exactly, all of it rare."""

    def draw(rng, runs, seeds):
        values = np.ones((runs, 2, 1, items))
        values[:, 0] = rng.random((runs, 1, items)) >= rate
        return values.repeat(seeds, axis=2)

    return draw


def _one_claim(kind):
    return {"claim": kind}


SEEDLESS = (
    Regime("items dominate", varying(1, 0, 0), trained=False),
    Regime("six items", varying(1, 0, 0.2, items=6), trained=False),
    Regime("five clusters", varying(1, 0, 0, items=5), trained=False),
    Regime("clusters of unequal size", clustered(SIZES, 0.5), clusters=_members(SIZES), trained=False),
    Regime("binary", binary(0.5, 0.2), trained=False),
    Regime("binary, the same under every seed", repeated(binary(0.6, 0.1)), trained=False),
    Regime("rare discordant pairs", repeated(binary(0.8, 0.02)), trained=False),
    Regime("skewed", skewed(one_arm=False), trained=False),
    Regime("skewed in one arm", skewed(one_arm=True, items=80), trained=False),
    Regime("corpus F1", f1_counts(), metric=F1, trained=False),
    Regime(
        "log ratio of skewed",
        skewed(False),
        trained=False,
        claims=_one_claim(Superiority(_in("a", log=True), _in("b", log=True))),
    ),
    Regime("unpaired arms", varying(1, 0.0, 0.3, shared=0), unpaired=True, trained=False),
    Regime(
        "unpaired slices",
        varying(1, 0.0, 0.2, shared=0),
        slices=("x",) * 6 + ("y",) * 24,
        trained=False,
        claims=_one_claim(Superiority(_in("a", "x"), _in("a", "y"))),
    ),
    Regime(
        "difference of differences",
        varying(1, 0.0, 0.2),
        slices=("x",) * 10 + ("y",) * 20,
        trained=False,
        claims=_one_claim(DifferenceOfDifferences((_in("a", "x"), _in("b", "x")), (_in("a", "y"), _in("b", "y")))),
    ),
    Regime(
        "share at its bar",
        repeated(binary(0.1, 0.0, 60)),
        trained=False,
        truth=0.1,
        claims=_one_claim(Share(_in("a"), 0.1)),
    ),
    Regime(
        "non-inferior at the margin",
        repeated(_lower(varying(1, 0, 0), 1.0)),
        trained=False,
        truth=-1.0,
        claims=_one_claim(NonInferiority(_in("a"), _in("b"), 1.0)),
    ),
    Regime(
        "rare losses at the margin",
        _losing(0.04),
        trained=False,
        truth=-0.04,
        claims=_one_claim(NonInferiority(_in("a"), _in("b"), 0.04)),
    ),
    Regime(
        "equivalent at the margin",
        _lower(varying(1, 0, 0), 1.5),
        trained=False,
        truth=-1.5,
        claims=_one_claim(Equivalence(_in("a"), _in("b"), 1.5)),
    ),
    Regime(
        "trend over slices",
        varying(1, 0, 0.2),
        slices=tuple(f"layer/{i % 6}" for i in range(30)),
        trained=False,
        claims=_one_claim(Trend(along=_in("a", "layer/*"))),
    ),
    Regime(
        "four claims",
        varying(1, 0, 0.2),
        trained=False,
        claims={
            "all": A_ABOVE_B,
            **{f"part {k}": Superiority(_in("a", f"part/{k}"), _in("b", f"part/{k}")) for k in range(3)},
        },
    ),
    Regime(
        "conjunction of three",
        varying(1, 0, 0.2),
        trained=False,
        truth=None,
        claims=_one_claim(
            Conjunction(tuple(Superiority(_in("a", f"part/{k}"), _in("b", f"part/{k}")) for k in range(3)))
        ),
    ),
)
"""Seeds are no source of error of their own; one seed may decide."""

EIGHT = _members((12,) * 8)
QUARTERS = tuple(f"layer/{i % 4}" for i in range(96))
HALVES = tuple("xy"[i % 2] for i in range(96))
ALIKE = CrossedDesign("share", 8, 0.1, per_cluster=12, seed_spread=0.5)

STRUCTURED = (
    Regime(
        "forms of one question, shares",
        crossed(CrossedDesign("share", 30, 0.4, per_cluster=3, seed_spread=0.5)),
        forms=3,
        trained=False,
    ),
    Regime("forms of one question, means", clustered((3,) * 20, 0.5), forms=3, trained=False),
    Regime(
        "trend of shares in clusters",
        crossed(ALIKE),
        clusters=EIGHT,
        slices=QUARTERS,
        trained=False,
        claims=_one_claim(Trend(along=_in("a", "layer/*"))),
    ),
    Regime(
        "difference of differences of shares in clusters",
        crossed(ALIKE),
        clusters=EIGHT,
        slices=HALVES,
        trained=False,
        claims=_one_claim(DifferenceOfDifferences((_in("a", "x"), _in("b", "x")), (_in("a", "y"), _in("b", "y")))),
    ),
    Regime(
        "conjunction of shares in clusters",
        crossed(ALIKE),
        clusters=EIGHT,
        slices=HALVES,
        trained=False,
        truth=None,
        claims=_one_claim(Conjunction(tuple(Superiority(_in("a", path), _in("b", path)) for path in "xy"))),
    ),
    Regime(
        "log ratio in clusters",
        exponential(crossed(CrossedDesign("mean", 8, 0.1, per_cluster=12, seed_spread=0.5)), 0.4),
        clusters=EIGHT,
        trained=False,
        claims=_one_claim(Superiority(_in("a", log=True), _in("b", log=True))),
    ),
    Regime("corpus F1 in clusters", f1_counts(96, 8), clusters=EIGHT, metric=F1, trained=False),
    Regime(
        "corpus F1 and its logarithm",
        f1_counts(),
        metric=F1,
        trained=False,
        claims=_one_claim(Superiority(_in("a", log=True), _in("b", log=True))),
    ),
)
"""Whatever a claim can be made of, over clusters and over several values of one item."""

SEEDED = (
    Regime("seeds dominate", varying(0.05, 1, 0)),
    Regime("interaction dominates", varying(0, 0, 1)),
    Regime("all alike", varying(1, 1, 1)),
    Regime("mostly seeds", varying(0.25, 0.75, 0)),
    Regime("mostly items", varying(0.75, 0.25, 0)),
    Regime("interaction and seeds", varying(0, 0.5, 0.5)),
    Regime("six items and seeds", varying(1, 1, 0.3, items=6)),
    Regime("binary and seeds", binary(0.7, 0.15, spread=0.3)),
    Regime("rare discordant pairs and seeds", binary(0.9, 0.01, spread=0.5)),
    Regime("clusters and seeds", clustered(SIZES, 0.5), clusters=_members(SIZES)),
)

ITEMLESS = tuple(
    Regime(f"no items, {kind}", itemless(kind), itemless=True)
    for kind in ("normal", "skewed", "heavy-tailed", "accuracy of 20")
)

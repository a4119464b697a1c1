"""Seconds to judge fourteen claims on 200,000 outcomes, beside pandas grouping the same table once.

Half of the claims are about means and half about shares, of items in clusters, under five seeds of trained arms: every
kind, a conjunction and a logarithm. Run `python -m tests.benchmarks.bench_statistics` or
`pytest -n0 -m benchmark tests/benchmarks/bench_statistics.py`.
"""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.workbench.statistics.null_runs import card
from workbench.contract.claims import (
    Cell,
    ClaimKind,
    Conjunction,
    DifferenceOfDifferences,
    Equivalence,
    Metric,
    NonInferiority,
    Share,
    Superiority,
    Trend,
)
from workbench.statistics import judge

SEEDS, ITEMS, CLUSTERS, ROUNDS = 5, 10_000, 500, 5
METRICS = (Metric("score", "", "higher", "A mean."), Metric("right", "share", "higher", "A share."))


def claims_about(metric: str) -> dict[str, ClaimKind]:
    a, b = Cell(metric, "a"), Cell(metric, "b")
    above = Superiority(a, b)
    halves = [(Cell(metric, "a", part), Cell(metric, "b", part)) for part in ("part/0", "part/1")]
    return {
        f"{metric} above": above,
        f"{metric} no worse": NonInferiority(a, b, 0.1),
        f"{metric} alike": Equivalence(a, b, 0.1),
        f"{metric} beyond": Share(a, 0.5),
        f"{metric} ratio": Superiority(Cell(metric, "a", log=True), Cell(metric, "b", log=True)),
        f"{metric} rises": Trend(along=Cell(metric, "a", "part/*")),
        f"{metric} all": Conjunction((above, DifferenceOfDifferences(*halves), Share(b, 0.1))),
    }


CLAIMS = claims_about("score") | claims_about("right")


def outcomes() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    metric, arm, seed, item = (axis.ravel() for axis in np.indices((2, 2, SEEDS, ITEMS)))
    drawn = rng.normal(0.5, 1.0, size=len(arm))
    return pd.DataFrame(
        {
            "arm": np.array(["a", "b"])[arm],
            "metric": np.array(["score", "right"])[metric],
            "seed": seed,
            "value": np.where(metric == 0, drawn + 5, drawn > 0),
            "item": [f"item {i}" for i in item],
            "cluster": [f"cluster {i % CLUSTERS}" for i in item],
            "slice": [f"part/{i // CLUSTERS % 4}" for i in item],
        }
    )


def means(frame: pd.DataFrame) -> pd.Series:
    return frame.groupby(["arm", "metric", "seed", "item"]).value.mean()


def median_seconds(act: Callable[[], object]) -> float:
    act()
    spent = []
    for _ in range(ROUNDS):
        start = time.process_time()
        act()
        spent.append(time.process_time() - start)
    return float(np.median(spent))


def measure() -> tuple[float, float]:
    frame = outcomes()
    judging = median_seconds(lambda: judge(card(CLAIMS, METRICS), frame))
    grouping = median_seconds(lambda: means(frame))
    print(f"{len(frame)} outcomes, {len(CLAIMS)} claims: {judging:.2f} CPU s; one pandas groupby: {grouping:.2f} CPU s")
    return judging, grouping


@pytest.mark.benchmark
def test_judging_costs_a_few_groupings():
    judging, grouping = measure()
    assert judging < 15 * grouping


if __name__ == "__main__":
    measure()

"""Seconds to judge an engine's claims on 200,000 outcomes, beside pandas grouping the same table once.

Run `python -m tests.benchmarks.bench_statistics` or `pytest -n0 -m benchmark tests/benchmarks/bench_statistics.py`.
"""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.workbench.null_runs import A_ABOVE_B, card
from workbench.claims import Cell, Conjunction, Equivalence, NonInferiority, Share
from workbench.statistics import judge

SEEDS, ITEMS, ROUNDS = 5, 20_000, 5
A, B = Cell("score", "a"), Cell("score", "b")
CLAIMS = {
    "above": A_ABOVE_B,
    "no worse": NonInferiority(A, B, 0.1),
    "alike": Equivalence(A, B, 0.1),
    "share": Share(A, 0.5),
    "all": Conjunction((A_ABOVE_B, Share(B, 0.0), Share(A, 0.0))),
}


def outcomes() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    arm, seed, item = (axis.ravel() for axis in np.indices((2, SEEDS, ITEMS)))
    return pd.DataFrame(
        {
            "arm": np.array(["a", "b"])[arm],
            "metric": "score",
            "seed": seed,
            "value": rng.normal(size=len(arm)),
            "item": [f"item {i}" for i in item],
            "cluster": None,
            "slice": "",
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
    judging = median_seconds(lambda: judge(card(CLAIMS), frame))
    grouping = median_seconds(lambda: means(frame))
    print(f"{len(frame)} outcomes, {len(CLAIMS)} claims: {judging:.2f} CPU s; one pandas groupby: {grouping:.2f} CPU s")
    return judging, grouping


@pytest.mark.benchmark
def test_judging_costs_a_few_groupings():
    judging, grouping = measure()
    assert judging < 10 * grouping


if __name__ == "__main__":
    measure()

"""One contrast examined: what decides, what cannot, where arms cannot be told apart."""

import numpy as np
import pandas as pd
import pytest

from workbench.contract.claims import (
    Cell,
    Equivalence,
    Metric,
    NonInferiority,
    Share,
    SingleKind,
    Superiority,
    Trend,
)
from workbench.statistics.findings import Examiner, Finding
from workbench.statistics.observations import Observations

ACCURACY = Metric("score", "share", "higher", "", floor=0.0, ceiling=1.0, chance=0.25)
LOSS = Metric("loss", "nats", "lower", "")
COUNTED = Metric("parameters", "", "lower", "", counted=True)
A, B = Cell("score", "a"), Cell("score", "b")
RNG = np.random.default_rng(5)


def run(metric: str = "score", slice: str = "", **arms: np.ndarray) -> pd.DataFrame:
    """Outcomes of arms, each (seeds, items)."""
    frames = []
    for arm, values in arms.items():
        seed, item = np.indices(values.shape).reshape(2, -1)
        frames.append(
            pd.DataFrame(
                {
                    "arm": arm,
                    "metric": metric,
                    "seed": seed,
                    "value": values.ravel(),
                    "item": [f"i{i}" for i in item],
                    "cluster": None,
                    "slice": slice,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def examine(frame: pd.DataFrame, kind: SingleKind, *, trained: bool = False, needed: int = 2) -> Finding:
    metrics = (ACCURACY, LOSS, COUNTED)
    trains = dict.fromkeys("ab", trained)
    return Examiner(Observations(frame, metrics), metrics, trains).examine(kind, needed)


def answers(share: float, seeds: int = 1, items: int = 200) -> np.ndarray:
    """Exactly that share of ones, spread over the items."""
    right = np.arange(items) < round(share * items)
    return np.array([np.random.default_rng(k).permutation(right) for k in range(seeds)], dtype=float)


def test_lower_is_better_where_the_metric_says_so():
    frame = run("loss", a=RNG.normal(1, 0.1, (1, 30)), b=RNG.normal(2, 0.1, (1, 30)))
    found = examine(frame, Superiority(Cell("loss", "a"), Cell("loss", "b")))
    assert found.favours and found.p is not None and found.p < 0.001
    assert found.unit == "nats"


def test_one_seed_of_a_trained_arm_has_no_p():
    found = examine(run(a=answers(0.9), b=answers(0.5)), Superiority(A, B), trained=True)
    assert found.p is None and found.obstacle == "one seed" and "One seed" in found.problem
    assert found.estimate is not None and found.estimate.interval()[0] > 0


def test_an_undeclared_arm_counts_as_trained():
    frame = run(mine=answers(0.9), b=answers(0.5))
    assert examine(frame, Superiority(Cell("score", "mine"), B)).obstacle == "one seed"


def test_too_few_clusters_have_no_p():
    found = examine(run(a=answers(0.9, items=6), b=answers(0.1, items=6)), Superiority(A, B), needed=8)
    assert found.p is None and found.problem == "The claim needs 8 clusters and the run has 6."


def test_without_items_and_with_seeds_alike_chance_cannot_be_judged():
    frame = run(a=np.full((3, 1), 0.9), b=np.full((3, 1), 0.1)).assign(item=None)
    assert "chance cannot be judged" in examine(frame, Superiority(A, B)).problem


def test_the_log_ratio_does_not_depend_on_the_unit():
    a, b = RNG.gamma(5, size=(2, 1, 40))
    kind = Superiority(Cell("loss", "a", log=True), Cell("loss", "b", log=True))
    one, thousand = (examine(run("loss", a=s * a, b=s * b), kind) for s in (1, 1000))
    assert one.estimate is not None and thousand.estimate is not None
    assert one.estimate.value == pytest.approx(-np.log(a.mean() / b.mean()))
    assert one.p == pytest.approx(thousand.p)
    assert one.unit == "log ratio"


def test_equivalence_needs_both_bars_out():
    frame = run("loss", a=RNG.normal(0.5, 0.5, (1, 100)), b=np.zeros((1, 100)))
    wide, narrow, left = (
        examine(frame, Equivalence(Cell("loss", "a"), Cell("loss", "b"), margin)) for margin in (1.0, 0.5, 0.1)
    )
    assert wide.favours and wide.p is not None and wide.p < 0.001
    assert narrow.p is not None and narrow.p > 0.05
    assert not left.favours and left.p is not None and left.p < 0.001


def test_non_inferiority_is_measured_from_the_margin():
    frame = run("loss", a=RNG.normal(0.1, 0.2, (1, 100)), b=RNG.normal(0.0, 0.2, (1, 100)))
    found = examine(frame, NonInferiority(Cell("loss", "a"), Cell("loss", "b"), 0.3))
    assert found.estimate is not None and found.distance == pytest.approx(found.estimate.value + 0.3)


def test_a_trend_follows_the_numbers_in_its_slices():
    frames = [run("loss", slice=f"layer/{x}", a=3.0 * x + RNG.normal(size=(1, 20))) for x in (1, 2, 10)]
    found = examine(pd.concat(frames), Trend(along=Cell("loss", "a", "layer/*")))
    assert found.estimate is not None and found.estimate.value == pytest.approx(3.0, abs=0.2)
    falling = examine(pd.concat(frames), Trend(along=Cell("loss", "a", "layer/*"), direction="falling"))
    assert not falling.favours and falling.shown == -1.0


@pytest.mark.parametrize("path", ["layer/x", "layer"])
def test_a_trend_without_numbers_or_points_says_so(path: str):
    frame = run("loss", slice=path, a=RNG.normal(size=(1, 20)))
    found = examine(frame, Trend(along=Cell("loss", "a", "layer/*")))
    assert found.p is None and found.problem


def test_metrics_of_opposite_directions_are_not_compared():
    frame = pd.concat([run(a=answers(0.9)), run("loss", a=answers(0.5))])
    assert "opposite directions" in examine(frame, Superiority(A, Cell("loss", "a"))).problem


@pytest.mark.parametrize(("level", "share"), [("floor 0", 0.01), ("ceiling 1", 0.995), ("chance 0.25", 0.26)])
def test_arms_at_one_level_cannot_be_told_apart(level: str, share: float):
    assert examine(run(a=answers(share), b=answers(share)[:, ::-1]), Superiority(A, B)).unmeasurable == level


def test_arms_at_different_levels_can_be_told_apart():
    assert examine(run(a=answers(1.0), b=answers(0.0)), Superiority(A, B)).unmeasurable == ""
    assert examine(run(a=answers(0.26), b=answers(0.9)), Superiority(A, B)).unmeasurable == ""


def test_a_handful_of_items_is_undecided_and_not_unmeasurable():
    few = answers(0.6, items=5)
    assert examine(run(a=few, b=few[:, ::-1]), Superiority(A, B)).unmeasurable == ""


def test_a_share_is_measurable_wherever_it_lies():
    found = examine(run(a=answers(1.0)), Share(A, 0.95))
    assert found.unmeasurable == "" and found.p is not None and found.p < 0.05


def test_missing_outcomes_are_a_problem_with_a_remedy():
    found = examine(run(a=answers(0.5)), Superiority(A, B))
    assert (found.estimate, found.obstacle, found.missing) == (None, "absent", {"arms": ["b"]})
    broken = run("loss", a=np.zeros((1, 9)), b=np.ones((1, 9)))
    logs = Superiority(Cell("loss", "a", log=True), Cell("loss", "b", log=True))
    assert "without the logarithm" in examine(broken, logs).problem


def test_what_is_missing_is_named_by_kind():
    frame = pd.concat([run(a=answers(0.5), b=answers(0.5)), run("loss", slice="x", a=answers(0.5))])
    loss, slices = (examine(frame, Superiority(Cell(*one), Cell(*other))) for one, other in (
        (("loss", "a"), ("loss", "b")), (("loss", "a", "x"), ("loss", "a", "y")),
    ))  # fmt: skip
    assert loss.missing == {"metrics": ["loss"]}
    assert slices.missing == {"slices": ["y"]}


@pytest.mark.parametrize(("a", "b", "favours"), [(10.0, 20.0, True), (20.0, 10.0, False), (10.0, 10.0, False)])
def test_counted_numbers_are_compared_as_numbers(a: float, b: float, favours: bool):
    frame = run("parameters", a=np.full((1, 1), a), b=np.full((1, 1), b)).assign(item=None)
    found = examine(frame, Superiority(Cell("parameters", "a"), Cell("parameters", "b")), trained=True)
    assert (found.counted, found.p, found.favours) == (True, None, favours)
    assert found.estimate is not None and found.estimate.value == b - a


def test_a_mean_of_few_clusters_has_an_interval_and_no_p():
    values = RNG.normal(3.0, 0.1, (1, 30))
    frame = run("loss", a=values, b=values + 1 + RNG.normal(0, 0.1, (1, 30)))
    frame["cluster"] = [f"c{int(item[1:]) % 3}" for item in frame.item]
    found = examine(frame, Superiority(Cell("loss", "a"), Cell("loss", "b")))
    assert (found.p, found.obstacle) == (None, "few clusters")
    assert found.estimate is not None and found.estimate.interval()[0] > 0


def test_shares_of_few_clusters_may_decide():
    frame = run(a=answers(0.95, items=300), b=answers(0.05, items=300))
    frame["cluster"] = [f"c{int(item[1:]) % 3}" for item in frame.item]
    found = examine(frame, Superiority(A, B))
    assert found.estimate is not None and found.estimate.few
    assert found.p is not None and found.p < 0.05


def test_one_cluster_says_nothing():
    frame = run(a=answers(0.9), b=answers(0.1)).assign(cluster="paper")
    assert "single item (or cluster) says nothing" in examine(frame, Superiority(A, B)).problem


def test_an_arm_near_the_ceiling_is_named():
    found = examine(run(a=answers(1.0), b=answers(0.7)), Superiority(A, B))
    assert found.near == {"ceiling": ["a"]}


def test_differences_of_shares_are_points():
    assert examine(run(a=answers(0.9), b=answers(0.5)), Superiority(A, B)).unit == "points"
    assert examine(run(a=answers(0.9)), Share(A, 0.5)).unit == "share"

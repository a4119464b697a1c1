"""Planted runs have the effect, the spread and the likeness that their design names."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench.contract.claims import Cell, Contrast, Design, Metric, Superiority
from workbench.statistics.findings import Examiner
from workbench.statistics.observations import Observations, Sums
from workbench.statistics.planted_runs import Planting

RIGHT, LOST = Metric("right", "share", "higher", ""), Metric("lost", "share", "lower", "")
SCORE = Metric("score", "", "higher", "")


def _planting(metric: Metric, design: Design, value: float = 0.2, **more) -> Planting:
    sign = -1.0 if metric.better == "lower" else 1.0
    terms = ((sign, Cell(metric.name, "a")), (-sign, Cell(metric.name, "b")))
    given = {"seeds": 1, "seed_deviation": 0.0, "trained": {"a": True, "b": False}, "split": False} | more
    return Planting(Contrast(terms, 0.0, "above"), design, metric, value, **given)


def _differences(planting: Planting, runs: int = 60) -> np.ndarray:
    """Difference of each item, (runs, seeds, items)."""
    drawn = [outcomes.drawn for outcomes in planting.outcomes(runs, np.random.default_rng(0))]
    parts = np.array([np.array(sums.parts)[..., 0] for sums in drawn])
    return np.tensordot(planting.weights, parts, axes=(0, 1))


@pytest.mark.parametrize("metric", [RIGHT, LOST, SCORE], ids=lambda metric: metric.name)
def test_the_effect_is_the_one_that_was_planted(metric: Metric):
    differences = _differences(_planting(metric, Design(400, 400, 0.0, level=0.5)))
    assert differences.mean() == pytest.approx(0.2, abs=0.015)


def test_the_weakest_arm_lies_at_the_level():
    assert _planting(RIGHT, Design(9, 9, level=0.3)).numbers() == pytest.approx([0.5, 0.3])
    assert _planting(LOST, Design(9, 9, level=0.6)).numbers() == pytest.approx([0.4, 0.6])
    assert _planting(RIGHT, Design(9, 9, level=0.3), -0.1).numbers() == pytest.approx([0.3, 0.4])
    with pytest.raises(ValueError, match="1\\.1"):
        _planting(RIGHT, Design(9, 9, level=0.9)).numbers()


@pytest.mark.parametrize(("metric", "spread"), [(SCORE, 2.0), (RIGHT, 0.3)])
def test_items_differ_as_the_design_says(metric: Metric, spread: float):
    differences = _differences(_planting(metric, Design(400, 400, 0.0, spread=spread), 0.05))
    assert differences.std() == pytest.approx(spread, rel=0.05)


@pytest.mark.parametrize(("metric", "level"), [(SCORE, 0.5), (RIGHT, 0.5), (RIGHT, 0.1)])
def test_items_of_a_cluster_are_as_alike_as_the_design_says(metric: Metric, level: float):
    design = Design(400, 40, 0.1, level=level)
    differences = _differences(_planting(metric, design, 0.05), 200)[:, 0].reshape(200, 40, 10)
    between, within = differences.mean(axis=2).var(axis=1).mean(), differences.var(axis=2, ddof=1).mean()
    likeness = (between - within / 10) / (between + within * 0.9)
    assert likeness == pytest.approx(0.1, abs=0.025)


@pytest.mark.parametrize("split", [False, True])
def test_seeds_move_the_difference_as_far_as_asked(split: bool):
    planting = _planting(SCORE, Design(400, 400, 0.0), seeds=8, seed_deviation=0.3, split=split)
    moved = _differences(planting, 200).mean(axis=2)
    assert np.sqrt(moved.var(axis=1, ddof=1).mean()) == pytest.approx(0.3, rel=0.1)


def test_only_trained_arms_move_with_their_seeds():
    planting = _planting(SCORE, Design(20, 20, 0.0), seeds=3, seed_deviation=0.3)
    (outcomes,) = planting.outcomes(1, np.random.default_rng(0))
    assert outcomes.drawn.parts is not None
    moved = [bool(np.ptp(part[..., 0], axis=0).any()) for part in outcomes.drawn.parts]
    assert moved == [True, False]


def test_a_ratio_is_planted_on_its_logarithm():
    cells = [Cell("score", arm, log=True) for arm in "ab"]
    planting = replace(
        _planting(SCORE, Design(4000, 4000, 0.0, spread=0.5), 0.3),
        contrast=Contrast(((1.0, cells[0]), (-1.0, cells[1])), 0.0, "above"),
    )
    (outcomes,) = planting.outcomes(1, np.random.default_rng(0))
    a, b = (total[0, 0] for total in outcomes.drawn.totals)
    assert np.log(a / b) == pytest.approx(0.3, abs=0.04)


def test_slices_have_units_of_their_own_and_share_their_clusters():
    cells = [Cell("score", "a", path) for path in ("x", "y")]
    planting = replace(
        _planting(SCORE, Design(6, 3)), contrast=Contrast(((1.0, cells[0]), (-1.0, cells[1])), 0.0, "above")
    )
    (outcomes,) = planting.outcomes(1, np.random.default_rng(0))
    assert outcomes.drawn.counts is not None and outcomes.drawn.cluster is not None
    assert outcomes.drawn.counts.sum(axis=(1, 2)).tolist() == [6.0, 6.0]
    assert (outcomes.drawn.counts.sum(axis=0) == 1).all()
    assert outcomes.drawn.cluster.tolist() == [0, 0, 1, 1, 2, 2] * 2


@pytest.mark.parametrize("paths", [("", ""), ("x", "y")], ids=["one slice", "two slices"])
def test_a_planted_run_is_judged_as_its_table_would_be(paths: tuple[str, str]):
    cells = [Cell("right", arm, path) for arm, path in zip("ab", paths, strict=True)]
    planting = replace(
        _planting(RIGHT, Design(60, 12), seeds=3, seed_deviation=0.05),
        contrast=Contrast(((1.0, cells[0]), (-1.0, cells[1])), 0.0, "above"),
    )
    (outcomes,) = planting.outcomes(1, np.random.default_rng(0))
    table = Observations(_table(cells, outcomes.drawn), (RIGHT,))
    kind, trained = Superiority(*cells), {"a": True, "b": False}
    simulated, tabled = (Examiner(each, (RIGHT,), trained).examine(kind) for each in (outcomes, table))
    assert simulated.p == pytest.approx(tabled.p)
    assert simulated.interval(0.05) == pytest.approx(tabled.interval(0.05))


def _table(cells: list[Cell], drawn: Sums) -> pd.DataFrame:
    assert drawn.parts is not None and drawn.cluster is not None
    rows = [
        {
            "arm": cell.arm,
            "metric": cell.metric,
            "seed": seed,
            "value": part[seed, unit, 0],
            "item": f"i{unit % drawn.items}",
            "cluster": f"c{drawn.cluster[unit]}",
            "slice": cell.slice,
        }
        for cell, part in zip(cells, drawn.parts, strict=True)
        for seed in range(part.shape[0])
        for unit in np.flatnonzero(part[seed, :, 1])
    ]
    return pd.DataFrame(rows)

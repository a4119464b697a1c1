"""Intervals of arms: what pictures draw."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.workbench.statistics.null_runs import A_ABOVE_B, SCORE, card
from tests.workbench.statistics.test_findings import run
from tests.workbench.statistics.test_verdicts import inference, shifted
from workbench.contract.circumstances import Circumstances
from workbench.contract.claims import Cell, Superiority
from workbench.statistics import arm_intervals, judge
from workbench.statistics.arm_intervals import COLUMNS


def test_arms_have_their_mean_and_its_interval():
    frame = shifted(3.0, seeds=1)
    rows = arm_intervals(inference(), frame)
    assert tuple(rows.columns) == COLUMNS
    assert rows.arm.tolist() == ["a", "b"]
    a = frame[frame.arm == "a"].value
    assert rows.estimate[0] == pytest.approx(a.mean())
    assert rows.low[0] <= a.mean() - stats.t.isf(0.025, 39) * stats.sem(a) + 1e-9
    assert rows.loc[0, ["seeds", "items", "clusters"]].tolist() == [1, 40, 40]


def test_differences_to_an_arm_are_the_verdicts_own():
    frame = shifted(3.0)
    engine = inference(claim=A_ABOVE_B)
    (row,) = arm_intervals(engine, frame, against="b").itertuples()
    (verdict,) = judge(engine, frame)
    assert (row.arm, row.estimate, row.low, row.high) == ("a", verdict.estimate, verdict.low, verdict.high)
    assert (row.deciding_low, row.deciding_high) == (verdict.deciding_low, verdict.deciding_high)


def test_the_deciding_interval_is_the_strictest_claims():
    kinds = {f"c{k}": Superiority(Cell("score", "a", f"s{k}"), Cell("score", "b", f"s{k}")) for k in range(3)}
    frame = pd.concat([shifted(3.0, seeds=1, slice=f"s{k}") for k in range(3)])
    rows = arm_intervals(inference(**kinds), frame)
    assert (rows.deciding_low < rows.low).iloc[0] and (rows.deciding_high > rows.high).iloc[0]
    assert (arm_intervals(inference(), frame).deciding_low == arm_intervals(inference(), frame).low).all()


def test_one_row_for_each_slice_along_a_glob():
    frame = pd.concat([shifted(3.0, slice=f"{kind}/{k}/held_out") for kind in ("form", "style") for k in range(2)])
    along = arm_intervals(inference(), frame, along="form/*")
    assert along.slice.tolist() == ["form/0", "form/1"] * 2
    assert arm_intervals(inference(), frame, within="style").slice.tolist() == ["style"] * 2
    assert arm_intervals(inference(), frame, along="language/*").empty


def test_a_slice_that_is_one_cluster_has_its_items_for_a_sample():
    each = [shifted(3.0, slice=f"language/{name}").assign(cluster=name) for name in ("fr", "de")]
    rows = arm_intervals(inference(), pd.concat(each), along="language/*", against="b")
    alone = arm_intervals(inference(), each[0].assign(cluster=None), against="b")
    assert rows.slice.tolist() == ["language/fr", "language/de"]
    assert rows.loc[0, ["estimate", "low", "high", "clusters"]].tolist() == pytest.approx(
        alone.loc[0, ["estimate", "low", "high", "clusters"]].tolist()
    )
    assert arm_intervals(inference(), each[0], against="b").low.isna().all()
    twice = pd.concat([each[0], each[0].assign(slice="language/fr/again")])
    again = arm_intervals(inference(), twice, along="language/*", against="b")
    assert again.loc[0, ["items", "clusters"]].tolist() == [40, 40], "an item seen under two slices is one"
    assert again.low[0] == pytest.approx(rows.low[0])


def test_one_seed_of_a_trained_arm_is_said():
    rows = arm_intervals(card({}), shifted(3.0, seeds=1))
    assert rows.caution.str.startswith("One seed").all() and rows.low.notna().all()
    assert (arm_intervals(inference(), shifted(3.0, seeds=1)).caution == "").all()


def test_arms_stand_in_the_order_of_the_run():
    known = Circumstances(arms=("b", "a"))
    assert arm_intervals(inference(), shifted(3.0), known).arm.tolist() == ["b", "a"]


def test_nothing_and_what_cannot_be_measured():
    frame = shifted(3.0)
    assert arm_intervals(inference(), frame.iloc[:0]).empty
    broken = arm_intervals(inference(), frame.assign(value=np.nan))
    assert broken.estimate.isna().all() and (broken.seeds == 0).all() and broken.caution.str.len().gt(0).all()


def test_what_the_card_does_not_declare_is_left_out():
    frame = pd.concat([shifted(3.0), run("undeclared", a=np.ones((1, 5)))])
    assert set(arm_intervals(card({}, (SCORE,)), frame).metric) == {"score"}

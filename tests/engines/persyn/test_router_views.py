import pandas as pd
import pytest

from engines.persyn import rows as kinds
from engines.persyn.config import CurveControl
from engines.persyn.controls import RouterControl
from engines.persyn.router_views import (
    calibration_error,
    confusion,
    curve_rows,
    describe_confusion,
    describe_curve,
    describe_pairs,
    draw_confusion,
    draw_curve,
    draw_pairs,
    pair_bins,
    router_rows,
)
from tests.engines.persyn.shown_run import TEACHERS, frame, shown_frames, tables_of
from workbench.contract.views import NoControls

DONE = shown_frames()
RUN = tables_of(DONE)


def test_the_curve_is_a_mean_over_seeds():
    rows = curve_rows(RUN, CurveControl()).set_index(["of", "size"])
    assert list(rows.columns) == ["value"] and rows.loc[("router", 2), "value"] == pytest.approx(0.3)
    assert rows.loc[("best single teacher", 6), "value"] == pytest.approx(0.3)
    each = curve_rows(RUN, CurveControl(), each_seed=True)
    assert sorted(each[(each["of"] == "router") & (each["size"] == 2)]["value"]) == pytest.approx([0.2, 0.4])
    assert set(curve_rows(RUN, CurveControl(measure="hit_1"))["of"]) == {"router"}


def test_words_of_the_curve():
    text = describe_curve(RUN, CurveControl())
    assert text == ("Regret is 0.300 with 2 calibration prompts and 0.100 with 6; 0.300 with the best single teacher.")
    assert "fewer than four teachers" in describe_curve(RUN, CurveControl(measure="hit_3"))
    one = DONE[kinds.CurvePoint].head(1)
    assert "and" not in describe_curve(tables_of({kinds.CurvePoint: one}), CurveControl(measure="pairwise"))


def test_the_single_teacher_is_drawn_quietly():
    named = {trace.name: trace for trace in draw_curve(RUN, CurveControl()).data if trace.name}
    assert named["best single teacher"].line.dash == "dot" and named["router"].line.dash == "solid"
    assert draw_curve(RUN, CurveControl()).layout.xaxis.type == "log"


def test_seeds_are_points_and_no_band_is_drawn():
    made = draw_curve(RUN, CurveControl())
    assert not [trace for trace in made.data if trace.fill]
    points = next(trace for trace in made.data if trace.name == "router, each seed")
    assert points.mode == "markers" and len(points.y) == 6


HELD = frame(
    kinds.Choice, arm=["persyn"] * 5 + ["strong"], seed=0, place=[0, 1, 2, 3, 4, 0],
    split=["held_out"] * 4 + ["routed", "held_out"], teacher=["tiny a", "tiny a", "tiny b", "", "tiny a", "big c"],
    how="router", best=["tiny a", "big c", "tiny b", "tiny a", "tiny a", "tiny a"], reward=0.5, regret=0.1, hit_3=True,
)  # fmt: skip


def test_confusion_by_hand():
    rows = tables_of(DONE | {kinds.Choice: HELD})
    counts = confusion(rows, RouterControl())
    assert counts.index.tolist() == counts.columns.tolist() == list(TEACHERS)
    assert counts.to_numpy().tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]
    assert describe_confusion(rows, RouterControl()) == (
        "PerSyn chooses the best teacher for 2 of 3 held-out prompts; most often it takes tiny a where big c is better "
        "(1)."
    )
    assert draw_confusion(rows, RouterControl()).data[0].z[0] == [1, 0, 1]


def test_confusion_without_a_mistake():
    right = HELD.assign(teacher="tiny a", best="tiny a")
    assert describe_confusion(tables_of(DONE | {kinds.Choice: right}), RouterControl()).endswith("held-out prompts.")


BINS = frame(
    kinds.PairBin, arm="persyn", seed=[0, 1, 0], low=[0.2, 0.2, 0.7], high=[0.3, 0.3, 0.8], predicted=[0.2, 0.3, 0.75],
    observed=[0.0, 0.5, 0.75], pairs=[1, 3, 4],
)  # fmt: skip


def test_bins_are_weighed_by_pairs():
    bins = pair_bins(tables_of({kinds.PairBin: BINS}), RouterControl())
    assert bins["predicted"].tolist() == pytest.approx([0.275, 0.75])
    assert bins["observed"].tolist() == pytest.approx([0.375, 0.75]) and bins["pairs"].tolist() == [4, 4]
    assert calibration_error(bins) == pytest.approx(0.05)


def test_empty_bins_are_left_out():
    gap = BINS.assign(pairs=0, predicted=float("nan"), observed=float("nan"))
    rows = tables_of({kinds.PairBin: pd.concat([gap, BINS], ignore_index=True)})
    assert len(pair_bins(rows, RouterControl())) == 2
    assert "yet" in describe_pairs(tables_of({kinds.PairBin: gap}), RouterControl())


def test_predictions_are_drawn_beside_the_line_where_they_come_true():
    figure = draw_pairs(tables_of({kinds.PairBin: BINS}), RouterControl())
    named = {trace.name: trace for trace in figure.data}
    assert list(named["as predicted"].x) == list(named["as predicted"].y) == [0.0, 1.0]
    assert "differ by 0.050 on average over 8 pairs" in describe_pairs(
        tables_of({kinds.PairBin: BINS}), RouterControl()
    )


def test_routers_name_their_files():
    assert router_rows(RUN, NoControls())["file"].tolist() == ["router-persyn-0.safetensors"]

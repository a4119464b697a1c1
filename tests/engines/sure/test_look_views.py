import numpy as np
import pandas as pd
import pytest

from engines.sure.config import FeatureControl
from engines.sure.look_views import count_rows, densities, describe_densities, distance_rows
from engines.sure.rows import FormCount
from tests.engines.sure.tiny_run import tables
from workbench.contract.views import NoControls


def test_densities_integrate_to_one():
    draw = np.random.default_rng(0)
    ranked = pd.DataFrame({"group": ["preferred"] * 200 + ["least preferred"] * 200, "length": draw.normal(size=400)})
    curves = densities(ranked, "length")
    for _, curve in curves.groupby("group"):
        area = np.trapezoid(curve["density"], curve["value"])
        assert area == pytest.approx(1, abs=0.03)


def test_a_group_without_spread_has_no_density():
    ranked = pd.DataFrame({"group": ["a"] * 3 + ["b"] * 3, "length": [1.0, 1, 1, 1, 2, 3]})
    assert set(densities(ranked, "length")["group"]) == {"b"}
    assert densities(ranked.iloc[:0], "length").empty
    assert densities(pd.DataFrame({"group": ["a"], "length": [np.nan]}), "length").empty


def test_tests_are_told_in_words():
    rows = [("length", "ranked", 9, 0.5), ("length", "random", 9, 0.1)]
    frame = pd.DataFrame(rows, columns=["feature", "groups", "documents", "statistic"])
    text = describe_densities(tables(FeatureTest=frame), FeatureControl())
    assert "0.500" in text and "0.100" in text and " p " not in text
    assert distance_rows(tables(FeatureTest=frame), NoControls())["distance"].tolist() == [0.5, 0.1]
    assert "yet" in describe_densities(tables(FeatureTest=frame), FeatureControl(feature="perplexity"))


def test_counts_say_which_check_was_made():
    row = {name: 0 for name in FormCount.model_fields} | {"perturbation": "simple", "kind": "style", "judged": True}
    shown = count_rows(tables(FormCount=pd.DataFrame([row, {**row, "judged": False}])), NoControls())
    assert shown["check"].tolist() == ["entailment judged", "answer checked alone"]
    assert shown["form"].tolist() == ["simple style"] * 2

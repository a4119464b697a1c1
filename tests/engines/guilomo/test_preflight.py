import pytest

from engines.guilomo import ENGINE
from engines.guilomo.config import GuilomoConfig
from engines.guilomo.preflight import proposed
from tests.engines.guilomo.tiny_run import start, tiny_spec
from workbench.contract.fields import with_purpose
from workbench.contract.schema import Estimate, EstimatePart
from workbench.storage.home import place


def test_a_run_is_estimated_from_what_it_would_do():
    spec = with_purpose(tiny_spec(arms=("guilomo", "plain"), seeds=(0, 1)), "preflight")
    run = start(spec, place("runs"), "guilomo-before", work=ENGINE.load_preflight())
    parts = run.table(EstimatePart).set_index("phase")
    assert list(parts.index) == ["Search: planted", "Train: planted", "Search: own", "Train: own", "Answer: own"]
    assert "4 trainings" in parts.loc["Train: own", "basis"] and "2 times" in parts.loc["Search: own", "basis"]
    assert "20 in all, those of the untrained model too" in parts.loc["Answer: own", "basis"]
    estimate = run.table(Estimate).iloc[0]
    assert estimate["seconds"] == pytest.approx(parts["seconds"].sum())
    assert estimate["memory_bytes"] > 0 and estimate["disk_bytes"] > 0


def test_what_takes_too_long_is_proposed_smaller():
    proposal, reason = proposed(GuilomoConfig(train_items=300, search_steps=40, test_items=200), 7200, 10**8)
    assert proposal == {"search_steps": 20, "train_items": 150, "test_items": 100} and "120 minutes" in reason
    assert proposed(GuilomoConfig(), 50, 10**8) == ({}, "")
    assert proposed(GuilomoConfig(), 50, 10**15)[0]["batch"] == 1
    GuilomoConfig(**proposal)

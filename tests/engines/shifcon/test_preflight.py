import psutil
import pytest

from engines.shifcon import ENGINE
from engines.shifcon.config import ShifConConfig
from engines.shifcon.preflight import proposed, seconds_of
from tests.engines.shifcon.tiny_run import start, tiny_spec
from workbench.contract.schema import Estimate, EstimatePart


def test_the_preflight_measures_what_the_run_will_do(tmp_path):
    spec = tiny_spec().model_copy(update={"purpose": "preflight"})
    found = start(spec, tmp_path, "preflight", work=ENGINE.load_preflight())
    estimate = found.table(Estimate).iloc[0]
    parts = found.table(EstimatePart)
    assert estimate["seconds"] == pytest.approx(parts["seconds"].sum())
    assert (parts["seconds"] > 0).all()
    assert estimate["memory_bytes"] > 10**7
    assert estimate["disk_bytes"] > 10_000
    assert estimate["proposal"] == {}


def test_what_fits_is_left_as_it_is():
    assert proposed(ShifConConfig(), seconds=60, memory=10**6) == ({}, "")


def test_what_takes_too_long_gets_fewer_tokens():
    settings, reason = proposed(ShifConConfig(token_cap=400_000), seconds=7200, memory=10**6)
    assert settings["token_cap"] == 200_000
    assert "120 minutes" in reason


def test_what_is_too_large_gets_fewer_sentences():
    config = ShifConConfig(sentences=1000, estimator="shrinkage")
    settings, reason = proposed(config, seconds=60, memory=4 * psutil.virtual_memory().available)
    assert 100 < settings["sentences"] < 250
    assert settings["estimator"] == "pooled_pca"
    assert "GB are free" in reason
    ShifConConfig.model_validate(config.model_dump() | settings)


def test_the_first_call_only_warms_up():
    calls = []
    assert seconds_of(lambda: calls.append(0)) >= 0
    assert len(calls) == 3

import pytest

from engines.shifcon import ENGINE
from tests.engines import worked_runs
from tests.engines.shifcon.tiny_run import tiny_spec
from workbench.contract.fields import with_purpose
from workbench.contract.schema import Estimate, EstimatePart


def test_the_probe_measures_what_the_run_will_do(tmp_path):
    run = worked_runs.probe(ENGINE, with_purpose(tiny_spec(), "preflight"), tmp_path, "probe")
    estimate, parts = run.table(Estimate).iloc[0], run.table(EstimatePart)
    assert estimate["seconds"] == pytest.approx(parts["seconds"].sum())
    assert (parts["seconds"] > 0).all()
    assert estimate["memory_bytes"] > 10**7 and estimate["disk_bytes"] > 10_000
    assert estimate["proposal"] == {}

import pytest

from engines.parts.generation.generator import Generator, Use
from engines.treereview import ENGINE
from engines.treereview.preflight import Speeds, measured_speeds, most_nodes, preflight, proposed
from engines.treereview.question_tree import Limits
from tests.engines.treereview.tiny_run import ScriptedBackend, start, tiny_spec, use_backend
from workbench.contract.fields import with_purpose
from workbench.contract.schema import Estimate, EstimatePart


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        (Limits(3, (5, 4, 3)), (26, 60, 25)),
        (Limits(1, (5,)), (1, 5, 0)),
        (Limits(0, (5,)), (0, 0, 0)),
        (Limits(2, (2, 2), most_nodes=5), (3, 2, 2)),
    ],
)
def test_nodes_of_the_widest_tree(limits, found):
    assert most_nodes(limits) == found


def test_speeds_are_measured_with_the_model_itself():
    backend = ScriptedBackend()
    speeds = measured_speeds(Generator(backend), Use("Probe"), 4)
    assert isinstance(speeds, Speeds) and speeds.reading > 0 and speeds.writing > 0
    assert backend.calls == 5


def test_an_estimate_with_its_parts(tmp_path, monkeypatch):
    use_backend(monkeypatch, ScriptedBackend())
    spec = with_purpose(tiny_spec(arms=("treereview", "exhaustive"), exhaustive_answers=True, held_out=5), "preflight")
    run = start(spec, tmp_path, "estimate", work=preflight)
    parts = run.table(EstimatePart)
    assert list(parts["phase"]) == [
        "Read the papers",
        "Grow the trees",
        "Count the exhaustive way",
        "Compare the rankings",
    ]
    estimate = run.table(Estimate).iloc[0]
    assert estimate["seconds"] == pytest.approx(parts["seconds"].sum())
    assert estimate["memory_bytes"] > 0 and estimate["disk_bytes"] >= 0


def test_a_long_run_is_proposed_to_be_smaller():
    config = ENGINE.config()
    assert proposed(config, 100.0) == ({}, "")
    smaller, reason = proposed(config, 7200.0)
    assert ENGINE.config.model_validate({**config.model_dump(), **smaller}).depth == 2
    assert "120 minutes" in reason

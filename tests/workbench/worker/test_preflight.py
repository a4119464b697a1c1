import time
from types import SimpleNamespace

import pytest

from tests.rooms.counting import COUNTING
from workbench.contract.fields import read_spec
from workbench.worker.preflight import MeasuredProbe, asked_of

SPEC = read_spec(COUNTING, settings={"items": 40}, seeds=[0, 1])
ASKED = asked_of(COUNTING, SPEC)
SMALLER = asked_of(COUNTING, SPEC.model_copy(update={"settings": {**SPEC.settings, "items": 10}}))


def items(asked):
    return asked.config.items * len(asked.arms) * len(asked.seeds)


@pytest.fixture
def probe():
    return MeasuredProbe(ASKED, SimpleNamespace(progress=lambda done, total, unit: None))


def test_a_piece_is_measured_once_and_counted_for_any_size(probe):
    calls = []
    with probe.part("Count", items, unit="items", warm=lambda: calls.append("warm")) as piece:
        calls.append("measured")
        time.sleep(0.02)
        piece.done = 2
    assert calls == ["warm", "measured"]
    whole, smaller = probe.cost(ASKED, 0), probe.cost(SMALLER, 0)
    assert whole.seconds == pytest.approx(piece.each * 160) and 0.01 <= piece.each < 1
    assert smaller.seconds == pytest.approx(whole.seconds / 4)
    (row,) = probe.rows()
    assert row.phase == "Count" and row.seconds == whole.seconds
    assert "2 items in 2" in row.basis and "160 in all" in row.basis


def test_work_that_the_run_does_not_have_makes_no_line(probe):
    probe.seconds("Train", 3.0, 0, "a step")
    probe.seconds("Answer", 2.0, 4, "as long as a question")
    (row,) = probe.rows()
    assert row.phase == "Answer" and row.seconds == 8.0 and row.basis == "as long as a question; 4 times"


def test_memory_is_what_is_held_and_added_or_the_peak_of_a_training(probe):
    cost = SimpleNamespace(seconds=5.0, memory_bytes=1000, disk_bytes=70, basis="a step in 1 s")
    probe.training("Train", cost, lambda asked: len(asked.seeds))
    probe.memory(300)
    probe.memory(lambda asked: asked.config.items)
    probe.disk(7)
    found = probe.cost(ASKED, held=500)
    assert (found.seconds, found.memory_bytes, found.disk_bytes) == (10.0, 1000, 147)
    assert probe.cost(ASKED, held=900).memory_bytes == 1240

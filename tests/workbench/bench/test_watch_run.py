"""Pace of a phase; waiting itself is tried through the command line (test_cli.py)."""

from types import SimpleNamespace
from typing import Any

import pytest

from workbench.bench.watch_run import Pace


def _record(unit: str, done: int, total: int) -> Any:
    return SimpleNamespace(unit=unit, done=done, total=total)


def test_time_left_follows_from_what_was_seen():
    pace = Pace()
    assert pace.left(_record("items", 4, 24), 100.0) is None
    # 5 of the 20 that were left took 10 s, so 15 take 30 s
    assert pace.left(_record("items", 9, 24), 110.0) == pytest.approx(30.0)
    assert pace.left(_record("items", 24, 24), 120.0) == 0.0


def test_a_new_count_starts_anew():
    pace = Pace()
    pace.left(_record("items", 0, 10), 0.0)
    assert pace.left(_record("items", 5, 10), 5.0) == pytest.approx(5.0)
    assert pace.left(_record("sums", 5, 10), 6.0) is None
    assert pace.left(_record("sums", 6, 10), 7.0) == pytest.approx(4.0)


def test_a_count_that_begins_again_is_not_misjudged():
    pace = Pace()
    pace.left(_record("items", 0, 10), 0.0)
    pace.left(_record("items", 8, 10), 2.0)
    assert pace.left(_record("items", 1, 10), 4.0) is None
    assert pace.left(_record("items", 2, 10), 5.0) == pytest.approx(8.0)


def test_a_count_without_a_total_has_no_time_left():
    pace = Pace()
    pace.left(_record("items", 0, 0), 0.0)
    assert pace.left(_record("items", 5, 0), 5.0) is None

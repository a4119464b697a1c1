"""How many more seeds or items would settle an open claim."""

import numpy as np
import pytest

from tests.workbench.statistics.null_runs import A_ABOVE_B, SCORE
from tests.workbench.test_findings import run
from workbench.statistics.findings import Examiner, Finding
from workbench.statistics.observations import Observations
from workbench.statistics.sample_size import more_items, more_seeds

TAIL = 0.025


def examined(differences: np.ndarray, *, trained: bool = False) -> Finding:
    frame = run(a=differences, b=np.zeros_like(differences))
    examiner = Examiner(Observations(frame, (SCORE,)), (SCORE,), {"a": trained, "b": trained})
    return examiner.examine(A_ABOVE_B)


def spread(n: int, mean: float) -> np.ndarray:
    """n values of exactly that mean and of variance 1."""
    values = np.linspace(-1, 1, n)
    return mean + values / values.std(ddof=1)


def test_the_number_of_items_is_the_least_that_settles():
    part = examined(spread(40, 0.2)[None])
    more = more_items([part], TAIL)
    assert more is not None and part.estimate is not None
    assert part.estimate.grown(1.0, (40 + more) / 40).reach(TAIL) < 0.2
    assert part.estimate.grown(1.0, (40 + more - 1) / 40).reach(TAIL) >= 0.2
    assert 40 + more == pytest.approx((1.96 / 0.2) ** 2, abs=6)


def test_items_do_not_help_where_seeds_differ():
    part = examined(spread(4, 0.5)[:, None] + np.zeros(30), trained=True)
    assert more_items([part], TAIL) is None
    more = more_seeds([part], TAIL)
    assert more is not None and 4 + more == pytest.approx((1.96 / 0.5) ** 2, abs=4)


def test_one_seed_of_a_trained_arm_needs_two_more():
    part = examined(spread(40, 3.0)[None], trained=True)
    assert (more_seeds([part], TAIL), more_items([part], TAIL)) == (2, None)


def test_seeds_are_not_proposed_where_they_change_nothing():
    assert more_seeds([examined(spread(40, 0.2)[None])], TAIL) is None


def test_no_number_is_proposed_for_a_difference_of_nothing():
    part = examined(spread(40, 0.0)[None])
    assert (more_seeds([part], TAIL), more_items([part], TAIL)) == (None, None)
    assert more_items([examined(spread(40, 0.001)[None])], TAIL) is None


def test_all_parts_must_be_within_reach():
    near, nearer = examined(spread(40, 0.2)[None]), examined(spread(40, 0.25)[None])
    assert more_items([near, nearer], TAIL) == more_items([near], TAIL)
    assert more_items([near, Finding(problem="missing")], TAIL) is None
    assert more_items([], TAIL) is None

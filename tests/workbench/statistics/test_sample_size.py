"""How many more seeds or items would settle an open claim."""

import numpy as np
import pytest

from tests.workbench.statistics.null_runs import A_ABOVE_B, SCORE
from tests.workbench.statistics.test_findings import run
from workbench.contract.circumstances import least_step
from workbench.statistics.findings import Examiner, Finding
from workbench.statistics.observations import Observations
from workbench.statistics.sample_size import more_items, more_seeds

ERROR = 0.05


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
    more = more_items([part], ERROR)
    assert more is not None and part.estimate is not None
    assert part.estimate.grown(1.0, (40 + more) / 40).interval(1 - ERROR)[0] > 0
    assert part.estimate.grown(1.0, (40 + more - 1) / 40).interval(1 - ERROR)[0] <= 0
    assert 40 + more == pytest.approx((1.96 / 0.2) ** 2, abs=6)


def test_items_do_not_help_where_seeds_differ():
    part = examined(spread(4, 0.5)[:, None] + 0.01 * spread(30, 0.0), trained=True)
    assert more_items([part], ERROR) is None
    more = more_seeds([part], ERROR)
    assert more is not None and 4 + more == pytest.approx((1.96 / 0.5) ** 2, abs=4)


def test_one_seed_of_a_trained_arm_needs_two_more():
    part = examined(spread(40, 3.0)[None], trained=True)
    assert (more_seeds([part], ERROR), more_items([part], ERROR)) == (2, None)


def test_seeds_are_not_proposed_where_they_change_nothing():
    assert more_seeds([examined(spread(40, 0.2)[None])], ERROR) is None


def test_no_number_is_proposed_for_a_difference_of_nothing():
    part = examined(spread(40, 0.0)[None])
    assert (more_seeds([part], ERROR), more_items([part], ERROR)) == (None, None)
    assert more_items([examined(spread(40, 0.001)[None])], ERROR) is None


def test_all_parts_must_be_within_reach():
    near, nearer = examined(spread(40, 0.2)[None]), examined(spread(40, 0.25)[None])
    assert more_items([near, nearer], ERROR) == more_items([near], ERROR)
    assert more_items([near, Finding(A_ABOVE_B, problem="missing")], ERROR) is None
    assert more_items([], ERROR) is None


def test_a_run_that_is_looked_at_again_is_half_as_large_again():
    """Two more of forty items would settle it, and twenty are asked for."""
    part = examined(spread(40, 0.315)[None])
    assert more_items([part], ERROR) == 20
    assert (least_step(3), least_step(4), least_step(1)) == (2, 2, 1)


def test_a_mean_of_few_clusters_needs_four():
    frame = run("score", a=spread(30, 0.2)[None], b=np.zeros((1, 30)))
    frame["cluster"] = [f"c{int(item[1:]) % 2}" for item in frame.item]
    part = Examiner(Observations(frame, (SCORE,)), (SCORE,), {"a": False, "b": False}).examine(A_ABOVE_B)
    assert part.obstacle == "few clusters"
    assert more_items([part], ERROR) == 30

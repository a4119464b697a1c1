import numpy as np

from engines.persyn.curve import curve_draw, curve_point, curve_sizes
from engines.persyn.rewards import best_teacher, mean_of
from engines.persyn.routers import calibration_pairs
from engines.persyn.routing import is_learned
from tests.engines.persyn.scenes import planted_matrix


def test_sizes_and_draws_of_the_curve():
    assert curve_sizes(60, 4) == [7, 15, 30, 60] and curve_sizes(10, 4) == [4, 5, 10] and curve_sizes(60, 0) == []
    names = [f"p{at}" for at in range(60)]
    few, many = set(curve_draw(names, 7, 0)), set(curve_draw(names, 30, 0))
    assert few < many and set(curve_draw(names, 7, 1)) != few


def test_a_point_of_the_curve_beside_the_best_single_teacher():
    config, matrix = planted_matrix()
    rewards = matrix.rewards(config)
    held_out = rewards[matrix.pool.places("held_out")]
    places, pairs = calibration_pairs(matrix, config)
    point = curve_point(0, pairs, np.nan_to_num(held_out, nan=-1), rewards[places], held_out)
    assert (point.regret, point.hit_1, point.calibration) == (0, 1, len(places)) and point.single >= 0
    assert (best_teacher(held_out) >= 0).all() and is_learned(config)


def test_means_leave_out_what_is_not_known():
    assert mean_of(np.array([1.0, np.nan, 3.0])) == 2 and np.isnan(mean_of(np.array([np.nan])))

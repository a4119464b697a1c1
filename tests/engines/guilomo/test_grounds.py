from engines.guilomo.allocation import Allocation
from engines.guilomo.grounds import depth_outcomes
from workbench.claims import slice_matches

FOUND = Allocation({"model.layers.3.q_proj": (1, 1, 1), "model.layers.12.q_proj": (2, 2)})


def test_numbers_of_experts_are_told_by_depth():
    rows = depth_outcomes(("glosses", "guilomo", 0), FOUND).set_index("slice")
    assert rows.loc["real/3", "value"] == 3 and rows.loc["real/12", "value"] == 2
    assert all(slice_matches("real/*", path) for path in rows.index)


def test_the_planted_task_is_kept_apart():
    assert set(depth_outcomes(("planted", "guilomo", 0), FOUND)["slice"]) == {"planted/3", "planted/12"}

import pandas as pd

from engines.guilomo.allocation import Allocation
from engines.guilomo.grounds import Judged, depth_outcomes, judged
from engines.guilomo.rows import TaskAnswer
from workbench.contract.claims import slice_matches

FOUND = Allocation({"layers.3.q_proj": (1, 1, 1), "layers.12.q_proj": (2, 2), "layers.12.k_proj": (1, 1, 1)})


def test_numbers_of_experts_are_told_by_depth():
    rows = depth_outcomes(("glosses", "guilomo", 0), FOUND).set_index("slice")
    assert rows.loc["real/3", "value"] == 3 and rows.loc["real/12", "value"] == 2.5
    assert rows["item"].isna().all(), "blocks are no sample of blocks"
    assert all(slice_matches("real/*", path) for path in rows.index)


def test_the_planted_task_is_kept_apart():
    assert set(depth_outcomes(("planted", "guilomo", 0), FOUND)["slice"]) == {"planted/3", "planted/12"}


def test_answers_are_counted_with_those_that_were_cut_or_empty():
    columns = list(TaskAnswer.model_fields)
    rows = [
        ("own", "plain", 0, str(at), "q", "g", said, False, cut)
        for at, (said, cut) in enumerate([("a", False), ("a b", True), (" ", True), ("", False)])
    ]
    assert judged(pd.DataFrame(rows, columns=columns)) == Judged(answers=4, cut=2, empty=2)

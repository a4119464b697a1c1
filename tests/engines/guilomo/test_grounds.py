import pandas as pd

from engines.guilomo.allocation import Allocation
from engines.guilomo.grounds import Judged, judged, report_depths
from engines.guilomo.rows import TaskAnswer
from tests.engines.parts.heard_log import HeardLog
from workbench.contract.claims import slice_matches
from workbench.contract.run_log import RunCell
from workbench.contract.schema import Outcome

FOUND = Allocation({"layers.3.q_proj": (1, 1, 1), "layers.12.q_proj": (2, 2), "layers.12.k_proj": (1, 1, 1)})


def test_numbers_of_experts_are_told_by_depth():
    log = HeardLog()
    report_depths("real", RunCell("guilomo", 0), FOUND, log.as_log())
    rows = [row for row in log.rows if isinstance(row, Outcome)]
    assert {row.slice: row.value for row in rows} == {"real/3": 3.0, "real/12": 2.5}
    assert all(row.item is None for row in rows), "blocks are no sample of blocks"
    assert all(slice_matches("real/*", row.slice) for row in rows)


def test_answers_are_counted_with_those_that_were_cut_or_empty():
    columns = list(TaskAnswer.model_fields)
    rows = [
        ("own", "plain", 0, str(at), "q", "g", said, False, cut)
        for at, (said, cut) in enumerate([("a", False), ("a b", True), (" ", True), ("", False)])
    ]
    assert judged(pd.DataFrame(rows, columns=columns)) == Judged(answers=4, cut=2, empty=2)

"""RowTables: what a run may emit."""

import pandas as pd
import pytest

from tests.rooms import ENGINES
from tests.rooms.counting import Answer, Step, Tally
from workbench.contract.errors import DataError
from workbench.contract.fields import question_spec, read_spec, with_purpose
from workbench.contract.schema import Estimate, Outcome
from workbench.worker.tables import RowTables

COUNTING = ENGINES["counting"]
RUN = RowTables(COUNTING, read_spec(COUNTING, seeds=(1, 2)))
ESTIMATE = Estimate(seconds=1.0, memory_bytes=1, disk_bytes=1)


def outcome(arm: str = "plain", metric: str = "score", seed: int = 1) -> Outcome:
    return Outcome(arm=arm, metric=metric, seed=seed, value=1.0)


def test_declared_rows_pass_under_their_table() -> None:
    assert RUN.prefix(Tally(arm="plain", seed=1, total=1.0)) == b',"table":"Tally","row":'
    assert RUN.prefix(outcome()) == RUN.prefix(outcome(seed=2)) == b',"table":"Outcome","row":'


def test_estimates_belong_to_preflights() -> None:
    with pytest.raises(DataError, match="Estimate"):
        RUN.prefix(ESTIMATE)
    assert RowTables(COUNTING, with_purpose(read_spec(COUNTING), "preflight")).prefix(ESTIMATE)


def test_a_question_may_answer_with_outcomes_of_its_own() -> None:
    asked = RowTables(COUNTING, question_spec(COUNTING, "some-run", {}))
    assert asked.prefix(Answer(item=1, arm="x", score=1.0))
    assert asked.prefix(outcome(arm="teacher"))


@pytest.mark.parametrize(
    ("row", "what"),
    [(outcome(arm="x"), "arm 'x'"), (outcome(metric="x"), "metric 'x'"), (outcome(seed=3), "seed 3")],
)
def test_outcomes_name_what_the_run_was_asked_for(row: Outcome, what: str) -> None:
    with pytest.raises(DataError, match=f"names the {what}; this run has"):
        RUN.prefix(row)
    with pytest.raises(DataError, match=f"names the {what}; this run has"):
        RUN.chunk(Outcome, pd.DataFrame([row.model_dump()]))


def test_a_chunk_has_the_fields_in_order_with_defaults() -> None:
    given = pd.DataFrame({"value": [1.0, 2.0], "seed": 1, "metric": "score", "arm": "plain"}, index=[5, 9])
    chunk = RUN.chunk(Outcome, given)
    assert list(chunk.columns) == list(Outcome.model_fields)
    assert chunk["item"].tolist() == [None, None]
    assert list(given.columns) == ["value", "seed", "metric", "arm"]


def test_an_empty_chunk_needs_the_columns_too() -> None:
    assert RUN.chunk(Step, pd.DataFrame(columns=list(Step.model_fields))).empty
    with pytest.raises(DataError, match="lacks"):
        RUN.chunk(Step, pd.DataFrame())

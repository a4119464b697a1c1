"""Many outcomes of one cell as rows: what is spread over them, and what is refused."""

import math

import numpy as np
import pandas as pd
import pytest

from workbench.contract.errors import DataError
from workbench.contract.outcomes import outcome_frame
from workbench.contract.run_log import RunCell
from workbench.contract.schema import Outcome

CELL = RunCell("plain", 3)


def test_one_name_is_of_all_values_and_a_column_of_one_each() -> None:
    frame = outcome_frame(
        "right", CELL, np.array([True, False]), ["a", 7], "en", pd.Series(["x/1", "x/2"], index=[5, 6])
    )
    rows = [Outcome.model_validate(row) for row in frame.to_dict("records")]
    same = {"arm": "plain", "metric": "right", "seed": 3, "cluster": "en"}
    assert rows == [
        Outcome(value=1.0, item="a", slice="x/1", **same),
        Outcome(value=0.0, item="7", slice="x/2", **same),
    ]


def test_a_number_without_an_item_stands_for_the_cell() -> None:
    (row,) = outcome_frame("loss", CELL, 0.5).to_dict("records")
    assert Outcome.model_validate(row) == Outcome(arm="plain", metric="loss", seed=3, value=0.5)


@pytest.mark.parametrize("values", [np.array([[1, 2], [3, 4]]), pd.DataFrame({"hit": [1, 3], "of": [2, 4]})])
def test_sufficient_statistics_become_vectors(values) -> None:
    frame = outcome_frame("chrf", CELL, values, ["a", "b"])
    assert frame["value"].tolist() == [(1.0, 2.0), (3.0, 4.0)]
    assert frame["cluster"].tolist() == [None, None]


def test_no_values_give_no_rows() -> None:
    assert outcome_frame("right", CELL, [], []).empty


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("vectors", [False, True])
def test_what_is_no_finite_number_is_refused_with_its_item(bad: float, vectors: bool) -> None:
    values = [[1.0, 2.0], [bad, 2.0]] if vectors else [1.0, bad]
    with pytest.raises(DataError, match=r"1 outcomes .* no finite number under arm .plain., seed 3: first b"):
        outcome_frame("right", CELL, values, ["a", "b"])


def test_names_of_another_number_are_refused() -> None:
    with pytest.raises(DataError, match="2 outcomes of 'right' came with 3 names of their cluster"):
        outcome_frame("right", CELL, [1, 0], ["a", "b"], ["x", "y", "z"])


def test_an_item_counts_once_under_a_slice() -> None:
    assert len(outcome_frame("right", CELL, [1, 0], ["a", "a"], slice=["en", "fr"])) == 2
    with pytest.raises(DataError, match=r"1 outcomes .* reported twice .* first a en"):
        outcome_frame("right", CELL, [1, 0], ["a", "a"], slice="en")
    with pytest.raises(DataError, match="first the whole"):
        outcome_frame("right", CELL, [1, 0])


def test_deeper_arrays_are_refused() -> None:
    with pytest.raises(DataError, match="3 axes"):
        outcome_frame("right", CELL, np.zeros((2, 2, 2)))

"""Rows and outcomes as schemas."""

from typing import Annotated

import pytest
from pydantic import ValidationError

from workbench.contract.schema import MEASURED, Config, Estimate, Outcome, Row


class Timed(Row):
    """A row with a measured field."""

    step: int
    seconds: Annotated[float, MEASURED] = 0.0


def test_measured_fields_are_known() -> None:
    assert Timed.measured_fields() == {"seconds"} and Timed.table() == "Timed"
    assert "proposal" not in Estimate.measured_fields()


def test_outcome_takes_scalars_and_sufficient_statistics() -> None:
    assert Outcome(arm="a", metric="m", seed=0, value=1).value == 1.0
    assert Outcome(arm="a", metric="m", seed=0, value=(1, 2)).value == (1.0, 2.0)


def test_rows_and_configs_refuse_the_unknown_and_stay_frozen() -> None:
    with pytest.raises(ValidationError):
        Outcome.model_validate({"arm": "a", "metric": "m", "seed": 0, "value": 1, "colour": "red"})
    with pytest.raises(ValidationError):
        Timed(step=1).step = 2  # type: ignore[misc]
    assert Config.model_config["frozen"] and Config.model_config["extra"] == "forbid"

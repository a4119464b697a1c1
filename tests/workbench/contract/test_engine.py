"""The card: rows by name, arms by name, cells by key."""

import pytest

from tests.workbench.contract.test_fields import TOY
from workbench.contract.schema import Caution, Outcome


def test_row_types_always_hold_outcomes_and_cautions() -> None:
    assert TOY.row_types() == {"Outcome": Outcome, "Caution": Caution}


def test_arm_by_name() -> None:
    assert TOY.arm("wide").overrides == {"rank": 32}
    with pytest.raises(KeyError, match="none"):
        TOY.arm("none")


def test_loading_an_engine_that_does_not_exist_names_it() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"engines\.toy|engines"):
        TOY.load()

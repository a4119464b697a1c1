"""Cells by key, and logs whose arms have the method's own settings."""

from typing import get_args

from tests.workbench.contract.test_fields import Probe
from workbench.contract.run_log import RunCell, RunLog


def test_cell_keys_tell_parts_apart() -> None:
    assert RunCell("a", 0).key == "a/0"
    assert RunCell("a", 0, "layer 3").key == "a/0/layer 3"


def test_a_log_is_of_the_methods_settings() -> None:
    assert get_args(RunLog[Probe]) == (Probe,)

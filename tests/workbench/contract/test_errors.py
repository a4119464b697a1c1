"""The error tree: every error is a sentence with a remedy and a code of its own."""

import inspect

import pytest

from workbench.contract import errors
from workbench.contract.errors import ConfigError, DataError, RunStopped, WorkbenchError

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, WorkbenchError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_is_drawn_in_the_tree(kind: type[WorkbenchError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")


def test_codes_are_distinct() -> None:
    codes = [kind.__dict__["code"] for kind in KINDS if "code" in kind.__dict__]
    assert len(codes) == len(set(codes)) == len(KINDS)


def test_config_error_names_each_field() -> None:
    error = ConfigError({"rank": "0 was given; it must be at least 1.", "seeds": "none were given."}, "Mend both.")
    assert str(error) == "rank: 0 was given; it must be at least 1.; seeds: none were given."
    assert error.hint == "Mend both." and list(error.problems) == ["rank", "seeds"]


def test_data_error_points_at_row_and_field() -> None:
    error = DataError("Row 7 has no 'fr'.", "Fill the cell.", row=7, field="fr")
    assert (error.row, error.field, error.hint) == (7, "fr", "Fill the cell.")
    assert RunStopped().hint

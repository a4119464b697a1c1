"""The catalogue where nobody offers anything."""

import pytest

from workbench.contract.catalogue import Nothing
from workbench.contract.errors import ConfigError


def test_nothing_offers_nothing() -> None:
    assert (list(Nothing().models()), list(Nothing().data())) == ([], [])


def test_nothing_can_be_taken_from_nothing() -> None:
    with pytest.raises(ConfigError, match="'folder:/x' is not on the list"):
        Nothing().remove("folder:/x")

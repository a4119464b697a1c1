"""The catalogue where nobody offers anything."""

from workbench.catalogue import Nothing


def test_nothing_offers_nothing() -> None:
    assert (list(Nothing().models()), list(Nothing().data())) == ([], [])

"""Declarations of pictures: what they read."""

import pytest

from workbench.contract.pictures import Bars, Curves, Matrix, Points, Rows, Source
from workbench.contract.schema import Outcome, Row


class Layer(Row):
    """A layer."""

    layer: int


SOURCE = Source(Layer, also=(Outcome,))


@pytest.mark.parametrize(
    "picture",
    [
        Curves("a", "A", SOURCE, "layer", "layer"),
        Bars("a", "A", SOURCE, "layer", "layer"),
        Matrix("a", "A", SOURCE, "layer", "layer", "layer", "", ("", "")),
        Points("a", "A", SOURCE, "layer", "layer"),
        Rows("a", "A", SOURCE),
    ],
    ids=lambda picture: type(picture).__name__,
)
def test_a_picture_reads_its_source(picture):
    assert picture.reads == (Layer, Outcome)

"""Bars, and curves that are too many for colours."""

import pandas as pd

from tests.workbench.figures.small_pictures import ENGINE, ROWS, Reading, drawn, tables
from workbench.contract.pictures import Bars, Curves, Points, Source
from workbench.contract.views import Chart
from workbench.figures.pictures import made


def test_more_series_than_colours_are_grey_with_their_mean_and_the_marked_one():
    many = pd.concat([ROWS.assign(language=f"l{k}", loss=ROWS.loss + k) for k in range(12)])
    picture = Curves("l", "L", Source(Reading), "layer", "loss", by="language", axes=("Layer", "Loss"))
    view = made(picture, ENGINE)
    assert isinstance(view, Chart) and view.options is not None
    assert list(view.options(tables(many))["marked"]) == ["", *[f"l{k}" for k in range(12)]]
    figure = view.draw(tables(many), view.controls(marked="l7"))
    coloured = [trace for trace in figure.data if trace.showlegend]
    assert [trace.name for trace in coloured] == ["mean of 12", "l7"]
    assert len(figure.data) == 14
    assert "12 curves: at the end lowest l0" in view.describe(tables(many), view.controls())


def test_bars_with_many_names_lie_and_stacked_ones_are_summed():
    picture = Bars("b", "B", Source(Reading), "language", "loss", by="arm", axes=("Language", "Loss"), total=True)
    figure, said = drawn(picture)
    assert figure.data[0].orientation == "v" and list(figure.data[0].y) == [15.0, 15.0]
    assert said == "Loss: fr / a 15; de / a 15; fr / b 75; de / b 75."
    long = ROWS.assign(language=ROWS.language + " of the north")
    view = made(Bars("b", "B", Source(Reading), "language", "loss", by="arm", stacked=True), ENGINE)
    assert isinstance(view, Chart)
    figure = view.draw(tables(long), view.controls())
    assert (figure.data[0].orientation, figure.layout.barmode) == ("h", "stack")
    assert list(figure.data[0].y) == ["fr of the north", "de of the north"]


def test_more_groups_of_points_than_colours_are_grey_and_named_where_they_lie():
    groups = [(f"l{k}", 0.0 if k < 5 else 10.0) for k in range(10)]
    rows = pd.concat([ROWS.assign(language=name, loss=at, share=at + ROWS.layer / 100) for name, at in groups])
    picture = Points("p", "P", Source(Reading), "loss", "share", by="language", axes=("Loss", "Share"))
    view = made(picture, ENGINE)
    assert isinstance(view, Chart)
    figure = view.draw(tables(rows), view.controls())
    assert len({trace.marker.color for trace in figure.data}) == 1 and not any(t.showlegend for t in figure.data)
    assert [note.text for note in figure.layout.annotations] == ["l0, l1, l2, l3<br>l4", "l5, l6, l7, l8<br>l9"]
    assert [round(note.x) for note in figure.layout.annotations] == [0, 10]

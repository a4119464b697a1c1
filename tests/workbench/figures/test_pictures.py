"""Declared pictures: drawing and sentence from one frame."""

import pytest

from tests.workbench.figures.small_pictures import ENGINE, LOSSES, ROWS, Reading, drawn, tables
from workbench.contract.pictures import Bars, Curves, Mark, Matrix, Pick, Points, Rows, Source
from workbench.contract.views import Chart, Listing
from workbench.figures.pictures import made


def test_curves_are_averaged_over_what_plays_no_part():
    figure, said = drawn(LOSSES)
    assert [trace.name for trace in figure.data] == ["a", "b"]
    assert list(figure.data[0].x) == [1, 2, 3] and list(figure.data[0].y) == [1.5, 2.5, 3.5]
    assert said == (
        "Loss (nats) by layer: a from 1.5 to 3.5, lowest 1.5 at 1, highest 3.5 at 3; "
        "b from 11.5 to 13.5, lowest 11.5 at 1, highest 13.5 at 3."
    )


def test_whole_numbers_have_whole_ticks_and_a_few_curves_their_names():
    figure, _ = drawn(LOSSES)
    assert (figure.layout.xaxis.dtick, figure.layout.xaxis.tickformat) == (1, "d")
    assert figure.layout.showlegend is False
    assert [each.text for each in figure.layout.annotations] == ["a", "b"]


def test_marks_stand_behind_and_says_replaces_the_sentence():
    picture = Curves(
        "l", "L", Source(Reading), "layer", "loss", axes=("Layer", "Loss"),
        marks=lambda tables: [Mark("shade", 0.5, 1.5, "area"), Mark("x", 2.0, label="shift")],
        says=lambda frame: f"{len(frame)} layers.",
    )  # fmt: skip
    figure, said = drawn(picture)
    assert len(figure.layout.shapes) == 2 and said == "3 layers."


def test_a_note_on_the_whole_run_follows_the_sentence():
    picture = Curves(
        "l", "L", Source(Reading), "layer", "loss", says=lambda frame: "Falls.",
        note=lambda tables: f"{len(tables[Reading])} rows in all.",
    )  # fmt: skip
    assert drawn(picture)[1] == f"Falls. {len(ROWS)} rows in all."


@pytest.mark.parametrize(
    "picture",
    [
        LOSSES,
        Bars("b", "B", Source(Reading), "language", "loss", by="arm"),
        Matrix("m", "M", Source(Reading, picks=(Pick("seed"),)), "layer", "arm", "loss", "Loss", ("", "")),
        Points("p", "P", Source(Reading), "loss", "share", by="arm", panel="language"),
        Rows("r", "R", Source(Reading)),
    ],
    ids=lambda picture: picture.name,
)
def test_empty_tables_are_drawn_and_told(picture):
    view = made(picture, ENGINE)
    nothing = tables(ROWS.iloc[:0])
    if isinstance(view, Listing):
        assert view.rows(nothing, view.controls()).empty
        return
    assert isinstance(view, Chart)
    assert view.describe(nothing, view.controls()) == "No rows yet."
    assert not view.draw(nothing, view.controls()).data


def test_panels_stand_side_by_side():
    picture = Curves("l", "L", Source(Reading), "layer", "loss", by="arm", panel="language", axes=("Layer", "Loss"))
    figure, said = drawn(picture)
    assert {trace.xaxis for trace in figure.data} == {"x", "x2"}
    assert "fr / a from 1.5 to 3.5" in said


def test_seeds_are_open_points_beside_their_mean_but_for_muted_series():
    picture = Curves("l", "L", Source(Reading), "layer", "loss", by="arm", muted=("b",), dots="seed")
    figure, _ = drawn(picture)
    points = figure.data[-1]
    assert (points.name, points.mode, points.marker.symbol) == ("each seed", "markers", "circle-open")
    assert sorted(zip(points.x, points.y, strict=True)) == [(1, 1), (1, 2), (2, 2), (2, 3), (3, 3), (3, 4)]


def test_muted_points_are_grey():
    picture = Points("p", "P", Source(Reading), "loss", "share", by="arm", muted=("b",))
    figure, _ = drawn(picture)
    colours = {trace.name: trace.marker.color for trace in figure.data}
    assert colours["b"].startswith("rgba(128,128,128") and colours["a"] != colours["b"]


def test_rows_of_a_matrix_may_have_shorter_names_than_their_keys():
    named = Source(Reading, where=lambda rows, tables: rows.assign(short=[f"layer {each}" for each in rows["layer"]]))
    picture = Matrix("m", "M", named, "layer", "language", "loss", "Loss", ("Language", "Layer"), label="short")
    figure, _ = drawn(picture)
    assert list(figure.layout.yaxis.tickvals) == list(figure.data[0].y) == ["1", "2", "3"]
    assert list(figure.layout.yaxis.ticktext) == ["layer 1", "layer 2", "layer 3"]


def test_a_choice_without_rows_under_another_choice_is_replaced_and_said():
    picture = Curves(
        "l", "L", Source(Reading, picks=(Pick("arm"), Pick("language"))), "layer", "loss", axes=("Layer", "Loss")
    )
    view, some = made(picture, ENGINE), tables(ROWS[(ROWS["arm"] == "a") | (ROWS["language"] == "de")])
    assert isinstance(view, Chart) and view.options
    assert view.options(some)["language"] == ["fr", "de"]
    for arm, replaced in (("a", ""), ("b", "Language de is shown, for fr has no rows.")):
        chosen = view.controls(arm=arm, language="fr")  # type: ignore[call-arg]
        assert view.describe(some, chosen).endswith(replaced or "at 3.")
        assert [each.text for each in view.draw(some, chosen).layout.annotations] == [replaced] * bool(replaced)
    assert "is shown" not in view.describe(some, view.controls(language="it"))  # type: ignore[call-arg]

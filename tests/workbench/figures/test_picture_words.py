"""Declared pictures in words."""

from dataclasses import replace

import pandas as pd

from tests.workbench.figures.small_pictures import ENGINE, ROWS, Reading, drawn, tables
from workbench.contract.pictures import Curves, Mark, Matrix, Points, Source
from workbench.contract.views import Chart, NoControls
from workbench.figures.picture_frames import matrix_of
from workbench.figures.pictures import made


def test_a_matrix_has_its_numbers_in_order_and_its_extremes_in_words():
    picture = Matrix("m", "M", Source(Reading), "layer", "arm", "loss", "Loss", ("Arm", "Layer"))
    matrix = matrix_of(picture, tables(), NoControls(), ENGINE)
    assert list(matrix.index) == [1, 2, 3] and matrix.loc[3, "b"] == 13.5
    figure, said = drawn(picture)
    assert [list(row) for row in figure.data[0].z] == [[1.5, 11.5], [2.5, 12.5], [3.5, 13.5]]
    assert said == "Loss: lowest 1.5 (Layer 1, Arm a), highest 13.5 (Layer 3, Arm b), mean 7.5."


def test_a_mirrored_matrix_is_whole_and_told_without_its_diagonal():
    pairs = ROWS.iloc[:3].assign(arm=["a", "a", "b"], language=["a", "b", "b"], loss=[0.0, 4.0, 0.5])
    picture = Matrix("m", "M", Source(Reading), "arm", "language", "loss", "D", ("L", "L"), mirrored=True)
    view = made(picture, ENGINE)
    assert isinstance(view, Chart)
    assert [list(row) for row in view.draw(tables(pairs), NoControls()).data[0].z] == [[0.0, 4.0], [4.0, 0.5]]
    assert view.describe(tables(pairs), NoControls()) == "D off the diagonal: 4 everywhere (2 cells)."


def test_points_tell_the_middle_of_each_group():
    figure, said = drawn(Points("p", "P", Source(Reading), "loss", "share", by="arm", axes=("Loss", "Share")))
    assert [len(trace.x) for trace in figure.data] == [12, 12]
    assert said == "24 points; middles: a (2.5, 0.2); b (12.5, 0.2)."


def test_muted_curves_are_told_by_their_means_after_the_others():
    picture = Curves("l", "L", Source(Reading), "layer", "loss", by="arm", axes=("Layer", "Loss"), muted=("b",))
    said = "Loss by layer: a from 1.5 to 3.5, lowest 1.5 at 1, highest 3.5 at 3; in grey b 12.5 on average."
    assert drawn(picture)[1] == said
    assert "b from 11.5" in drawn(replace(picture, muted=("a", "b")))[1], "where all are muted, all are told"


def test_of_many_curves_the_mean_that_is_drawn_is_told():
    many = pd.concat([ROWS.assign(language=f"l{k}", loss=ROWS.loss + k) for k in range(12)])
    view = made(Curves("l", "L", Source(Reading), "layer", "loss", by="language", muted=("l0",)), ENGINE)
    assert isinstance(view, Chart)
    said = view.describe(tables(many), view.controls())
    assert "11 curves: at the end lowest l1 (9.5), highest l11 (19.5); their mean from 12.5 to 14.5" in said
    assert said.endswith("; in grey l0 7.5 on average.")


def test_marks_are_told_with_the_values_at_a_line():
    marks = [
        Mark("shade", 0.5, 2.5, "area"), Mark("shade", 2.5, 3.5), Mark("shade", 8, 9, "far away"),
        Mark("y", 4.0, label="chance"), Mark("x", 2.0, label="shift"), Mark("x", 3.0),
    ]  # fmt: skip
    picture = Curves("l", "L", Source(Reading), "layer", "loss", by="arm", marks=lambda tables: marks)
    assert drawn(picture)[1].endswith("13.5 at 3. Area 1 to 2, 3; chance 4; shift at 2 (a 2.5, b 12.5).")
    assert drawn(replace(picture, marks=lambda tables: marks[5:]))[1].endswith("13.5 at 3.")
    assert drawn(replace(picture, says=lambda frame: "Found."))[1] == "Found."

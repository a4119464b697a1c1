"""Declared pictures in words."""

from tests.workbench.figures.small_pictures import ENGINE, ROWS, Reading, drawn, tables
from workbench.figures.picture_frames import matrix_of
from workbench.figures.pictures import made
from workbench.pictures import Matrix, Points, Source
from workbench.views import Chart, NoControls


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
    assert view.describe(tables(pairs), NoControls()) == "D: 4 everywhere (2 cells)."


def test_points_tell_the_middle_of_each_group():
    figure, said = drawn(Points("p", "P", Source(Reading), "loss", "share", by="arm", axes=("Loss", "Share")))
    assert [len(trace.x) for trace in figure.data] == [12, 12]
    assert said == "24 points; middles: a (2.5, 0.2); b (12.5, 0.2)."

import json

import pandas as pd
import pytest

from workbench.figures import bar_charts, palette, plotting
from workbench.figures.plotting import Axes, Columns

CURVES = pd.DataFrame(
    {
        "layer": [2, 1, 1, 2],
        "distance": [4.0, 3.0, 1.0, 1.5],
        "language": ["de", "de", "floor", "floor"],
    }
)
AXES = Axes("Layer", "Distance", legend="Language")


def test_lines_draw_each_series_sorted_with_its_keys():
    made = plotting.lines(CURVES, AXES, Columns("layer", "distance", "language", key="layer"))
    curves = made.data
    assert [curve.name for curve in curves] == ["de", "floor"]
    assert curves[0].x == (1, 2) and curves[0].y == (3.0, 4.0)
    assert curves[0].customdata == (1, 2)
    assert made.layout.xaxis.title.text == "Layer" and made.layout.yaxis.title.text == "Distance"


def test_lines_tell_series_apart_without_colour():
    made = plotting.lines(CURVES, AXES, Columns("layer", "distance", "language"))
    looks = {(trace.line.dash, trace.marker.symbol) for trace in made.data}
    assert len(looks) == len(made.data)


def test_muted_series_are_grey_and_dotted():
    made = plotting.lines(CURVES, AXES, Columns("layer", "distance", "language", muted=("floor",)))
    floor = next(trace for trace in made.data if trace.name == "floor")
    assert floor.line.color == "#808080" and floor.line.dash == "dot"


def test_a_given_order_fixes_the_colours_even_when_a_series_is_absent():
    order = ("zh", "de", "floor")
    made = plotting.lines(CURVES, AXES, Columns("layer", "distance", "language", order=order))
    assert [trace.name for trace in made.data] == ["de", "floor"]
    assert made.data[0].line.color == palette.CATEGORICAL[1]


def test_scatter_panels_share_axes_and_name_themselves():
    frame = pd.DataFrame(
        {"x": [0, 1, 2, 3], "y": [0, 1, 2, 3], "lang": list("abab"), "state": ["before"] * 2 + ["after"] * 2}
    )
    made = plotting.scatter2d(frame, Axes("PC 1", "PC 2"), Columns("x", "y", "lang", panel="state"))
    assert len(made.data) == 4
    assert [note.text for note in made.layout.annotations] == ["before", "after"]
    assert made.layout.xaxis2.matches == "x"
    assert [trace.showlegend for trace in made.data] == [True, False, True, False]


def test_large_scatter_plots_are_thinned_alike_and_say_so():
    many = plotting.MOST_POINTS + 3_000
    frame = pd.DataFrame({"x": range(many), "y": range(many), "lang": (["a", "b", "c"] * many)[:many]})
    first, second = (plotting.scatter2d(frame, AXES, Columns("x", "y", "lang")) for _ in range(2))
    assert sum(len(trace.x) for trace in first.data) == plotting.MOST_POINTS
    assert first.data[0].x == second.data[0].x
    assert {trace.name for trace in first.data} == {"a", "b", "c"}
    assert f"{many:,}" in first.layout.annotations[0].text


def test_heatmap_hands_over_row_and_column_and_numbers_small_matrices():
    matrix = pd.DataFrame([[0.0, 1.0], [1.0, 0.0]], index=["de", "fr"], columns=["de", "fr"])
    made = plotting.heatmap(matrix, Axes("Language", "Language"), unit="distance")
    assert made.data[0].customdata[0][1] == ["de", "fr"]
    assert made.data[0].texttemplate == "%{z:.2f}"
    large = pd.DataFrame([[0.0] * 20] * 20)
    assert plotting.heatmap(large, AXES, unit="distance").data[0].texttemplate is None


def test_diverging_heatmap_is_centred():
    made = plotting.heatmap(pd.DataFrame([[-1.0, 3.0]]), AXES, unit="gain", middle=0.0)
    assert made.data[0].zmid == 0.0 and made.data[0].colorscale[1][1] == palette.DIVERGING[1][1]


def test_bars_are_grouped_and_told_apart_by_hatch():
    frame = pd.DataFrame({"arm": ["a", "b"] * 2, "value": [2.0, 3.0, 1.0, 4.0], "half": ["x", "x", "y", "y"]})
    made = bar_charts.bars(frame, AXES, Columns("arm", "value", by="half"))
    assert [bar.y for bar in made.data] == [(2.0, 3.0), (1.0, 4.0)] and made.layout.barmode == "group"
    assert made.data[0].marker.pattern.shape != made.data[1].marker.pattern.shape


@pytest.mark.parametrize("draw", [plotting.lines, plotting.scatter2d, bar_charts.bars], ids=lambda draw: draw.__name__)
def test_empty_frames_say_that_there_are_no_rows(draw):
    made = draw(CURVES.head(0), AXES, Columns("layer", "distance", "language"))
    assert made.layout.annotations[0].text == "No rows yet"
    assert not made.data


def test_markup_in_names_and_labels_is_text():
    hostile = '<a href="javascript:1">x</a>'
    frame = pd.DataFrame({"x": [1], "y": [1], "name": [hostile], "says": [hostile]})
    made = plotting.scatter2d(frame, AXES, Columns("x", "y", "name", label="says"))
    assert "<a" not in made.to_json()
    assert "<a" not in plotting.blank(hostile).to_json()
    assert "<a" not in plotting.shade(plotting.figure(AXES), 0, 1, hostile).to_json()
    assert "<a" not in plotting.rule(plotting.figure(AXES), 0, hostile).to_json()


def test_redraws_keep_zoom_and_the_ground_is_transparent():
    body = json.loads(plotting.lines(CURVES, AXES, Columns("layer", "distance")).to_json())
    assert body["layout"]["uirevision"] == "kept"
    assert body["layout"]["template"]["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"


def test_importing_plotting_loads_no_plotly():
    import subprocess
    import sys

    code = "import sys, workbench.figures.plotting; sys.exit('plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

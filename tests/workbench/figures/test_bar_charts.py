import pandas as pd
import pytest

from workbench.figures import bar_charts
from workbench.figures.plotting import Axes, Columns

AXES = Axes("Form", "Share", legend="When")


def frame(*names: str) -> pd.DataFrame:
    return pd.DataFrame({"form": names, "share": [0.25] * len(names), "when": "before", "part": "all"})


@pytest.mark.parametrize(
    ("names", "way"), [(("a", "b"), "v"), (("a", "a long name"), "h"), (tuple("abcdefg"), "h"), ((1, 2, 3), "v")]
)
def test_many_or_long_names_lie(names, way: str):
    made = bar_charts.bars(frame(*names), AXES, Columns("form", "share"))
    assert made.data[0].orientation == way


def test_panels_of_long_names_lie_too_and_share_their_names():
    both = pd.concat([frame("a long name", "b").assign(part=part) for part in ("robust", "right")])
    made = bar_charts.bars(both, AXES, Columns("form", "share", panel="part"))
    assert [trace.orientation for trace in made.data] == ["h", "h"]
    assert (made.layout.yaxis.title.text, made.layout.yaxis2.title.text) == ("Form", "")
    assert made.layout.yaxis.ticktext == ("a long name", "b")


def test_a_legend_of_one_series_is_left_out():
    both = pd.concat([frame("a"), frame("a").assign(when="after")])
    for rows, shown in ((frame("a"), [False]), (both, [True, True])):
        made = bar_charts.bars(rows, AXES, Columns("form", "share", by="when"))
        assert [trace.showlegend for trace in made.data] == shown


def test_a_row_is_as_high_as_its_name_or_its_bars():
    short, tall = (
        bar_charts.bars(frame(name), AXES, Columns("form", "share"), sideways=True).layout.height
        for name in ("a name", "a name that breaks into lines more than once")
    )
    assert tall - short >= 2 * bar_charts.LINE - bar_charts.BAR

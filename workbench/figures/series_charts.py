"""Curves that are too many for colours."""

# pyright: reportMissingTypeStubs=false

from typing import TYPE_CHECKING

from workbench.figures import plotting
from workbench.figures.palette import GREY, series_style
from workbench.figures.plotting import Axes, Columns

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

FAINT = "rgba(128,128,128,0.35)"


def many_lines(frame: "pd.DataFrame", axes: Axes, columns: Columns, *, mean: str, marked: str = "") -> "go.Figure":
    """Draw many curves grey and thin, with their mean and the marked one in colour.

    Args:
        frame, axes, columns: as for `plotting.lines`; series in `columns.muted` keep their dotted grey.
        mean: name of the mean's curve.
        marked: name of the series to mark; "" marks none.
    """
    if frame.empty:
        return plotting.blank()
    made = plotting.figure(axes)
    rest = frame[~frame[columns.by].isin(list(columns.muted))]
    for name, _, quiet, part in plotting.series_of(frame, columns):
        curve = part.sort_values(columns.x)
        line = {"color": GREY, "width": 1.5, "dash": "dot"} if quiet else {"color": FAINT, "width": 1}
        made.add_scatter(
            x=curve[columns.x].tolist(), y=curve[columns.y].tolist(), name=plotting.plain(name), mode="lines",
            line=line, showlegend=quiet, hovertemplate=plotting.hover(axes, name),
        )  # fmt: skip
    middle = rest.groupby(columns.x, sort=True)[columns.y].mean()
    named = [(f"{mean} of {rest[columns.by].nunique()}", middle.index.tolist(), middle.tolist())]
    if marked:
        chosen = rest[rest[columns.by].astype(str) == marked].sort_values(columns.x)
        named.append((marked, chosen[columns.x].tolist(), chosen[columns.y].tolist()))
    for place, (name, x, y) in enumerate(named):
        style = series_style(place)
        made.add_scatter(
            x=x, y=y, name=plotting.plain(name), mode="lines+markers", showlegend=True,
            line={"color": style.color, "dash": style.dash, "width": 2.5},
            marker={"symbol": style.symbol, "size": 6, "color": style.color},
            hovertemplate=plotting.hover(axes, name),
        )  # fmt: skip
    return made

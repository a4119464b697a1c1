"""Curves and groups of points that are too many for colours."""

# pyright: reportMissingTypeStubs=false

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.figures import plotting
from workbench.figures.palette import GREY, series_style
from workbench.figures.plotting import Axes, Columns
from workbench.messages import say

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

FAINT = "rgba(128,128,128,0.35)"
NEAR = 0.12
"""Groups whose middles lie closer than this share of both axes are named together."""
NAMES_A_LINE = 4


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
    named = [
        (say("{mean} of {n}", mean=say(mean), n=rest[columns.by].nunique()), middle.index.tolist(), middle.tolist())
    ]
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


def many_points(frame: "pd.DataFrame", axes: Axes, columns: Columns) -> "go.Figure":
    """Draw points of many groups grey, each group named at its middle; groups that lie together are named together.

    Args:
        frame, axes, columns: as for `plotting.scatter2d`.
    """
    if frame.empty:
        return plotting.blank()
    shown = plotting.thin(frame)
    panels = plotting.panel_names(shown, columns)
    made = plotting.panels_of(axes, panels)
    reach = [NEAR * (float(shown[column].max() - shown[column].min()) or 1.0) for column in (columns.x, columns.y)]
    for part, place in plotting.in_panels(shown, columns, panels):
        for name, _, _, points in plotting.series_of(part, columns):
            made.add_scatter(
                x=points[columns.x].tolist(), y=points[columns.y].tolist(), mode="markers", showlegend=False,
                text=points[columns.label].astype(str).map(plotting.plain).tolist() if columns.label else None,
                marker={"color": FAINT, "size": 5}, customdata=plotting.keys_of(points, columns),
                hovertemplate=plotting.hover(axes, name, "<br>%{text}" if columns.label else ""), **place,
            )  # fmt: skip
        for names, x, y in _named_together(part, columns, reach):
            lines = [", ".join(names[at : at + NAMES_A_LINE]) for at in range(0, len(names), NAMES_A_LINE)]
            made.add_annotation(
                x=x, y=y, text="<br>".join(map(plotting.plain, lines)), showarrow=False, name="mark",
                font={"size": 12}, **place,
            )  # fmt: skip
    return plotting.note_thinned(made, len(shown), len(frame))


def _named_together(
    rows: "pd.DataFrame", columns: Columns, reach: list[float]
) -> "Iterator[tuple[list[str], float, float]]":
    """Yield names of groups that lie together, with the mean of their middles."""
    middles = rows.groupby(columns.by, sort=False)[[columns.x, columns.y]].mean()
    together: list[list[tuple[str, float, float]]] = []
    for name, x, y in middles.itertuples(name=None):
        near = next((some for some in together if _close(some[0], (x, y), reach)), None)
        if near is None:
            together.append([(str(name), x, y)])
        else:
            near.append((str(name), x, y))
    for some in together:
        yield (
            [name for name, _, _ in some],
            sum(x for _, x, _ in some) / len(some),
            sum(y for *_, y in some) / len(some),
        )


def _close(group: tuple[str, float, float], middle: tuple[float, float], reach: list[float]) -> bool:
    return abs(group[1] - middle[0]) < reach[0] and abs(group[2] - middle[1]) < reach[1]

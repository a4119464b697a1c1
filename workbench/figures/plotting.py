"""Figures in one style: the few kinds of plot that methods share, accessible by construction.

Design decisions:
- plotly is imported inside functions: a card, and the server that shows it, load none of it.
- Colour never carries meaning alone: each series has its own dash and marker symbol besides, each bar its hatch.
- Backgrounds are transparent and greys translucent, so that one figure serves light mode, dark mode and paper; the
  page sets font and grid colours from its theme.
- `uirevision` is constant: a redraw with new rows keeps the reader's zoom.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.figures import palette
from workbench.figures.palette import GREY, SeriesStyle, series_style, translucent
from workbench.messages import say

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

MOST_POINTS = 20_000
"""More scatter points than this are thinned, and the figure says so."""
MOST_SVG_POINTS = 5_000
"""Larger series are drawn by WebGL."""
HEIGHT, LOW, ROW = 400, 190, 36
"""A heatmap of few rows is as high as they need, in pixels: LOW around them, ROW for each."""
SHORT_TITLE = 8
"""A longer title of the lower axis stands under the first panel alone."""
MOST_NUMBERED = 16
"""Heatmaps up to this many rows and columns carry their numbers."""


@dataclass(frozen=True)
class Axes:
    """What the axes measure, units included ("Layer", "Riemannian distance", "Tokens (thousands)").

    Attributes:
        x, y: titles.
        log: axes on a logarithmic scale ("", "x", "y", "xy").
        legend: title of the legend, where a figure has one ("Language").
    """

    x: str
    y: str
    log: Literal["", "x", "y", "xy"] = ""
    legend: str = ""


@dataclass(frozen=True)
class Columns:
    """Which column of a frame plays which part in a figure.

    Attributes:
        x, y: the coordinates.
        by: names the series; None draws one series.
        panel: names the panel of a scatter plot; panels stand side by side.
        label: text shown on hover (the sentence).
        key: value handed to a click on a point (`Chart.selects`).
        order: series in this order, others after them, so that a series keeps its colour in every figure.
        muted: series drawn thin and grey: noise floors, references.
    """

    x: str
    y: str
    by: str | None = None
    panel: str | None = None
    label: str | None = None
    key: str | None = None
    order: Sequence[Any] = ()
    muted: Sequence[Any] = ()


def figure(axes: Axes) -> "go.Figure":
    """Make an empty figure in the bench's style with named axes."""
    import plotly.graph_objects as go

    made = go.Figure(layout={"template": palette.template(), "uirevision": "kept"})
    return _name_axes(made, axes)


def blank(text: str = "") -> "go.Figure":
    """Return a figure that only says `text`: what a view draws from empty tables."""
    import plotly.graph_objects as go

    made = go.Figure(layout={"template": palette.template(), "uirevision": "kept"})
    made.update_xaxes(visible=False)
    made.update_yaxes(visible=False)
    made.add_annotation(
        text=plain(text or say("No rows yet")), showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper", font_size=15
    )
    return made


def lines(frame: "pd.DataFrame", axes: Axes, columns: Columns) -> "go.Figure":
    """Draw curves of y over x, one for each series; panels share both scales."""
    if frame.empty:
        return blank()
    panels = panel_names(frame, columns)
    made = panels_of(axes, panels)
    series = series_of(frame, columns)
    for name, style, quiet, rows in series:
        for part, place in in_panels(rows, columns, panels):
            curve = part.sort_values(columns.x)
            made.add_scatter(
                x=curve[columns.x].tolist(), y=curve[columns.y].tolist(), name=plain(name), legendgroup=name,
                mode="lines+markers", showlegend=len(series) > 1 and place.get("col", 1) == 1,
                line={"color": style.color, "dash": style.dash, "width": 1.5 if quiet else 2},
                marker={"symbol": style.symbol, "size": 4 if quiet else 6, "color": style.color},
                customdata=keys_of(curve, columns), hovertemplate=hover(axes, name), **place,
            )  # fmt: skip
    return made


def scatter2d(frame: "pd.DataFrame", axes: Axes, columns: Columns) -> "go.Figure":
    """Draw points in the plane, coloured and shaped by series; panels share both scales.

    Beyond `MOST_POINTS` rows the frame is thinned and the figure says so.
    """
    if frame.empty:
        return blank()
    shown = thin(frame)
    panels = panel_names(shown, columns)
    made = panels_of(axes, panels)
    series = series_of(shown, columns)
    for name, style, _, points in series:
        for part, place in in_panels(points, columns, panels):
            trace = _points(part, axes, columns, style, name)
            trace.update(showlegend=len(series) > 1 and place.get("col", 1) == 1)
            made.add_trace(trace, **place)
    return note_thinned(made, len(shown), len(frame))


def note_thinned(made: "go.Figure", shown: int, of: int) -> "go.Figure":
    """Say on a figure that only some of its points are drawn; returns the same figure."""
    if shown < of:
        text = say("{shown} of {all} points drawn", shown=f"{shown:,}", all=f"{of:,}")
        made.add_annotation(text=text, showarrow=False, x=1, y=1, xref="paper", yref="paper", font_size=11)
    return made


def heatmap(
    matrix: "pd.DataFrame", axes: Axes, *, unit: str, middle: float | None = None, digits: int = 2
) -> "go.Figure":
    """Draw a matrix as colour and number; a click hands over `[row, column]`.

    Args:
        matrix: values; the index names rows (drawn top down), the columns name columns.
        axes: titles.
        unit: what the colour measures, shown beside the colour bar.
        middle: neutral value of a diverging scale; None for a sequential one.
        digits: decimals of the numbers.
    """
    if matrix.empty:
        return blank()
    made = figure(axes)
    rows, names = [plain(str(name)) for name in matrix.index], [plain(str(name)) for name in matrix.columns]
    made.add_heatmap(
        z=matrix.to_numpy(dtype=float).tolist(), x=names, y=rows, xgap=1, ygap=1, zmid=middle,
        colorscale=palette.SEQUENTIAL if middle is None else [list(stop) for stop in palette.DIVERGING],
        customdata=[[[str(row), str(name)] for name in matrix.columns] for row in matrix.index],
        texttemplate=f"%{{z:.{digits}f}}" if max(matrix.shape) <= MOST_NUMBERED else None,
        colorbar={"title": {"text": unit, "side": "right"}, "outlinewidth": 0, "thickness": 14},
        hovertemplate=f"{axes.y} %{{y}}<br>{axes.x} %{{x}}<br>{unit} %{{z:.{digits + 1}f}}<extra></extra>",
    )  # fmt: skip
    made.update_xaxes(type="category", showgrid=False)
    made.update_yaxes(type="category", autorange="reversed", showgrid=False)
    return made.update_layout(height=min(HEIGHT, LOW + ROW * len(rows)))


def shade(made: "go.Figure", x0: float, x1: float, label: str) -> "go.Figure":
    """Shade the columns from `x0` to `x1` and say what they are; returns the same figure."""
    made.add_vrect(
        x0=x0, x1=x1, fillcolor="rgba(128,128,128,0.16)", line_width=0, layer="below",
        annotation_text=plain(label), annotation_position="top left", annotation_font_size=12, annotation_name="mark",
    )  # fmt: skip
    return made


def rule(made: "go.Figure", at: float, label: str, axis: Literal["x", "y"] = "y") -> "go.Figure":
    """Draw a dotted reference line at `at` (chance, a noise floor, the bar of a claim); returns the same figure."""
    look = {"line": {"dash": "dot", "color": GREY, "width": 1.5}}
    look |= {"annotation_text": plain(label), "annotation_name": "mark"}
    return made.add_hline(y=at, **look) if axis == "y" else made.add_vline(x=at, **look)


def thin(frame: "pd.DataFrame", most: int = MOST_POINTS) -> "pd.DataFrame":
    """Take at most `most` rows in their order, the same ones each time; the frame itself where it is small enough."""
    # Drawn at random: an even stride drops whole series where rows of several series alternate.
    return frame if len(frame) <= most else frame.sample(most, random_state=0).sort_index()


def plain(text: str) -> str:
    """Escape text so that plotly shows it as it is, without reading markup in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def series_of(frame: "pd.DataFrame", columns: Columns) -> "list[tuple[str, SeriesStyle, bool, pd.DataFrame]]":
    """Return (name, style, muted, rows) of each series, in the asked order."""
    if columns.by is None:
        return [("", series_style(0), False, frame)]
    ranks = list(dict.fromkeys([*columns.order, *frame[columns.by].unique()]))
    found = []
    for index, (value, part) in enumerate((value, frame[frame[columns.by] == value]) for value in ranks):
        muted = value in columns.muted
        style = SeriesStyle("#808080", "dot", "circle-open", "") if muted else series_style(index)
        found.append((str(value), style, muted, part))
    return [series for series in found if len(series[-1])]


def _points(part: "pd.DataFrame", axes: Axes, columns: Columns, style: SeriesStyle, name: str) -> Any:
    import plotly.graph_objects as go

    kind = go.Scatter if len(part) <= MOST_SVG_POINTS else go.Scattergl
    return kind(
        x=part[columns.x].tolist(), y=part[columns.y].tolist(), name=plain(name), legendgroup=name, mode="markers",
        text=part[columns.label].astype(str).map(plain).tolist() if columns.label else None,
        customdata=keys_of(part, columns),
        marker={"color": translucent(style.color, 0.8), "symbol": style.symbol, "size": 7},
        hovertemplate=hover(axes, name, "<br>%{text}" if columns.label else ""),
    )  # fmt: skip


def panel_names(frame: "pd.DataFrame", columns: Columns) -> list[str]:
    """Return names of the panels, in the order of the rows; none where there are no panels."""
    return [str(value) for value in frame[columns.panel].unique()] if columns.panel else []


def in_panels(
    rows: "pd.DataFrame", columns: Columns, panels: Sequence[str]
) -> "Iterator[tuple[pd.DataFrame, dict[str, int]]]":
    """Yield rows of each panel with its place in the figure; all of them where there are no panels."""
    if not panels:
        yield rows, {}
    for at, panel in enumerate(panels):
        yield rows[rows[columns.panel].astype(str) == panel], {"row": 1, "col": at + 1}


def panels_of(axes: Axes, titles: Sequence[str]) -> "go.Figure":
    """Make an empty figure, of panels side by side that share both scales where they have titles."""
    if not titles:
        return figure(axes)
    from plotly.subplots import make_subplots

    made = make_subplots(cols=len(titles), shared_yaxes="all", shared_xaxes="all", horizontal_spacing=0.04,
                         column_titles=[plain(title) for title in titles])  # fmt: skip
    made.update_layout(template=palette.template(), uirevision="kept", legend={"y": 1.1}, margin={"t": 72})
    _name_axes(made, axes)
    # two titles beside each other run into one another
    made.update_xaxes(title_text="", selector=lambda axis: axis.plotly_name != "xaxis" and len(axes.x) > SHORT_TITLE)
    return made.update_yaxes(title_text="", selector=lambda axis: axis.plotly_name != "yaxis")


def _name_axes(made: "go.Figure", axes: Axes) -> "go.Figure":
    made.update_xaxes(title_text=axes.x, type="log" if "x" in axes.log else None)
    made.update_yaxes(title_text=axes.y, type="log" if "y" in axes.log else None)
    return made.update_layout(legend_title_text=axes.legend or None)


def keys_of(part: "pd.DataFrame", columns: Columns) -> list[Any] | None:
    """Return what a click on each point hands over."""
    return part[columns.key].tolist() if columns.key else None


def hover(axes: Axes, name: str, more: str = "", number: Literal["x", "y"] = "y") -> str:
    """Return the tooltip of a series; `number` is the axis whose value is shown to four digits."""
    head = f"<b>{plain(name)}</b><br>" if name else ""
    x, y = (f"%{{{axis}{':.4~g' * (axis == number)}}}" for axis in "xy")
    return f"{head}{axes.x} {x}<br>{axes.y} {y}{more}<extra></extra>"

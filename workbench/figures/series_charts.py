"""Bars, and curves that are too many for colours."""

# pyright: reportMissingTypeStubs=false

from typing import TYPE_CHECKING

from workbench import plotting
from workbench.palette import GREY, series_style
from workbench.plotting import Axes, Columns

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

FAINT = "rgba(128,128,128,0.35)"


def bars(
    frame: "pd.DataFrame", axes: Axes, columns: Columns, *, stacked: bool = False, sideways: bool = False
) -> "go.Figure":
    """Draw bars grouped (or stacked) by series; `sideways` lays them, with their names to the left.

    Panels stand side by side and share both scales.
    """
    if frame.empty:
        return plotting.blank()
    panels = [str(value) for value in frame[columns.panel].unique()] if columns.panel else [""]
    made = plotting.panels_of(axes, panels) if columns.panel else plotting.figure(_turned(axes) if sideways else axes)
    for name, style, _, rows in plotting.series_of(frame, columns):
        for at, panel in enumerate(panels):
            part = rows[rows[columns.panel].astype(str) == panel] if columns.panel else rows
            names, values = part[columns.x].astype(str).map(plotting.plain).tolist(), part[columns.y].tolist()
            made.add_bar(
                x=values if sideways else names, y=names if sideways else values, name=plotting.plain(name),
                orientation="h" if sideways else "v", legendgroup=name,
                showlegend=columns.by is not None and at == 0, customdata=plotting.keys_of(part, columns),
                marker={"color": style.color, "pattern": {"shape": style.hatch, "size": 6}},
                hovertemplate=plotting.hover(_turned(axes) if sideways else axes, name).replace(
                    "%{y:.4~g}", "%{y}" if sideways else "%{y:.4~g}"
                ).replace("%{x}", "%{x:.4~g}" if sideways else "%{x}"),
                **({"row": 1, "col": at + 1} if columns.panel else {}),
            )  # fmt: skip
    made.update_layout(barmode="stack" if stacked else "group", bargap=0.3)
    if sideways:
        height = 120 + 26 * frame[columns.x].nunique() * (1 if stacked else max(1, len(made.data) // 2))
        return made.update_yaxes(type="category", autorange="reversed", automargin=True).update_layout(height=height)
    return made.update_xaxes(type="category")


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


def _turned(axes: Axes) -> Axes:
    log = {"x": "y", "y": "x"}.get(axes.log, axes.log)
    return Axes(axes.y, axes.x, log=log, legend=axes.legend)  # type: ignore[arg-type]

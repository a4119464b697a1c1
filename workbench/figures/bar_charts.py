"""Bars grouped or stacked by series, laid down where their names are many or long, so that no name is turned."""

# pyright: reportMissingTypeStubs=false

from typing import TYPE_CHECKING

from workbench.figures import axis_names
from workbench.figures.plotting import (
    Axes,
    Columns,
    blank,
    hover,
    in_panels,
    keys_of,
    panel_names,
    panels_of,
    plain,
    series_of,
)

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

WIDE_NAME, MANY_BARS = 9, 6
"""Bars with a longer name, or more bars than this, are horizontal."""
AROUND, LINE, BAR, GAP = 120, 16, 14, 10
"""Pixels around horizontal bars, for a line of a name, for a bar, and between two names."""


def bars(
    frame: "pd.DataFrame", axes: Axes, columns: Columns, *, stacked: bool = False, sideways: bool | None = None
) -> "go.Figure":
    """Draw bars of y by x, grouped (or stacked) by series; panels stand side by side and share both scales.

    Args:
        frame, axes, columns: as for `plotting.lines`.
        stacked: bars of the series on each other rather than side by side.
        sideways: horizontal, with their names to the left; None where the names are many or long.
    """
    if frame.empty:
        return blank()
    lying = lie_down(frame[columns.x]) if sideways is None else sideways
    shown = _turned(axes) if lying else axes
    panels = panel_names(frame, columns)
    made = panels_of(shown, panels)
    series = series_of(frame, columns)
    for name, style, _, rows in series:
        for part, place in in_panels(rows, columns, panels):
            told = hover(shown, name, number="x" if lying else "y")
            names, values = part[columns.x].astype(str).map(plain).tolist(), part[columns.y].tolist()
            made.add_bar(
                x=values if lying else names, y=names if lying else values, name=plain(name),
                orientation="h" if lying else "v", legendgroup=name,
                showlegend=len(series) > 1 and place.get("col", 1) == 1, customdata=keys_of(part, columns),
                marker={"color": style.color, "pattern": {"shape": style.hatch, "size": 6}},
                hovertemplate=told, **place,
            )  # fmt: skip
    made.update_layout(barmode="stack" if stacked else "group", bargap=0.3)
    names = frame[columns.x].astype(str).unique().tolist()
    if not lying:
        return axis_names.name_categories(made, "x", names).update_xaxes(type="category")
    height = AROUND + sum(_height(name, 1 if stacked else len(series)) for name in names)
    axis_names.name_categories(made, "y", names)
    return made.update_yaxes(type="category", autorange="reversed", automargin=True).update_layout(height=height)


def lie_down(names: "pd.Series") -> bool:
    """Return whether bars of these names are better horizontal; whole numbers keep their order from left to right."""
    if names.dtype.kind in "iu":
        return False
    words = names.astype(str).unique()
    return len(words) > MANY_BARS or max(map(len, words)) > WIDE_NAME


def _height(name: str, side_by_side: int) -> int:
    """Pixels that a name and its bars take, whichever are higher."""
    return GAP + max(LINE * (axis_names.broken(name).count("<br>") + 1), BAR * side_by_side)


def _turned(axes: Axes) -> Axes:
    log = {"x": "y", "y": "x"}.get(axes.log, axes.log)
    return Axes(axes.y, axes.x, log=log, legend=axes.legend)  # type: ignore[arg-type]

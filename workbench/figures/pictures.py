"""Declared pictures as charts and listings: drawn, told and offered for choice from their declaration alone.

Design decisions:
- Up to eight series have colours; more are grey lines with their mean and a chosen one marked.
- Up to four curves carry their names at their ends instead of a legend, where the ends lie apart.
- Whole numbers on an axis (layers, blocks, steps) have whole ticks.
- Many or long names of bars stand to the left of horizontal bars, never turned (`bar_charts`).
"""

# pyright: reportMissingTypeStubs=false

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from workbench.contract.engine import Engine
from workbench.contract.pictures import Bars, Curves, Mark, Matrix, Picture, Points, Rows
from workbench.contract.views import Chart, Listing, Tables
from workbench.figures import axis_names
from workbench.figures import picture_words as words
from workbench.figures.bar_charts import bars
from workbench.figures.picture_frames import (
    MARKED,
    MEAN,
    MOST_COLOURS,
    averaged,
    controls_of,
    listed,
    matrix_of,
    measure_of,
    options_of,
    plotted,
    replaced_picks,
    row_names,
)
from workbench.figures.series_charts import many_lines, many_points
from workbench.messages import say

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

DIRECT = 4
"""Up to so many curves are named at their ends."""
THOUSANDS = 10_000
"""Whole numbers over a larger span have commas."""
APART = 0.06
"""Share of the axis by which these ends must lie apart."""


def made(picture: Picture, engine: Engine) -> Chart | Listing:
    """Join a declaration with the engine whose arms it names."""
    shared: dict[str, Any] = {
        "name": picture.name,
        "title": picture.title,
        "reads": picture.source.reads,
        "controls": controls_of(picture),
        "options": lambda tables: options_of(picture, tables, engine),
        "help": picture.help,
        "group": picture.group,
        "claim": picture.claim,
        "selects": getattr(picture, "selects", None),
    }
    if isinstance(picture, Rows):
        return Listing(rows=lambda tables, controls: listed(picture, tables, controls, engine), **shared)

    def draw(tables: Tables, controls: Any) -> "go.Figure":
        drawn = draw_picture(picture, tables, controls, engine)
        return _noted(drawn, replaced_picks(picture, tables, controls, engine))

    def describe(tables: Tables, controls: Any) -> str:
        said = describe_picture(picture, tables, controls, engine)
        note = picture.note(tables) if picture.note else ""
        return " ".join(filter(None, (said, replaced_picks(picture, tables, controls, engine), note)))

    return Chart(draw=draw, describe=describe, **shared)


def describe_picture(picture: Curves | Matrix | Points, tables: Tables, controls: Any, engine: Engine) -> str:
    """Say what a picture shows, from the frame that is drawn."""
    match picture:
        case Matrix():
            frame = matrix_of(picture, tables, controls, engine)
            said = words.matrix_in_words(picture, frame)
        case Points():
            frame = plotted(picture, tables, controls, engine)
            said = words.points_in_words(picture, frame)
        case Bars():
            frame = averaged(picture, tables, controls, engine)
            said = words.bars_in_words(picture, frame, measure_of(picture, controls)[1])
        case Curves():
            frame = averaged(picture, tables, controls, engine)
            said = words.curves_in_words(picture, frame, measure_of(picture, controls)[1])
    if picture.says and not frame.empty:
        return picture.says(frame)
    if frame.empty or not isinstance(picture, Curves) or isinstance(picture, Bars) or picture.marks is None:
        return said
    return f"{said} {words.marks_in_words(picture, frame, picture.marks(tables))}".strip()


def draw_picture(picture: Curves | Matrix | Points, tables: Tables, controls: Any, engine: Engine) -> "go.Figure":
    """Draw a picture from a run's tables and the values of its controls."""
    from workbench.figures import plotting
    from workbench.figures.plotting import Axes, Columns

    if isinstance(picture, Matrix):
        matrix = matrix_of(picture, tables, controls, engine)
        axes = Axes(*picture.axes)
        drawn = plotting.heatmap(matrix, axes, unit=picture.unit, digits=picture.digits, middle=picture.middle)
        if matrix.empty:
            return drawn
        names = row_names(picture, tables, controls, engine) if picture.label else {}
        axis_names.name_categories(drawn, "x", list(matrix.columns))
        return axis_names.name_categories(drawn, "y", list(matrix.index), names)
    if isinstance(picture, Points):
        frame = plotted(picture, tables, controls, engine)
        columns = Columns(
            picture.x, picture.y, by=picture.by, panel=picture.panel, label=picture.label, key=picture.key,
            order=_order(picture, engine), muted=picture.muted,
        )  # fmt: skip
        axes = Axes(*picture.axes, log=picture.log, legend=_legend(picture))
        draw = many_points if picture.by and _groups(picture, frame) > MOST_COLOURS else plotting.scatter2d
        drawn = draw(frame, axes, columns)
    else:
        frame = averaged(picture, tables, controls, engine)
        drawn = _series(picture, frame, controls, engine)
        if picture.dots:
            _dotted(drawn, picture, averaged(picture, tables, controls, engine, picture.dots))
    if frame.empty:
        return drawn
    return _marked(_whole_ticks(drawn, picture, frame), picture.marks(tables) if picture.marks else ())


def _series(picture: Curves, frame: "pd.DataFrame", controls: Any, engine: Engine) -> "go.Figure":
    from workbench.figures import plotting
    from workbench.figures.plotting import Axes, Columns

    axes = Axes(picture.axes[0], measure_of(picture, controls)[1], log=picture.log, legend=_legend(picture))
    columns = Columns(
        picture.x, "value", by=picture.by, panel=picture.panel, order=_order(picture, engine), muted=picture.muted
    )
    if isinstance(picture, Bars):
        return bars(frame, axes, columns, stacked=picture.stacked)
    if frame.empty or picture.by is None:
        return plotting.lines(frame, axes, columns)
    names = [name for name in frame[picture.by].astype(str).unique() if name not in picture.muted]
    if len(names) > MOST_COLOURS:
        chosen = getattr(controls, MARKED, "")
        return many_lines(frame, axes, columns, mean=MEAN, marked=chosen if chosen in names else "")
    drawn = plotting.lines(frame, axes, columns)
    return drawn if picture.panel or "y" in picture.log else _named_at_ends(drawn, frame, picture)


def _named_at_ends(drawn: "go.Figure", frame: "pd.DataFrame", picture: Curves) -> "go.Figure":
    """Name a few curves at their ends, where these lie apart, in place of a legend."""
    from workbench.figures import plotting

    ends = [(trace.y[-1], trace.x[-1], trace) for trace in drawn.data if len(trace.y)]
    heights = sorted(end[0] for end in ends)
    span = float(frame["value"].max() - frame["value"].min()) or 1.0
    close = any(high - low < APART * span for low, high in pairwise(heights))
    if not 1 < len(ends) <= DIRECT or close or len({end[1] for end in ends}) > 1:
        return drawn
    for y, x, trace in ends:
        drawn.add_annotation(
            x=x, y=y, text=plotting.plain(str(trace.name)), showarrow=False, xanchor="left", xshift=8,
            font={"color": trace.line.color, "size": 12}, name="end",
        )  # fmt: skip
    longest = max(len(str(trace.name)) for _, _, trace in ends)
    return drawn.update_layout(showlegend=False, margin={"r": min(220, 24 + 7 * longest)})


def _dotted(drawn: "go.Figure", picture: Curves, frame: "pd.DataFrame") -> None:
    """Add an open grey point for each value of the column that is kept apart."""
    shown = frame[~frame[picture.by].isin(picture.muted)] if picture.by else frame
    if len(shown):
        drawn.add_scatter(
            x=shown[picture.x].tolist(), y=shown["value"].tolist(), mode="markers",
            name=say("each {column}", column=picture.dots),
            marker={"symbol": "circle-open", "size": 6, "color": "#808080"},
        )  # fmt: skip


def _whole_ticks(drawn: "go.Figure", picture: Curves | Points, frame: "pd.DataFrame") -> "go.Figure":
    if isinstance(picture, Bars) or "x" in picture.log or frame[picture.x].dtype.kind not in "iu":
        return drawn
    span = int(frame[picture.x].max() - frame[picture.x].min())
    return drawn.update_xaxes(dtick=axis_names.whole_step(span), tickformat="d" if span < THOUSANDS else ",d")


def _marked(drawn: "go.Figure", marks: Sequence[Mark]) -> "go.Figure":
    from workbench.figures import plotting

    for mark in marks:
        if mark.kind == "shade":
            plotting.shade(drawn, mark.at, mark.to, mark.label)
        else:
            plotting.rule(drawn, mark.at, mark.label, mark.kind)
    return drawn


def _noted(drawn: "go.Figure", note: str) -> "go.Figure":
    """Put a note below the axis, where neither legend nor tools stand."""
    from workbench.figures import plotting

    if note:
        drawn.update_layout(margin={"b": 80}).add_annotation(
            text=plotting.plain(note), showarrow=False, x=0, y=0, xref="paper", yref="paper", xanchor="left",
            yanchor="top", yshift=-54, name="note",
        )  # fmt: skip
    return drawn


def _groups(picture: Points, frame: "pd.DataFrame") -> int:
    """Count the series that ask for a colour."""
    return len(set(frame[picture.by].unique()) - set(picture.muted)) if len(frame) else 0


def _order(picture: Curves | Points, engine: Engine) -> tuple[str, ...]:
    return picture.order or (tuple(arm.title for arm in engine.arms) if picture.by == "arm" else ())


def _legend(picture: Curves | Points) -> str:
    return say((picture.by or "").replace("_", " ").capitalize())

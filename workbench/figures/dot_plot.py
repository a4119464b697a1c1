"""Dots with two intervals on a common axis: the 95 % interval thick, the one at the level that decides thin and longer.

Design decisions:
- Names stand above their dots, never rotated and never beside them, so that a narrow screen keeps its width for the
  axis. The vertical axis counts pixels: every row has the room it needs.
- The role of an arm is told by the shape of its dot, the arm by its colour and its fixed place in the group.
- What carries a caution (one seed of a trained arm) has broken lines and a hollow dot.
"""

# pyright: reportMissingTypeStubs=false

import math
import textwrap
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from workbench.figures import plotting
from workbench.figures.measured import ENDS, Measured
from workbench.figures.palette import CATEGORICAL, translucent
from workbench.messages import noted, say, say_many
from workbench.number_format import POINTS

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

SHAPES = {"method": "circle", "baseline": "square", "ablation": "diamond", "control": "triangle-up"}
LINE, STEP, GAP = 20, 17, 12
"""Pixels of one line of a name above its dots, from dot to dot, and between groups."""
AXIS, MARGIN = 40, 14
"""Pixels for the axis without its title, and where nothing stands."""
MARKER = 7
"""A legend's marker and gap take the room of so many letters."""
SHORT = 640
"""A taller figure has its axis at the top, where reading begins."""
MOST_LETTERS = 46
"""So many letters fit beside each other on a narrow screen; longer names and titles break into lines."""
THICK, THIN = 5, 2


def dot_plot(found: Measured) -> "go.Figure":
    """Draw every arm's dot and intervals, or one group of dots per slice."""
    if found.rows.empty:
        return plotting.blank(say("No outcomes yet"))
    scale = 100.0 if found.metric.unit == "share" else 1.0
    rows = _placed(found, scale)
    ends = _range(found, rows, scale)
    title = axis_title(found)
    made = plotting.figure(plotting.Axes("<br>".join(title), ""))
    for _, arm in rows.groupby("shade", sort=True):
        for trace in _traces(arm, ends, found):
            made.add_trace(trace)
    dots = STEP * int(rows["shade"].nunique() if found.along else 1)
    for top, part in rows.groupby("top", sort=False):
        below = float(top) + float(part["height"].iloc[0]) - GAP
        _name_row(made, part["label"].iloc[0], (float(top) + below - dots) / 2)
        _reference_line(made, found, scale, (below - dots, below))
    return _laid_out(made, found, float((rows["top"] + rows["height"]).max()), ends, len(title))


def axis_title(found: Measured) -> list[str]:
    """Say in short lines what the axis measures, in which unit, and which way is better."""
    metric = found.metric
    unit = (POINTS if found.reference else "%") if metric.unit == "share" else metric.unit
    better = {"higher": say("right is better"), "lower": say("left is better")}.get(metric.better or "", "")
    said = ", ".join(part for part in (say(unit), better) if part)
    tail = f" ({said})" if said else ""
    if found.reference is None:
        dotted = "" if metric.chance is None else say("; dotted: chance, {level}", level=found.number(metric.chance))
        return _lines(f"{say(metric.shown)}{tail}{dotted}")
    return [
        *_lines(say(metric.shown)),
        *_lines(f"{difference_words(found)}{tail}"),
    ]


def difference_words(found: Measured) -> str:
    """Say to which arm the rows are differences, and where that arm lies."""
    assert found.reference is not None
    level = found.level(found.reference.name)
    message = noted("difference to {arm} at {level}") if level else noted("difference to {arm}")
    return say(message, arm=found.reference.title, level=level)


def _lines(words: str) -> list[str]:
    return [plotting.plain(line) for line in textwrap.wrap(words, MOST_LETTERS)] or [""]


def _placed(found: Measured, scale: float) -> "pd.DataFrame":
    """Rows with `y` in pixels from the top, `top`, `height` and `label` of their group; numbers in the axis' unit."""
    rows = found.rows
    of_row = rows["place"] if found.along else rows["arm"]
    groups, shades = list(dict.fromkeys(of_row)), sorted(rows["shade"].unique())
    labels = [_label(found, row) for row in rows.to_dict("records")]
    name = LINE * max(label.count("<br>") + 1 for label in labels)
    height = name + STEP * (len(shades) if found.along else 1) + GAP
    tops = [height * groups.index(group) for group in of_row]
    within = [shades.index(shade) if found.along else 0 for shade in rows["shade"]]
    places = [top + name + STEP * (at + 0.5) for top, at in zip(tops, within, strict=True)]
    scaled = {column: rows[column] * scale for column in ("estimate", *ENDS)}
    told = [_told(found, row) for row in rows.to_dict("records")]
    return rows.assign(**scaled, top=tops, y=places, height=height, label=labels, told=told)


def _label(found: Measured, row: "dict[Hashable, Any]") -> str:
    """Name of a row: the slice; or the arm with its number, and its own level beside a difference."""
    if found.along:
        return "<br>".join(_lines(row["place"]))
    level, number = found.level(row["arm"]), found.number(row["estimate"])
    tail = f"<b>{number}</b>{f' ({level})' if level else ''}"
    short = len(row["title"]) + len(number) + len(level) + 5 <= MOST_LETTERS
    return f"{plotting.plain(row['title'])}  {tail}" if short else f"{'<br>'.join(_lines(row['title']))}<br>{tail}"


def _range(found: Measured, rows: "pd.DataFrame", scale: float) -> tuple[float, float]:
    """Ends of the axis: all finite numbers, zero or chance, a little air, within what is possible."""
    values = [float(value) for name in ("estimate", *ENDS) for value in rows[name] if math.isfinite(value)]
    at = _reference_at(found)
    values += [] if at is None else [at * scale]
    low, high = min(values), max(values)
    air = 0.06 * ((high - low) or abs(high) or 1.0)
    limits = found.metric.limits
    if limits and found.reference is None:
        return max(low - air, limits[0] * scale - air / 2), min(high + air, limits[1] * scale + air / 2)
    return low - air, high + air


def _traces(arm: "pd.DataFrame", ends: tuple[float, float], found: Measured) -> "list[go.Scatter]":
    """The thin intervals, the thick ones and the dots of one arm; the first dots carry the legend."""
    import plotly.graph_objects as go

    title, role, shade = (arm[column].iloc[0] for column in ("title", "role", "shade"))
    color, traces = CATEGORICAL[int(shade) % len(CATEGORICAL)], []
    for cautious, part in arm.groupby(arm["caution"] != ""):
        dash, thick = ("dot", 3) if cautious else ("solid", THICK)
        quiet: dict[str, Any] = {"mode": "lines", "hoverinfo": "skip", "showlegend": False, "legendgroup": str(shade)}
        for first, last, line in (
            ("deciding_low", "deciding_high", {"color": translucent(color, 0.55), "width": THIN, "dash": dash}),
            ("low", "high", {"color": color, "width": thick, "dash": dash}),
        ):
            traces.append(go.Scatter(**_segments(part, first, last, ends), **quiet, line=line))
        shape = SHAPES.get(role, "circle") + ("-open" if cautious else "")
        traces.append(
            go.Scatter(
                x=part["estimate"].tolist(), y=part["y"].tolist(), mode="markers", name=plotting.plain(title),
                legendgroup=str(shade), showlegend=bool(found.along) and len(traces) == 2, text=part["told"].tolist(),
                marker={"symbol": shape, "size": 11, "color": color, "line": {"width": 2, "color": color}},
                hovertemplate="%{text}<extra></extra>",
            )
        )  # fmt: skip
    return traces


def _segments(part: "pd.DataFrame", first: str, last: str, ends: tuple[float, float]) -> dict[str, list[float | None]]:
    """Coordinates of one line per row; an end that is infinite runs to the edge, a missing one draws nothing."""
    x: list[float | None] = []
    y: list[float | None] = []
    for low, high, place in zip(part[first], part[last], part["y"], strict=True):
        if math.isnan(low) or math.isnan(high):
            continue
        x += [max(low, ends[0]), min(high, ends[1]), None]
        y += [place, place, None]
    return {"x": x, "y": y}


def _told(found: Measured, row: "dict[Hashable, Any]") -> str:
    """Everything about one dot, for whoever points at it."""
    lines = [f"<b>{plotting.plain(row['title'])}</b>", plotting.plain(row["place"])]
    lines += [found.number(row["estimate"])]
    lines += [say("95 % interval: {ends}", ends=found.between(row["low"], row["high"]))]
    lines += [say("where it decides: {ends}", ends=found.between(row["deciding_low"], row["deciding_high"]))]
    lines += [", ".join(sample_words(row))]
    return "<br>".join(line for line in [*lines, *_lines(row["caution"])] if line)


def sample_words(row: "dict[Hashable, Any]") -> list[str]:
    """Say how many seeds, items and clusters are behind a number; what there is none of is left out."""
    seeds, items, clusters = (int(row[name]) for name in ("seeds", "items", "clusters"))
    said = [say_many("{n} seed", "{n} seeds", seeds)] if seeds else []
    said += [say_many("{n} item", "{n} items", items)] if items else []
    return [*said, say_many("{n} cluster", "{n} clusters", clusters)] if clusters else said


def _name_row(made: "go.Figure", label: str, middle: float) -> None:
    made.add_annotation(
        text=label, x=0, xref="paper", xanchor="left", y=middle, yanchor="middle", showarrow=False, align="left",
        font={"size": 13},
    )  # fmt: skip


def _reference_line(made: "go.Figure", found: Measured, scale: float, rows: tuple[float, float]) -> None:
    """Zero for differences, chance for levels, beside the dots of one group and not through its name."""
    at = _reference_at(found)
    if at is not None:
        line = {"color": plotting.GREY, "width": 1.5, "dash": "solid" if found.reference else "dot"}
        made.add_shape(type="line", x0=at * scale, x1=at * scale, y0=rows[0], y1=rows[1], line=line, layer="below")


def _reference_at(found: Measured) -> float | None:
    return 0.0 if found.reference is not None else found.metric.chance


def _laid_out(made: "go.Figure", found: Measured, bottom: float, ends: tuple[float, float], lines: int) -> "go.Figure":
    """Give every row its pixels, and put the axis where reading begins."""
    tall, axis = bottom > SHORT, AXIS + LINE * lines
    top = (axis if tall else 0) + MARGIN + (LINE * _legend_lines(found) if found.along else 0)
    below = MARGIN if tall else axis
    made.update_xaxes(
        title_font_size=13, range=list(ends), side="top" if tall else "bottom", zeroline=False, automargin=False
    )
    made.update_yaxes(range=[bottom, 0], visible=False, fixedrange=True)
    height = round(bottom + top + below)
    legend = {"itemclick": False, "itemdoubleclick": False, "yref": "container", "yanchor": "top"}
    return made.update_layout(
        height=height,
        margin={"l": 12, "r": 16, "t": top, "b": below},
        legend={**legend, "y": 1 - MARGIN / 2 / height},
    )


def _legend_lines(found: Measured) -> int:
    """Lines that the legend takes on a narrow screen."""
    lines, letters = 1, 0
    for title in dict.fromkeys(found.rows["title"]):
        wide = len(title) + MARKER
        lines, letters = (lines + 1, wide) if letters and letters + wide > MOST_LETTERS else (lines, letters + wide)
    return lines

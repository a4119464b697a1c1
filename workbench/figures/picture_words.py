"""A declared picture in one or two sentences, computed from the very frame that is drawn."""

# pyright: reportMissingTypeStubs=false

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.contract.pictures import Bars, Curves, Mark, Matrix, Points
from workbench.figures.picture_frames import MEAN, MOST_COLOURS
from workbench.number_format import readable

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 4
"""More series than this are told by their extremes alone."""
NOTHING = "No rows yet."


def curves_in_words(picture: Curves, frame: "pd.DataFrame", measure: str) -> str:
    """Say where each curve begins and ends and where it is lowest and highest; of many, their ends and their mean.

    Muted curves are told by their means over x, after the others.
    """
    if frame.empty:
        return NOTHING
    quiet = frame[picture.by].isin(picture.muted) if picture.by else frame["value"].isna()
    if quiet.all():
        quiet = ~quiet
    series = _series(picture, frame[~quiet])
    head = f"{measure or 'Value'} by {_axis(picture.axes[0], picture.x)}"
    muted = [f"{name} {_n(part['value'].mean())} on average" for name, part in _series(picture, frame[quiet])]
    grey = f"; in grey {', '.join(muted)}" if muted else ""
    if len(series) > MOST_COLOURS:
        ends = sorted((float(part["value"].iloc[-1]), name) for name, part in series)
        low, high = ends[0], ends[-1]
        extremes = f"lowest {low[1]} ({_n(low[0])}), highest {high[1]} ({_n(high[0])})"
        middle = frame[~quiet].groupby(picture.x)["value"].mean().reset_index()
        mean = _course(f"their {MEAN}", middle, picture.x)
        return f"{head}, {len(series)} curves: at the end {extremes}; {mean}{grey}."
    said = [_course(name, part, picture.x) for name, part in series[:MOST_NAMED]]
    more = f"; and {len(series) - MOST_NAMED} more" if len(series) > MOST_NAMED else ""
    return f"{head}: {'; '.join(said)}{more}{grey}."


def marks_in_words(picture: Curves, frame: "pd.DataFrame", marks: Sequence[Mark]) -> str:
    """Say where marks stand, and where the curves are at a line across x; lines without a label are not told."""
    shades = [mark for mark in marks if mark.kind == "shade"]
    found = [_within(frame[picture.x], mark) for mark in shades]
    label = next((mark.label for mark in shades if mark.label), "shaded")
    said = [f"{label} {', '.join(filter(None, found))}"] if any(found) else []
    for mark in marks:
        if mark.label and mark.kind == "y":
            said.append(f"{mark.label} {_n(mark.at)}")
        if mark.label and mark.kind == "x":
            curves = _series(picture, frame[frame[picture.x] == mark.at])[:MOST_COLOURS]
            values = ", ".join(f"{name} {_n(part['value'].iloc[0])}".strip() for name, part in curves)
            said.append(f"{mark.label} at {_n(mark.at)}" + (f" ({values})" if values else ""))
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _within(x: "pd.Series", mark: Mark) -> str:
    inside = x[x.between(mark.at, mark.to)]
    if inside.empty:
        return ""
    low, high = _n(inside.min()), _n(inside.max())
    return low if low == high else f"{low} to {high}"


def bars_in_words(picture: Bars, frame: "pd.DataFrame", measure: str) -> str:
    """Say the lowest and the highest bar, or all of a few."""
    if frame.empty:
        return NOTHING
    keys = [key for key in (picture.panel, picture.x, picture.by) if key]
    named = [(" / ".join(str(row[key]) for key in keys), float(row["value"])) for row in frame.to_dict("records")]
    head = measure or "Value"
    if len(named) <= MOST_NAMED:
        return f"{head}: {'; '.join(f'{name} {_n(value)}' for name, value in named)}."
    low, high = min(named, key=lambda each: each[1]), max(named, key=lambda each: each[1])
    return f"{head}: lowest {low[0]} ({_n(low[1])}), highest {high[0]} ({_n(high[1])}) of {len(named)}."


def matrix_in_words(picture: Matrix, matrix: "pd.DataFrame") -> str:
    """Say the smallest and the largest cell and the mean; of a mirrored matrix without its diagonal."""
    cells = [
        (float(matrix.loc[row, name]), row, name)
        for row in matrix.index
        for name in matrix.columns
        if not (picture.mirrored and row == name) and matrix.loc[row, name] == matrix.loc[row, name]
    ]
    if not cells:
        return NOTHING
    low, high = min(cells, key=lambda cell: cell[0]), max(cells, key=lambda cell: cell[0])
    mean = sum(cell[0] for cell in cells) / len(cells)
    down, across = picture.axes[1], picture.axes[0]
    unit = f"{picture.unit} off the diagonal" if picture.mirrored else picture.unit

    def named_cell(cell: tuple[float, Any, Any]) -> str:
        return f"{_n(cell[0])} ({down} {cell[1]}, {across} {cell[2]})"

    if low[0] == high[0]:
        return f"{unit}: {_n(low[0])} everywhere ({len(cells)} cells)."
    return f"{unit}: lowest {named_cell(low)}, highest {named_cell(high)}, mean {_n(mean)}."


def points_in_words(picture: Points, frame: "pd.DataFrame") -> str:
    """Say how many points there are and the middle of each group."""
    if frame.empty:
        return NOTHING
    keys = [key for key in (picture.panel, picture.by) if key]
    head = f"{len(frame):,} points"
    if not keys:
        x, y = _mean(frame, picture.x), _mean(frame, picture.y)
        return f"{head}; middle at {picture.axes[0]} {x}, {picture.axes[1]} {y}."
    groups = list(frame.groupby(keys, sort=False))
    said = [f"{_joined(name)} ({_mean(part, picture.x)}, {_mean(part, picture.y)})" for name, part in groups[:8]]
    more = f" and {len(groups) - 8} more" if len(groups) > 8 else ""
    return f"{head}; middles: {'; '.join(said)}{more}."


def _series(picture: Curves, frame: "pd.DataFrame") -> "list[tuple[str, pd.DataFrame]]":
    keys = [key for key in (picture.panel, picture.by) if key]
    if not keys:
        return [("", frame.sort_values(picture.x))] if len(frame) else []
    return [(_joined(name), part.sort_values(picture.x)) for name, part in frame.groupby(keys, sort=False)]


def _course(name: str, part: "pd.DataFrame", x: str) -> str:
    low, high = part.loc[part["value"].idxmin()], part.loc[part["value"].idxmax()]
    ends = f"from {_n(part['value'].iloc[0])} to {_n(part['value'].iloc[-1])}"
    if len(part) < 3:
        return f"{name} {ends}".strip()
    extremes = f"lowest {_n(low['value'])} at {_n(low[x])}, highest {_n(high['value'])} at {_n(high[x])}"
    return f"{name} {ends}, {extremes}".strip()


def _axis(title: str, column: str) -> str:
    return (title.split(" (", maxsplit=1)[0] or column.replace("_", " ")).lower()


def _mean(frame: "pd.DataFrame", column: str) -> str:
    return _n(float(frame[column].mean()))


def _joined(name: Any) -> str:
    return " / ".join(map(str, name)) if isinstance(name, Sequence) and not isinstance(name, str) else str(name)


def _n(value: Any) -> str:
    return readable(float(value)) if isinstance(value, int | float) or hasattr(value, "dtype") else str(value)

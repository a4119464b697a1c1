"""A declared picture in one or two sentences, computed from the very frame that is drawn."""

# pyright: reportMissingTypeStubs=false

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.figures.picture_frames import MOST_COLOURS
from workbench.number_format import readable
from workbench.pictures import Bars, Curves, Matrix, Points

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 4
"""More series than this are told by their extremes alone."""
NOTHING = "No rows yet."


def curves_in_words(picture: Curves, frame: "pd.DataFrame", measure: str) -> str:
    """Say where each curve begins and ends and where it is lowest and highest; of many, the extremes of their ends."""
    if frame.empty:
        return NOTHING
    series = _series(picture, frame)
    head = f"{measure or 'Value'} by {_axis(picture.axes[0], picture.x)}"
    if len(series) > MOST_COLOURS:
        ends = sorted((float(part["value"].iloc[-1]), name) for name, part in series)
        low, high = ends[0], ends[-1]
        extremes = f"lowest {low[1]} ({_n(low[0])}), highest {high[1]} ({_n(high[0])})"
        return f"{head}, {len(series)} curves: at the end {extremes}."
    said = [_course(name, part, picture.x) for name, part in series[:MOST_NAMED]]
    more = f"; and {len(series) - MOST_NAMED} more" if len(series) > MOST_NAMED else ""
    return f"{head}: {'; '.join(said)}{more}."


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

    def told(cell: tuple[float, Any, Any]) -> str:
        return f"{_n(cell[0])} ({down} {cell[1]}, {across} {cell[2]})"

    if low[0] == high[0]:
        return f"{picture.unit}: {_n(low[0])} everywhere ({len(cells)} cells)."
    return f"{picture.unit}: lowest {told(low)}, highest {told(high)}, mean {_n(mean)}."


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
        return [("", frame.sort_values(picture.x))]
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
    return _n(float(frame[column].astype(float).mean()))


def _joined(name: Any) -> str:
    return " / ".join(map(str, name)) if isinstance(name, Sequence) and not isinstance(name, str) else str(name)


def _n(value: Any) -> str:
    return readable(float(value)) if isinstance(value, int | float) or hasattr(value, "dtype") else str(value)

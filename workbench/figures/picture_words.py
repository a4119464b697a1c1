"""A declared picture in one or two sentences, computed from the very frame that is drawn."""

# pyright: reportMissingTypeStubs=false

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.contract.pictures import Bars, Curves, Mark, Matrix, Points
from workbench.figures.picture_frames import MOST_COLOURS
from workbench.messages import noted, say, say_many
from workbench.number_format import readable

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 4
"""More series than this are told by their extremes alone."""
VALUE = noted("Value")
NOTHING = noted("No rows yet.")


def curves_in_words(picture: Curves, frame: "pd.DataFrame", measure: str) -> str:
    """Say where each curve begins and ends and where it is lowest and highest; of many, their ends and their mean.

    Muted curves are told by their means over x, after the others.
    """
    if frame.empty:
        return say(NOTHING)
    quiet = frame[picture.by].isin(picture.muted) if picture.by else frame["value"].isna()
    if quiet.all():
        quiet = ~quiet
    series = _series(picture, frame[~quiet])
    head = say("{value} by {x}", value=say(measure or VALUE), x=_axis(picture.axes[0], picture.x))
    muted = [_on_average(name, part) for name, part in _series(picture, frame[quiet])]
    grey = say("; in grey {curves}", curves=", ".join(muted)) if muted else ""
    if len(series) > MOST_COLOURS:
        ends = sorted((float(part["value"].iloc[-1]), name) for name, part in series)
        low, high = ends[0], ends[-1]
        middle = frame[~quiet].groupby(picture.x)["value"].mean().reset_index()
        mean = _course(say("their mean"), middle, picture.x)
        message = noted(
            "{head}, {n} curves: at the end lowest {low} ({lowest}), highest {high} ({highest}); {mean}{grey}."
        )
        return say(
            message, head=head, n=len(series), low=low[1], lowest=_n(low[0]), high=high[1], highest=_n(high[0]),
            mean=mean, grey=grey,
        )  # fmt: skip
    said = [_course(name, part, picture.x) for name, part in series[:MOST_NAMED]]
    more = say("; and {n} more", n=len(series) - MOST_NAMED) if len(series) > MOST_NAMED else ""
    return f"{head}: {'; '.join(said)}{more}{grey}."


def marks_in_words(picture: Curves, frame: "pd.DataFrame", marks: Sequence[Mark]) -> str:
    """Say where marks stand, and where the curves are at a line across x; lines without a label are not told."""
    shades = [mark for mark in marks if mark.kind == "shade"]
    found = [_within(frame[picture.x], mark) for mark in shades]
    label = next((mark.label for mark in shades if mark.label), say("shaded"))
    said = [f"{label} {', '.join(filter(None, found))}"] if any(found) else []
    for mark in marks:
        if mark.label and mark.kind == "y":
            said.append(f"{mark.label} {_n(mark.at)}")
        if mark.label and mark.kind == "x":
            curves = _series(picture, frame[frame[picture.x] == mark.at])[:MOST_COLOURS]
            values = ", ".join(f"{name} {_n(part['value'].iloc[0])}".strip() for name, part in curves)
            said.append(say("{mark} at {x}", mark=mark.label, x=_n(mark.at)) + (f" ({values})" if values else ""))
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _within(x: "pd.Series", mark: Mark) -> str:
    inside = x[x.between(mark.at, mark.to)]
    if inside.empty:
        return ""
    low, high = _n(inside.min()), _n(inside.max())
    return low if low == high else say("{low} to {high}", low=low, high=high)


def bars_in_words(picture: Bars, frame: "pd.DataFrame", measure: str) -> str:
    """Say the lowest and the highest bar, or all of a few."""
    if frame.empty:
        return say(NOTHING)
    keys = [key for key in (picture.panel, picture.x, picture.by) if key]
    named = [(" / ".join(str(row[key]) for key in keys), float(row["value"])) for row in frame.to_dict("records")]
    head = say(measure or VALUE)
    if len(named) <= MOST_NAMED:
        return f"{head}: {'; '.join(f'{name} {_n(value)}' for name, value in named)}."
    low, high = min(named, key=lambda each: each[1]), max(named, key=lambda each: each[1])
    message = noted("{value}: lowest {low} ({lowest}), highest {high} ({highest}) of {n}.")
    return say(
        message, value=head, low=low[0], lowest=_n(low[1]), high=high[0], highest=_n(high[1]), n=len(named),
    )  # fmt: skip


def matrix_in_words(picture: Matrix, matrix: "pd.DataFrame") -> str:
    """Say the smallest and the largest cell and the mean; of a mirrored matrix without its diagonal."""
    cells = [
        (float(matrix.loc[row, name]), row, name)
        for row in matrix.index
        for name in matrix.columns
        if not (picture.mirrored and row == name) and matrix.loc[row, name] == matrix.loc[row, name]
    ]
    if not cells:
        return say(NOTHING)
    low, high = min(cells, key=lambda cell: cell[0]), max(cells, key=lambda cell: cell[0])
    mean = sum(cell[0] for cell in cells) / len(cells)
    down, across = picture.axes[1], picture.axes[0]
    unit = say("{unit} off the diagonal", unit=say(picture.unit)) if picture.mirrored else say(picture.unit)

    def named_cell(cell: tuple[float, Any, Any]) -> str:
        return f"{_n(cell[0])} ({down} {cell[1]}, {across} {cell[2]})"

    if low[0] == high[0]:
        return say("{unit}: {value} everywhere ({n} cells).", unit=unit, value=_n(low[0]), n=len(cells))
    message = noted("{unit}: lowest {low}, highest {high}, mean {mean}.")
    return say(message, unit=unit, low=named_cell(low), high=named_cell(high), mean=_n(mean))


def points_in_words(picture: Points, frame: "pd.DataFrame") -> str:
    """Say how many points there are and the middle of each group."""
    if frame.empty:
        return say(NOTHING)
    keys = [key for key in (picture.panel, picture.by) if key]
    head = say_many("{n} point", "{n} points", len(frame))
    if not keys:
        x, y = _mean(frame, picture.x), _mean(frame, picture.y)
        message = noted("{points}; middle at {x_axis} {x}, {y_axis} {y}.")
        return say(message, points=head, x_axis=say(picture.axes[0]), x=x, y_axis=say(picture.axes[1]), y=y)
    groups = list(frame.groupby(keys, sort=False))
    said = [f"{_joined(name)} ({_mean(part, picture.x)}, {_mean(part, picture.y)})" for name, part in groups[:8]]
    more = say(" and {n} more", n=len(groups) - 8) if len(groups) > 8 else ""
    return say("{points}; middles: {groups}{more}.", points=head, groups="; ".join(said), more=more)


def _series(picture: Curves, frame: "pd.DataFrame") -> "list[tuple[str, pd.DataFrame]]":
    keys = [key for key in (picture.panel, picture.by) if key]
    if not keys:
        return [("", frame.sort_values(picture.x))] if len(frame) else []
    return [(_joined(name), part.sort_values(picture.x)) for name, part in frame.groupby(keys, sort=False)]


def _course(name: str, part: "pd.DataFrame", x: str) -> str:
    low, high = part.loc[part["value"].idxmin()], part.loc[part["value"].idxmax()]
    first, last = (_n(part["value"].iloc[at]) for at in (0, -1))
    ends = say("{curve} from {first} to {last}", curve=name, first=first, last=last).strip()
    if len(part) < 3:
        return ends
    message = noted("{course}, lowest {low} at {lowest}, highest {high} at {highest}")
    return say(
        message, course=ends, low=_n(low["value"]), lowest=_n(low[x]), high=_n(high["value"]), highest=_n(high[x])
    )


def _on_average(name: str, part: "pd.DataFrame") -> str:
    return say("{curve} {value} on average", curve=name, value=_n(part["value"].mean()))


def _axis(title: str, column: str) -> str:
    return say(title.split(" (", maxsplit=1)[0] or column.replace("_", " ")).lower()


def _mean(frame: "pd.DataFrame", column: str) -> str:
    return _n(float(frame[column].mean()))


def _joined(name: Any) -> str:
    return " / ".join(map(str, name)) if isinstance(name, Sequence) and not isinstance(name, str) else str(name)


def _n(value: Any) -> str:
    return readable(float(value)) if isinstance(value, int | float) or hasattr(value, "dtype") else str(value)

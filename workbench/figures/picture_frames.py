"""Rows of a declared picture: picked, shaped, averaged. What is drawn and what is said come from one frame.

Design decisions:
- A control that stands on a value which the rows do not have falls back to the first (or newest) one, in the frame and
  in its widget alike, so that a picture never shows another value than its control names.
"""

# pyright: reportMissingTypeStubs=false

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, create_model

from workbench.contract.engine import Engine
from workbench.contract.field_docs import field_docs
from workbench.contract.pictures import Bars, Curves, Matrix, Measure, Pick, Picture, Points, Rows, Source
from workbench.contract.schema import Config
from workbench.contract.views import NoControls, Tables
from workbench.contract.vocabulary import OneOf
from workbench.messages import noted, say

if TYPE_CHECKING:
    import pandas as pd

MOST_COLOURS = 8
"""More series than this are drawn grey, with their mean and a chosen one marked."""
MEASURE, MARKED = "measure", "marked"
MEAN = noted("mean")
"""Name of the series that stands for all where there are too many."""


def controls_of(picture: Picture) -> type[Config]:
    """Make the controls of a picture: one for each pick, one for a choice of measures, one for many series."""
    fields: dict[str, Any] = {}
    for pick in picture.source.picks:
        kind = int if _whole(picture.source, pick) else str
        default = Field(pick.begin if kind is int else pick.every, description=_help(picture.source, pick))
        fields[pick.column] = (Annotated[kind, OneOf((), open=True)], default)
    if isinstance(picture, Curves) and isinstance(picture.y, Measure):
        titles = tuple(picture.y.titles.values())
        fields[MEASURE] = (Annotated[str, OneOf(titles)], Field(titles[0], description=noted("What is drawn.")))
    if isinstance(picture, Curves) and not isinstance(picture, Bars) and picture.by:
        told = noted("Curve to mark where there are too many for colours.")
        fields[MARKED] = (Annotated[str, OneOf((), open=True)], Field("", description=told))
    if not fields:
        return NoControls
    return create_model(f"{picture.name.title().replace('_', '')}Controls", __base__=Config, **fields)


def options_of(picture: Picture, tables: Tables, engine: Engine) -> Mapping[str, Sequence[Any]]:
    """Say what the controls may be set to, given the rows."""
    shaped = _shaped(picture.source, tables)
    found: dict[str, Sequence[Any]] = {}
    for pick in picture.source.picks:
        column = [pick.column] if pick.column in shaped else None
        values = list(dict.fromkeys(_values(pick, shaped.drop_duplicates(column), engine)))
        if _whole(picture.source, pick):
            found[pick.column] = [int(value) for value in values]
        else:
            found[pick.column] = ([""] if pick.last and values else []) + ([pick.every] if pick.every else []) + values
    if isinstance(picture, Curves) and isinstance(picture.y, Measure):
        found[MEASURE] = list(picture.y.titles.values())
    if isinstance(picture, Curves) and not isinstance(picture, Bars) and picture.by and picture.by in shaped:
        series = [str(name) for name in _named(shaped, engine)[picture.by].unique() if str(name) not in picture.muted]
        found[MARKED] = ["", *series] if len(series) > MOST_COLOURS else [""]
    return found


def picked(picture: Picture, tables: Tables, controls: Any, engine: Engine) -> "pd.DataFrame":
    """Return rows that the picks keep, arms under their titles."""
    rows, _ = _kept(picture, tables, controls, engine)
    return _named(rows, engine)


def replaced_picks(picture: Picture, tables: Tables, controls: Any, engine: Engine) -> str:
    """Say which values that the rows have elsewhere, but not under the other picks, were replaced by others."""
    rows, replaced = _kept(picture, tables, controls, engine)
    return "" if rows.empty or not replaced else f"{'; '.join(replaced)}."


def _kept(picture: Picture, tables: Tables, controls: Any, engine: Engine) -> "tuple[pd.DataFrame, list[str]]":
    whole = rows = _shaped(picture.source, tables)
    replaced: list[str] = []
    for pick in picture.source.picks:
        if rows.empty:
            break
        asked = str(getattr(controls, pick.column))
        if pick.every and asked == pick.every:
            continue
        values = _values(pick, rows, engine)
        value = asked if asked in set(values) else values[-1 if pick.last else 0]
        if value != asked and asked in _values(pick, whole, engine):
            message = noted("{column} {value} is shown, for {asked} has no rows")
            column = say(pick.column.replace("_", " ").capitalize())
            replaced.append(say(message, column=column, value=value, asked=asked))
        rows = rows[[each == value for each in values]]
    return rows, replaced


def measure_of(picture: Curves, controls: Any) -> tuple[str, str]:
    """Return column that is drawn, and the title of its axis."""
    if not isinstance(picture.y, Measure):
        return picture.y, picture.axes[1]
    asked = getattr(controls, MEASURE, "")
    column = next((name for name, title in picture.y.titles.items() if title == asked), next(iter(picture.y.titles)))
    return column, picture.y.titles[column]


def averaged(picture: Curves, tables: Tables, controls: Any, engine: Engine, each: str | None = None) -> "pd.DataFrame":
    """Return a row for each x, series and panel with its "value", averaged (or summed) over what plays no part.

    Args:
        each: a further column whose values are kept apart.
    """
    rows = picked(picture, tables, controls, engine)
    column, _ = measure_of(picture, controls)
    keys = list(dict.fromkeys(key for key in (picture.x, picture.by, picture.panel, each) if key))
    if rows.empty:
        return rows.reindex(columns=[*keys, "value"])
    grouped = rows.assign(value=rows[column].astype(float)).groupby(keys, sort=False)["value"]
    total = isinstance(picture, Bars) and picture.total
    frame = (grouped.sum(min_count=1) if total else grouped.mean()).reset_index()
    return frame[frame["value"].notna()].reset_index(drop=True)


def matrix_of(picture: Matrix, tables: Tables, controls: Any, engine: Engine) -> "pd.DataFrame":
    """Return the matrix that is drawn; rows and columns in the order in which they first come, numbers in theirs."""
    import pandas as pd

    rows = picked(picture, tables, controls, engine)
    if rows.empty:
        return pd.DataFrame()
    if picture.mirrored:
        turned = rows.rename(columns={picture.down: picture.across, picture.across: picture.down})
        rows = pd.concat([rows, turned], ignore_index=True)
    table = rows.assign(**{picture.value: rows[picture.value].astype(float)}).pivot_table(
        index=picture.down, columns=picture.across, values=picture.value, aggfunc="mean"
    )
    down = _order(rows[picture.down])
    return table.reindex(index=down, columns=down if picture.mirrored else _order(rows[picture.across]))


def row_names(picture: Matrix, tables: Tables, controls: Any, engine: Engine) -> dict[Any, str]:
    """Name of each row of a matrix on its axis, by its key."""
    rows = picked(picture, tables, controls, engine)
    return {} if rows.empty else dict(zip(rows[picture.down], rows[picture.label].astype(str), strict=True))


def listed(picture: Rows, tables: Tables, controls: Any, engine: Engine) -> "pd.DataFrame":
    """Return the rows of a listing under their titles."""
    rows = picked(picture, tables, controls, engine)
    if picture.sort and len(rows):
        key = picture.sort.removeprefix("-")
        rows = rows.sort_values(key, ascending=not picture.sort.startswith("-"), kind="stable", ignore_index=True)
    if not picture.columns:
        return rows
    return rows.reindex(columns=list(picture.columns)).rename(columns=dict(picture.columns))


def plotted(picture: Points, tables: Tables, controls: Any, engine: Engine) -> "pd.DataFrame":
    """Return the rows that are drawn as points."""
    rows = picked(picture, tables, controls, engine)
    return rows[rows[picture.x].notna() & rows[picture.y].notna()] if len(rows) else rows


def _shaped(source: Source, tables: Tables) -> "pd.DataFrame":
    rows = tables[source.rows]
    return source.where(rows, tables) if source.where else rows


def _named(rows: "pd.DataFrame", engine: Engine) -> "pd.DataFrame":
    if "arm" not in rows or rows.empty:
        return rows
    titles = {arm.name: say(arm.title) for arm in engine.arms}
    return rows.assign(arm=[titles.get(name, name) for name in rows["arm"]])


def _values(pick: Pick, rows: "pd.DataFrame", engine: Engine) -> list[str]:
    """Value of each row as the control names it."""
    if pick.column not in rows:
        return []
    # Each value is turned into text once: tables have some hundred thousand rows and a few values.
    values = rows[[pick.column]].drop_duplicates()
    names = dict(zip(values[pick.column], map(str, _named(values, engine)[pick.column]), strict=True))
    return rows[pick.column].map(names).tolist()


def _whole(source: Source, pick: Pick) -> bool:
    """Whether the control is a slider over whole numbers."""
    field = source.rows.model_fields.get(pick.column)
    return bool(field and field.annotation is int and not pick.every and not pick.last)


def _help(source: Source, pick: Pick) -> str:
    told = pick.help or field_docs(source.rows).get(pick.column, "")
    return told or say("Which {column} is shown.", column=pick.column.replace("_", " "))


def _order(column: "pd.Series") -> list[Any]:
    values = list(column.drop_duplicates())
    numbers = all(isinstance(value, int | float) for value in values)
    return sorted(values) if numbers else values

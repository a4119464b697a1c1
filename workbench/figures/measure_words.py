"""What a figure of intervals shows, in one or two sentences made from the very rows that are drawn."""

# pyright: reportMissingTypeStubs=false

import math
from typing import TYPE_CHECKING

from workbench.figures.dot_plot import difference_words
from workbench.figures.measured import Measured
from workbench.messages import noted, say, say_many
from workbench.number_format import quantity

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 6
MANY_PLACES = 8
"""From so many slices on, some lie clear of zero by chance alone, and the sentence says so."""


def sentence(found: Measured) -> str:
    """Say what the figure shows: every arm's number, or where an arm is above the other; then every caution."""
    if found.rows.empty:
        return say("{metric} has no outcomes yet.", metric=say(found.metric.shown))
    said = _over_places(found) if found.along else _over_arms(found)
    return " ".join(part for part in [said, _cautions(found), _missing(found)] if part)


def _over_arms(found: Measured) -> str:
    told = [f"{row.title} {_number(found, row)}" for row in found.rows.head(MOST_NAMED).itertuples()]
    rest = len(found.rows) - len(told)
    more = [say_many("and {n} more arm", "and {n} more arms", rest)] if rest else []
    listed = "; ".join([*told, *more])
    return f"{_subject(found)}: {listed}."


def _subject(found: Measured) -> str:
    if found.reference is None:
        return say(found.metric.shown)
    return f"{say(found.metric.shown)}, {difference_words(found)}"


def _number(found: Measured, row: object) -> str:
    low, high = float(getattr(row, "low")), float(getattr(row, "high"))  # noqa: B009 - pandas types no row
    number = found.number(float(getattr(row, "estimate")))  # noqa: B009
    return number if math.isnan(low) or math.isnan(high) else f"{number} ({found.between(low, high)})"


def _over_places(found: Measured) -> str:
    parts = [(str(arm), rows) for arm, rows in found.rows.groupby("title", sort=False)]
    told = [
        _signs(arm, found.along, rows) if found.reference else _extremes(found, arm, rows)
        for arm, rows in parts[:MOST_NAMED]
    ]
    many = max(len(rows) for _, rows in parts)
    chance = say("Of {n} intervals at 95 %, about one in twenty leaves zero out by chance.", n=many)
    said = f"{_subject(found)}: {'; '.join(told)}."
    return f"{said} {chance}" if _many(found) else said


def _many(found: Measured) -> bool:
    return found.reference is not None and len(found.places) >= MANY_PLACES


def _signs(arm: str, noun: str, rows: "pd.DataFrame") -> str:
    """In how many places an arm is above the reference, and where its 95 % interval says so."""
    above, clear = int((rows["estimate"] > 0).sum()), int((rows["low"] > 0).sum())
    below, sunk = int((rows["estimate"] < 0).sum()), int((rows["high"] < 0).sum())
    message = noted(
        "{arm} is above it in {above} of {places} ({clear} with the whole interval), below in {below} ({sunk})"
    )
    places = f"{len(rows):,} {say(noun if len(rows) == 1 else f'{noun}s')}"
    return say(message, arm=arm, above=above, places=places, clear=clear, below=below, sunk=sunk)


def _extremes(found: Measured, arm: str, rows: "pd.DataFrame") -> str:
    low, high = rows.loc[rows["estimate"].idxmin()], rows.loc[rows["estimate"].idxmax()]
    if len(rows) == 1:
        return f"{arm} {quantity(float(low['estimate']), found.metric.unit)} ({low['place']})"
    return say(
        "{arm} from {low} ({lowest}) to {high} ({highest})",
        arm=arm,
        low=found.number(float(low["estimate"])),
        lowest=low["place"],
        high=found.number(float(high["estimate"])),
        highest=high["place"],
    )


def _cautions(found: Measured) -> str:
    """Each caution once, with the arms that carry it: their lines are broken."""
    by_text: dict[str, list[str]] = {}
    for row in found.rows.to_dict("records"):
        if row["caution"] and row["title"] not in by_text.setdefault(row["caution"], []):
            by_text[row["caution"]].append(row["title"])
    told = [f"{', '.join(arms)}: {text.rstrip('.')}." for text, arms in by_text.items()]
    return say("Broken lines: {cautions}", cautions=" ".join(told)) if told else ""


def _missing(found: Measured) -> str:
    rest = len(found.missing) - MOST_NAMED
    named = [*found.missing[:MOST_NAMED], *([say("and {n} more", n=f"{rest:,}")] if rest > 0 else [])]
    return say("No number for {what}.", what="; ".join(named)) if named else ""

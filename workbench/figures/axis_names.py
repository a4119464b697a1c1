"""Names and whole numbers on axes: long names break into lines, steps between whole ticks are round."""

# pyright: reportMissingTypeStubs=false

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from workbench.figures.plotting import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST_LETTERS = 16
"""A name on an axis breaks into lines of at most so many letters, at blanks and hyphens, and never within a word."""
MOST_TICKS = 12


def broken(name: str, most: int = MOST_LETTERS) -> str:
    """Break a name into lines for plotly, escaped."""
    lines = [""]
    for piece in re.findall(r"[^\s-]*-+|[^\s-]+\s*", name):
        if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > most:
            lines.append("")
        lines[-1] += piece
    return "<br>".join(plain(line.rstrip()) for line in lines) or " "


def name_categories(
    drawn: "go.Figure", axis: Literal["x", "y"], keys: Sequence[Any], titles: Mapping[Any, str] | None = None
) -> "go.Figure":
    """Put names, broken into lines, at the categories of an axis; returns the same figure.

    Args:
        keys: the categories as they are drawn.
        titles: other names to show for them.
    """
    found = {"tickvals": [plain(str(key)) for key in keys]}
    found["ticktext"] = [broken((titles or {}).get(key, str(key))) for key in keys]
    return drawn.update_xaxes(**found) if axis == "x" else drawn.update_yaxes(**found)


def whole_step(span: int, ticks: int = MOST_TICKS) -> int:
    """Return the least step of 1, 2, 5, 10, 20, 50 ... that puts at most so many ticks on a span."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if span <= step * ticks:
                return step
        power *= 10

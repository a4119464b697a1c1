"""The look of figures: colours, dashes, symbols and hatches, so that nobody needs to tell colours apart."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

CATEGORICAL = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C8C8C", "#B8A800")
"""Okabe and Ito's colours; black and yellow exchanged for a grey and an ochre that show on white and on black."""

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "triangle-down", "cross", "star")
HATCHES = ("", "/", ".", "\\", "x", "-", "+", "|")
SEQUENTIAL = "Cividis"
DIVERGING = ((0.0, "#0072B2"), (0.5, "#F2F2F2"), (1.0, "#D55E00"))
GREY = "rgba(128,128,128,0.9)"
GRID = "rgba(128,128,128,0.22)"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


@dataclass(frozen=True)
class SeriesStyle:
    """Look of one series: colour, and three channels that say the same without colour."""

    color: str
    dash: str
    symbol: str
    hatch: str


def series_style(index: int) -> SeriesStyle:
    """Return style of series `index`; colours repeat after eight, with another dash, symbol and hatch."""
    turn = index // len(CATEGORICAL)
    return SeriesStyle(
        CATEGORICAL[index % len(CATEGORICAL)],
        DASHES[(index + turn) % len(DASHES)],
        SYMBOLS[(index + turn) % len(SYMBOLS)],
        HATCHES[(index + turn) % len(HATCHES)],
    )


def translucent(color: str, alpha: float) -> str:
    """Write `#rrggbb` with an opacity, as plotly does."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


@cache
def template() -> "go.layout.Template":
    """Return the bench's plotly template: transparent, quiet grid, system fonts, legend above."""
    import plotly.graph_objects as go

    axis = {
        "gridcolor": GRID, "zerolinecolor": GRID, "linecolor": GREY, "showline": True, "ticks": "outside",
        "tickcolor": GREY, "ticklen": 4, "automargin": True, "title": {"standoff": 10},
    }  # fmt: skip
    layout = go.Layout(
        font={"family": FONT, "size": 13, "color": "#6b6b6b"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        colorway=list(CATEGORICAL),
        margin={"l": 56, "r": 16, "t": 28, "b": 48},
        hovermode="closest",
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "xanchor": "left"},
        xaxis=axis,
        yaxis=axis,
        uirevision="kept",
    )
    return go.layout.Template(layout=layout)

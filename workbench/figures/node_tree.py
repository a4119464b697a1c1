"""A hierarchy as lines to children: level by place and colour, status by shape, each label beside its mark."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.contract.views import Node
from workbench.figures import plotting
from workbench.figures.palette import CATEGORICAL, GREY, SYMBOLS

if TYPE_CHECKING:
    import plotly.graph_objects as go

LETTERS, MOST_LINES = 40, 3
"""Of a label: a line fits a phone beside its mark."""
LEVELS_WIDE = 16
"""The width of a figure, in levels: an indent is some 20 pixels on a phone and 70 on a screen."""
LINE_PIXELS, GAP_PIXELS, HEAD_PIXELS, MOST_PIXELS = 17, 13, 56, 8_000


@dataclass(frozen=True)
class _Placed:
    """A node, its level from 0, the middle of its label from above in pixels, and its parent's place in the list."""

    node: Node
    level: int
    height: float
    parent: int | None


def node_tree(nodes: Sequence[Node]) -> "go.Figure":
    """Return a hierarchy as a figure, its nodes depth first from above; what hangs on no root is left out.

    A point's customdata is the id of its node.
    """
    made = plotting.blank("")
    made.layout.annotations = []
    placed = list(_placed(nodes))
    if not placed:
        return plotting.blank()
    total = placed[-1].height + LINE_PIXELS * MOST_LINES
    made.update_layout(margin={"l": 4, "r": 4, "t": HEAD_PIXELS, "b": 4}, height=min(MOST_PIXELS, total + HEAD_PIXELS))
    made.update_xaxes(visible=False, range=[-0.4, LEVELS_WIDE], fixedrange=True)
    made.update_yaxes(visible=False, range=[total, -GAP_PIXELS - LINE_PIXELS], fixedrange=True)
    _add_lines(made, placed)
    statuses = list(dict.fromkeys(each.node.status for each in placed))
    shapes = {status: SYMBOLS[at % len(SYMBOLS)] for at, status in enumerate(statuses)}
    made.add_scatter(
        x=[each.level for each in placed], y=[each.height for each in placed], mode="markers+text",
        text=["<br>".join(map(plotting.plain, _lines(each.node))) for each in placed], textposition="middle right",
        customdata=[each.node.id for each in placed], showlegend=False, cliponaxis=False,
        hovertext=[plotting.plain(f"{each.node.label} ({each.node.status})") for each in placed], hoverinfo="text",
        marker={"size": 12, "symbol": [shapes[each.node.status] for each in placed],
                "color": [CATEGORICAL[each.level % len(CATEGORICAL)] for each in placed]},
    )  # fmt: skip
    for status, shape in shapes.items() if any(statuses) else ():
        made.add_scatter(
            x=[None], y=[None], mode="markers", name=plotting.plain(status), marker={"symbol": shape, "color": GREY,
                                                                                   "size": 11},
        )  # fmt: skip
    return made


def _placed(nodes: Sequence[Node]) -> Iterator[_Placed]:
    """Nodes depth first, each below the one before it."""
    known = {node.id for node in nodes}
    below: dict[str | None, list[Node]] = {}
    for node in nodes:
        below.setdefault(node.parent if node.parent in known else None, []).append(node)
    waiting = [(node, 0, None) for node in reversed(below.get(None, []))]
    height = at = 0
    while waiting:
        node, level, parent = waiting.pop()
        lines = LINE_PIXELS * len(_lines(node))
        yield _Placed(node, level, height + lines / 2, parent)
        height += lines + GAP_PIXELS
        waiting += [(child, level + 1, at) for child in reversed(below.get(node.id, []))]
        at += 1


def _lines(node: Node) -> list[str]:
    return textwrap.wrap(node.label, LETTERS, max_lines=MOST_LINES, placeholder=" ...") or [""]


def _add_lines(made: "go.Figure", placed: Sequence[_Placed]) -> None:
    """A line from each node down its parent's side and across to it."""
    across: list[float | None] = []
    down: list[float | None] = []
    for each in placed:
        if each.parent is not None:
            above = placed[each.parent]
            across += [above.level, above.level, each.level, None]
            down += [above.height, each.height, each.height, None]
    made.add_scatter(
        x=across, y=down, mode="lines", line={"color": GREY, "width": 1.5}, showlegend=False, hoverinfo="skip"
    )

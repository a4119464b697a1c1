"""How each kind of view is drawn: figure, rows, tree with outline, marked text."""

import json
from collections.abc import Sequence
from typing import Any

import gradio as gr

from workbench.contract.schema import Config
from workbench.contract.views import Chart, Listing, Node, Passage, Span, Tables, Tree
from workbench.figures.measures import Drawable, MeasuredChart
from workbench.figures.node_tree import node_tree
from workbench.figures.palette import CATEGORICAL
from workbench.messages import say, say_many
from workbench.ui.elements.elements import Html, join, table, tag
from workbench.ui.elements.plots import figure_json, plot
from workbench.ui.elements.rows_table import rows_json, rows_table

MOST_MARKS = len(CATEGORICAL)


def body_of(view: Drawable, file_name: str, plotly_url: str) -> gr.HTML:
    """Return the component that shows `view`; built inside an open Blocks context."""
    match view:
        case Chart() | Tree():
            return plot(view.title, file_name, plotly_url)
        case Listing():
            return rows_table(view.title, file_name)
        case Passage():
            return gr.HTML(empty_body(view), elem_classes=["bw-passage"])


def empty_body(view: Drawable) -> str:
    """Value of the body that shows that there are no rows; figures and tables say it themselves."""
    return tag("p", say("No rows yet"), class_="bw-plot-note") if isinstance(view, Passage) else ""


def drawn(view: Drawable, tables: Tables, config: Config) -> tuple[str, Html]:
    """(value of the body, summary in words) of a view over these rows."""
    if not any(len(tables[kind]) for kind in view.reads):
        return empty_body(view), Html("")
    match view:
        case Chart():
            return figure_json(view.draw(tables, config)), chart_words(view, tables, config)
        case Listing():
            frame = view.rows(tables, config)
            return rows_json(frame, key=view.selects), Html("")
        case Tree():
            nodes = view.nodes(tables, config)
            return figure_json(node_tree(nodes)), outline(nodes)
        case Passage():
            return passage_html(view.spans(tables, config)), Html("")


def chart_words(view: Chart, tables: Tables, config: Config) -> Html:
    """Return what a chart shows in words, and its numbers as a table where it has one."""
    said = tag("p", view.describe(tables, config))
    if not isinstance(view, MeasuredChart) or view.numbers is None:
        return said
    frame = view.numbers(tables, config)
    rows = [tuple(row) for row in frame.itertuples(index=False)]
    numbers = table(list(frame.columns), rows, say("{title}: the numbers", title=say(view.title)))
    return join([said, tag("details", tag("summary", say("The numbers as a table")), numbers, class_="bw-outline")])


def outline(nodes: Sequence[Node]) -> Html:
    """Return the same hierarchy as nested lists, for readers who do not see the figure."""
    below: dict[str | None, list[Node]] = {}
    for node in nodes:
        below.setdefault(node.parent, []).append(node)

    def listed(parent: str | None) -> Html:
        items = [tag("li", _node_words(node), listed(node.id)) for node in below.get(parent, ())]
        return tag("ul", *items) if items else Html("")

    head = tag(
        "summary", say_many("The tree as an outline ({n} node)", "The tree as an outline ({n} nodes)", len(nodes))
    )
    return tag("details", head, listed(None), class_="bw-outline")


def passage_html(spans: Sequence[Span]) -> Html:
    """Text with marks: each class has a colour, an underline of its own and its name in the key below."""
    marks = [mark for mark in dict.fromkeys(span.mark for span in spans) if mark]
    places = {mark: marks.index(mark) % MOST_MARKS for mark in marks}
    words = [
        tag("mark", span.text, tag("sup", span.mark), class_=f"bw-mark-{places[span.mark]}", title=span.note or None)
        if span.mark
        else span.text
        for span in spans
    ]
    key = [tag("li", tag("mark", mark, class_=f"bw-mark-{places[mark]}")) for mark in marks]
    return join([tag("div", *words, class_="bw-text", dir="auto"), tag("ul", *key, class_="bw-key") if key else ""])


def point_key(payload: Any) -> Any:
    """Return the selected key out of a click's payload: a short text, a number, or a list of such; None otherwise."""
    key = payload.get("key") if isinstance(payload, dict) else None
    return key if key is not None and len(json.dumps(key)) <= 2_000 and not isinstance(key, dict) else None


def _node_words(node: Node) -> Html:
    status = tag("span", node.status, class_="bw-chip") if node.status else ""
    return join([node.label, status], " ")

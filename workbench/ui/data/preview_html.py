"""What was seen in a data file, as HTML and as rows of a table."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.contract.runs import RunId
from workbench.formatting import count, size
from workbench.specs.links import artifact_path
from workbench.ui.elements.elements import Html, join, link, notice, table, tag
from workbench.ui.elements.rows_table import rows_json

if TYPE_CHECKING:
    from workbench.history import ArtifactLine

MOST_BROKEN = 200

Line = Mapping[str, Any]
"""A row of the preview, by field."""


def facts_html(facts: Line) -> Html:
    """Name, size and numbers of the file."""
    told = [
        ("Rows", f"{facts['rows']:,}" + ("" if facts["complete"] else " looked at")),
        ("Columns", f"{facts['columns']:,}"),
        ("Unreadable", f"{facts['unreadable']:,}"),
        ("Kind", facts["kind"]),
    ]
    facts_list = tag("dl", *[tag("div", tag("dt", name), tag("dd", value)) for name, value in told], class_="bw-facts")
    credit = tag("p", facts["credit"], class_="bw-hint") if facts["credit"] else ""
    return tag("section", tag("h3", facts["name"]), facts_list, credit, class_="bw-run", aria_label="The file")


def columns_html(columns: Sequence[Line]) -> Html:
    """What each column holds."""
    rows = [
        (
            each["column"],
            each["kind"],
            f"{each['filled']:,}",
            f"{each['distinct']:,}",
            f"{each['shortest']:,} / {each['typical']:,} / {each['longest']:,}",
            each["example"],
        )
        for each in columns
    ]
    head = ("Column", "Holds", "Filled", "Different", "Characters: least / median / most", "For example")
    return table(head, rows, "What each column holds")


def preview_json(columns: Sequence[Line], rows: Sequence[Line], total: int) -> str:
    """The first rows as the table component takes them."""
    import pandas as pd

    names = ["line", *(each["column"] for each in columns)]
    cells = [[row["line"], *row["cells"]][: len(names)] for row in rows]
    return rows_json(pd.DataFrame(cells, columns=pd.Index(names)), total)


def broken_html(broken: Sequence[Line], total: int) -> Html:
    """Broken rows one by one: where, what, what to do."""
    rows = [(f"{row['line']:,}", row["field"] or "whole row", row["what"], row["remedy"]) for row in broken]
    shown = table(("Line", "Field", "What is wrong", "What to do"), rows, "Broken rows")
    more = f"The first {len(rows):,} of {total:,}; the file of broken rows holds all." if total > len(rows) else ""
    return join([shown, tag("p", more, class_="bw-below") if more else ""])


def verdict_html(facts: Line, missing: Sequence[str]) -> Html:
    """How many rows can be used as what, and how a method's setting says so."""
    if missing:
        return notice(
            f"No column was found for {', '.join(missing)}.", "Choose one below, then press Check the rows.", "warn"
        )
    broken = f", {count(facts['broken'], 'row')} cannot" if facts["broken"] else ""
    said = f"{count(facts['usable'], 'row')} can be used as {facts['record']}{broken}."
    setting = join(["In a method's settings: ", tag("code", facts["setting"])]) if facts["setting"] else ""
    return notice(said, setting, "warn" if facts["broken"] else "good")


def downloads_html(run: RunId, files: Sequence["ArtifactLine"]) -> Html:
    """The files that the look made, each with what it is."""
    if not files:
        return Html("")
    items = [
        tag(
            "li",
            link(artifact_path(run, line.name), line.name, download=True),
            f" {_about(line.name)}, ",
            size(line.bytes),
        )
        for line in files
    ]
    return tag("ul", *items, class_="bw-take-along")


def _about(name: str) -> str:
    broken = "-broken." in name
    return "the rows that cannot be used, with reasons" if broken else "the rows that can be used, by field"

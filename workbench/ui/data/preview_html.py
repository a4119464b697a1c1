"""What was seen in a data file, as HTML and as rows of a table."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.contract.runs import RunId
from workbench.formatting import size
from workbench.messages import say, say_html, say_many
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
    rows = f"{facts['rows']:,}"
    told = [
        (say("Rows"), rows if facts["complete"] else say("{n} looked at", n=rows)),
        (say("Columns"), f"{facts['columns']:,}"),
        (say("Unreadable"), f"{facts['unreadable']:,}"),
        (say("Kind"), facts["kind"]),
    ]
    facts_list = tag("dl", *[tag("div", tag("dt", name), tag("dd", value)) for name, value in told], class_="bw-facts")
    credit = tag("p", facts["credit"], class_="bw-hint") if facts["credit"] else ""
    return tag("section", tag("h3", facts["name"]), facts_list, credit, class_="bw-run", aria_label=say("The file"))


def columns_html(columns: Sequence[Line]) -> Html:
    """Return what each column holds."""
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
    head = (
        say("Column"), say("Holds"), say("Filled"), say("Different"), say("Characters: least / median / most"),
        say("For example"),
    )  # fmt: skip
    return table(head, rows, say("What each column holds"))


def preview_json(columns: Sequence[Line], rows: Sequence[Line], total: int) -> str:
    """Return the first rows as the table component takes them."""
    import pandas as pd

    names = ["line", *(each["column"] for each in columns)]
    cells = [[row["line"], *row["cells"]][: len(names)] for row in rows]
    return rows_json(pd.DataFrame(cells, columns=pd.Index(names)), total)


def broken_html(broken: Sequence[Line], total: int) -> Html:
    """Broken rows one by one: where, what, what to do."""
    rows = [(f"{row['line']:,}", row["field"] or say("whole row"), row["what"], row["remedy"]) for row in broken]
    shown = table((say("Line"), say("Field"), say("What is wrong"), say("What to do")), rows, say("Broken rows"))
    told = say("The first {n} of {total}; the file of broken rows holds all.", n=f"{len(rows):,}", total=f"{total:,}")
    more = told if total > len(rows) else ""
    return join([shown, tag("p", more, class_="bw-below") if more else ""])


def verdict_html(facts: Line, missing: Sequence[str]) -> Html:
    """Return how many rows can be used as what, and how a method's setting says so."""
    if missing:
        return notice(
            say("No column was found for {fields}.", fields=", ".join(missing)),
            say("Choose one below, then press Check the rows."),
            "warn",
        )
    usable, broken = facts["usable"], facts["broken"]
    said = say_many(
        "{n} row can be used as {record}", "{n} rows can be used as {record}", usable, record=facts["record"]
    )
    if broken:
        said = say_many("{usable}, {n} row cannot", "{usable}, {n} rows cannot", broken, usable=said)
    code = tag("code", facts["setting"])
    setting = say_html("In a method's settings: {setting}", setting=code) if facts["setting"] else ""
    return notice(f"{said}.", setting, "warn" if broken else "good")


def downloads_html(run: RunId, files: Sequence["ArtifactLine"]) -> Html:
    """Return the files that the look made, each with what it is."""
    if not files:
        return Html("")
    items = [
        tag(
            "li",
            link(artifact_path(run, line.name), line.name, download=True),
            " ",
            _about(line.name),
            ", ",
            size(line.bytes),
        )
        for line in files
    ]
    return tag("ul", *items, class_="bw-take-along")


def _about(name: str) -> str:
    broken = "-broken." in name
    return say("the rows that cannot be used, with reasons") if broken else say("the rows that can be used, by field")

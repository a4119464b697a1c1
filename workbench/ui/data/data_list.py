"""The list of data sets as HTML: what their rows hold, how many there are, and whom to credit."""

from collections.abc import Sequence

from workbench.contract.catalogue import DataLine
from workbench.formatting import size
from workbench.ui.elements.elements import Html, tag
from workbench.ui.elements.markup import empty_list, isolated, list_button, list_cell, list_table

HEAD = ("Data", "Rows hold", "Rows", "Size", "[Actions]")


def data_table(lines: Sequence[DataLine]) -> Html:
    """The data sets, one a row, each with a button to look into it; `model_table.SCRIPT` tells what was pressed."""
    if not lines:
        return empty_list("No data yet. Upload a file, or run benchwright fetch.")
    return list_table("Data sets", HEAD, map(_row, lines))


def _row(line: DataLine) -> Html:
    ref = tag("code", isolated(line.ref, 300)) if line.ref != line.name else ""
    credit = tag("span", isolated(line.credit, 400), class_="bw-note") if line.credit else ""
    name = tag("strong", isolated(line.name, 120))
    return tag(
        "tr",
        tag("th", name, tag("span", ref, class_="bw-sub"), credit, scope="row"),
        list_cell("Rows hold", isolated(line.record, 120) if line.record else "not looked into yet"),
        list_cell("Rows", f"{line.rows:,}" if line.rows is not None else "not counted yet"),
        list_cell("Size", _size(line)),
        list_cell("", list_button("look", "Look", f"Look into {line.name[:200]}", data_ref=line.ref)),
    )


def _size(line: DataLine) -> str:
    if not line.ready:
        return "fetched at first use"
    return "–" if line.disk_bytes is None else size(line.disk_bytes)

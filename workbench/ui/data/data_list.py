"""The list of data sets as HTML: what their rows hold, how many there are, and whom to credit."""

from collections.abc import Sequence

from workbench.contract.catalogue import DataLine
from workbench.formatting import size
from workbench.messages import noted, say
from workbench.ui.elements.elements import Html, join, tag
from workbench.ui.elements.markup import empty_list, isolated, list_button, list_cell, list_table

HEAD = (noted("Data"), noted("Rows hold"), noted("Rows"), noted("Size"), noted("[Actions]"))


def data_table(lines: Sequence[DataLine]) -> Html:
    """Return the data sets, one a row, each with a button to look into it.

    `model_table.SCRIPT` tells what was pressed.
    """
    if not lines:
        return empty_list(say("No data yet. Upload a file, or run benchwright fetch."))
    return list_table(say("Data sets"), tuple(map(say, HEAD)), map(_row, lines))


def _row(line: DataLine) -> Html:
    ref = tag("code", isolated(line.ref, 300)) if line.ref != line.name else ""
    credit = tag("span", isolated(line.credit, 400), class_="bw-note") if line.credit else ""
    name = tag("strong", isolated(line.name, 120))
    return tag(
        "tr",
        tag("th", name, tag("span", ref, class_="bw-sub"), credit, scope="row"),
        list_cell(say("Rows hold"), isolated(line.record, 120) if line.record else say("not looked into yet")),
        list_cell(say("Rows"), f"{line.rows:,}" if line.rows is not None else say("not counted yet")),
        list_cell(say("Size"), _size(line)),
        list_cell(
            "",
            join(
                [
                    list_button("look", say("Look"), say("Look into {name}", name=line.name[:200]), data_ref=line.ref),
                    " ",
                    list_button(
                        "use", say("Use in a run"), say("Use {name} in a run", name=line.name[:180]), data_ref=line.ref
                    ),
                ]
            ),
        ),
    )


def _size(line: DataLine) -> str:
    if not line.ready:
        return (
            say("{size}, fetched at first use", size=size(line.disk_bytes))
            if line.disk_bytes
            else say("fetched at first use")
        )
    return "–" if line.disk_bytes is None else size(line.disk_bytes)

"""Rows as a Gradio component: sortable by keyboard and mouse, saved as CSV by the browser."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from workbench.messages import say
from workbench.ui.elements.elements import tag
from workbench.ui.elements.plots import template_of

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 1_000
LONGEST_CELL = 2_000

_SCRIPT = Path(__file__).with_name("table.js")


def rows_table(title: str, file_name: str) -> gr.HTML:
    """Return a table's place on the page; `.click` carries the selected key, see `view_bodies.point_key`."""
    return gr.HTML(
        value="",
        html_template=template_of(
            tag("div", class_="bw-rows", data_title=title, data_file=file_name, data_words=json.dumps(_words()))
        ),
        js_on_load=_SCRIPT.read_text(encoding="utf-8"),
    )


def rows_json(frame: "pd.DataFrame", total: int | None = None, key: str | None = None) -> str:
    """Return the first `MOST_ROWS` rows as the component takes them.

    Args:
        frame: the rows, in the order in which they are shown at first.
        total: how many there are, where `frame` holds only some.
        key: the column whose values can be selected.
    """
    import pandas as pd

    columns = [str(name) for name in frame.columns]
    shown = frame.head(MOST_ROWS)
    made = {
        "columns": columns,
        "numeric": [bool(pd.api.types.is_numeric_dtype(kind)) for kind in frame.dtypes],
        "rows": [[_cell(value) for value in row] for row in shown.itertuples(index=False, name=None)],
        "total": len(frame) if total is None else total,
        "key": columns.index(key) if key in columns else None,
    }
    # Gradio warns of whatever looks like a script in what it is given, text of a cell too.
    return json.dumps(made, ensure_ascii=False).replace("<", "\\u003c")


def _words() -> dict[str, str]:
    """Give what the component's script says, in the reader's language; it fills the gaps."""
    return {
        "empty": say("No rows yet"),
        "first": say("The first {some} of {all} rows."),
        "rows": say("{all} rows."),
        "one": say("One row."),
        "save": say("Save these rows as CSV"),
        "yes": say("yes"),
        "no": say("no"),
    }


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    if isinstance(value, tuple | list):
        return [_cell(each) for each in value]
    if hasattr(value, "item"):
        return _cell(value.item())
    text = str(value)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"

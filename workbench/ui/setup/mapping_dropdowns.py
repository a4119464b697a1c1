"""Dropdowns that ask which column fills which field; a template such as "{Body} {Question}" joins columns."""

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from workbench.messages import noted, say
from workbench.tool_questions.data_preview import MOST_FIELDS

NO_COLUMN = noted("(no column)")

Updates = dict[Any, Any]
Line = Mapping[str, Any]
"""A row of the data preview, by field."""


def mapping_dropdowns() -> list[gr.Dropdown]:
    """Lay out as many dropdowns as a record may have fields, none of them shown yet."""
    return [
        gr.Dropdown([(say(NO_COLUMN), "")], value="", visible=False, allow_custom_value=True, interactive=True)
        for _ in range(MOST_FIELDS)
    ]


def mapping_updates(dropdowns: Sequence[gr.Dropdown], fields: Sequence[Line], columns: Sequence[str]) -> Updates:
    """Return updates that ask for these fields (`ProposedField`), each with its column so far and why."""
    none = (say(NO_COLUMN), "")
    updates: Updates = {}
    for at, dropdown in enumerate(dropdowns):
        if at >= len(fields):
            updates[dropdown] = gr.update(visible=False, choices=[none], value="")
            continue
        each = fields[at]
        name = field_title(each["field"])
        joined = [each["column"]] if each["column"] and each["column"] not in columns else []
        updates[dropdown] = gr.update(
            visible=True,
            choices=[none, *((column, column) for column in [*columns, *joined])],
            value=each["column"],
            label=name if each["required"] else say("{field} (may stay empty)", field=name),
            info=f"{each['help']} {each['reason']}",
        )
    return updates


def mapping_parts(fields: Sequence[str], columns: Sequence[Any]) -> list[str]:
    """Return the chosen columns as `Looking.mapping` takes them: "question=Q"."""
    chosen = zip(fields, columns, strict=False)
    return [f"{field}={column}" for field, column in chosen if isinstance(column, str) and column]


def field_title(field: str) -> str:
    """Return a field of a record as its label has it."""
    return field.replace("_", " ").capitalize()

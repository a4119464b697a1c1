"""What pickers offer: the catalogue's references that fit a role, read when a page asks for them."""

from collections.abc import Iterable, Mapping
from typing import Any

import gradio as gr

from workbench.contract.catalogue import ModelLine
from workbench.contract.errors import WorkbenchError
from workbench.contract.settings import Setting
from workbench.ui.elements.page_context import PageContext

FITTING: Mapping[str, tuple[str, ...]] = {
    "causal": ("causal", "adapter"),
    "generator": ("causal", "adapter", "generator"),
    "encoder": ("encoder", "causal"),
    "classifier": ("encoder",),
}
"""What a setting asks a model to do, and the roles of models that can; the best first."""

ANY = ("", "rows")
"""What a setting says of its rows when all will do."""

Picker = tuple[Setting, gr.Dropdown]
"""A setting of kind "model" or "data", and the dropdown that asks for it."""


def listed_models(desk: PageContext) -> list[ModelLine]:
    """The catalogue's models, those of deleted runs left out."""
    return [line for line in desk.installed.catalogue.models() if line.place != "run" or _is_there(desk, line.ref)]


def model_refs(desk: PageContext, role: str, lines: Iterable[ModelLine] | None = None) -> list[str]:
    """References of the usable models that can do what `role` asks, the best fit first, then in the list's order."""
    roles = FITTING.get(role, (role,))
    fitting = [line for line in (listed_models(desk) if lines is None else lines) if line.role in roles]
    return [line.ref for line in sorted(fitting, key=lambda line: roles.index(line.role)) if not line.problem]


def data_refs(desk: PageContext, record: str = "") -> list[str]:
    """References of the data sets whose rows are known to fit first, then of those that nobody has looked into."""
    lines = desk.installed.catalogue.data()
    known = [line.ref for line in lines if line.record and (record in ANY or record.startswith(line.record))]
    return known + [line.ref for line in lines if not line.record]


def offered(desk: PageContext, pickers: Iterable[Picker]) -> list[Any]:
    """An update for each picker: what the catalogue offers now. What was chosen stays chosen."""
    lines = listed_models(desk)
    return [gr.update(choices=_choices(desk, setting, picker, lines)) for setting, picker in pickers]


def _choices(desk: PageContext, setting: Setting, picker: gr.Dropdown, lines: Iterable[ModelLine]) -> list[Any]:
    found = model_refs(desk, setting.role, lines) if setting.kind == "model" else data_refs(desk, setting.role)
    first = [value for _, value in picker.choices or ()]
    return list(dict.fromkeys([*first, *found]))


def _is_there(desk: PageContext, ref: str) -> bool:
    try:
        return not desk.history.record(ref.removeprefix("run:").partition("/")[0]).deleted
    except WorkbenchError:
        return False
